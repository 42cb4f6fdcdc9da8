//! Which servers there are: read from the files that users already have for other programs.

mod entry;
mod expand;
mod jsonc;

use super::errors::Voice;
use super::oauth::{Credentials, Registration};
use super::server::Server;
use super::text::Secrets;
use super::{Error, Listing};
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

/// Where to find the value of an environment variable.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A larger text is not read.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// More servers than this are a mistake.
const SERVERS_MAX: usize = 200;

/// The longest name of a server, in bytes.
const NAME_BYTES_MAX: usize = 48;

/// So long a server may take to start, unless its entry says otherwise.
const START_TIME_MAX: Duration = Duration::from_secs(10);

/// What is wrong with a configuration. The text names the place, and never repeats a value of `env` or `headers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    place: String,
    message: String,
}

impl ConfigError {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// Where the mistake is, as in `mcpServers.github.args[1]`. Empty when it is the text as a whole.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => formatter.write_str(&self.message),
            place => write!(formatter, "`{place}`: {}", self.message),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The servers of a configuration, in its order as far as the format has one.
///
/// These formats are understood, and told apart by what is in them:
/// - JSON with `mcpServers`, as in the `.mcp.json` of Claude Code, Claude Desktop, Cursor and others:
///   `{command, args, env, cwd}` or `{type: "http", url, headers}`.
/// - JSON with `servers` and `inputs`, as in the `mcp.json` of VS Code. Comments and trailing commas are allowed, as
///   there. An input has the value of the environment variable `AGENTLOOP_INPUT_…` (its id in capitals, with `_` for
///   what is no letter or digit), or else its `default`.
/// - TOML with `[mcp_servers.name]`, as in the `config.toml` of Codex.
///
/// In JSON, `${VAR}`, `${VAR:-default}`, `${env:VAR}` and `${input:id}` are replaced in all texts of an entry, and
/// `${userHome}` and `${pathSeparator}` too; a `$VAR` without braces stays as it is, as in those programs. In TOML
/// nothing is replaced, as in Codex: there, `env_vars`, `bearer_token_env_var` and `env_http_headers` name variables.
///
/// An entry behind an address may say how we are known to those who let people sign in: `oauth` with `clientId`,
/// `clientSecret`, `callbackPort`, `scopes` and `clientMetadataUrl` as in Claude Code, or with `_` between the words as in
/// Codex, or `auth` with `CLIENT_ID`, `CLIENT_SECRET` and `scopes` as in Cursor. See [`Server::sign_in`].
///
/// Entries with `disabled: true` or `enabled: false` are left out. An entry may say which tools may be used, by the
/// server's names for them: `enabled_tools` or `includeTools`, and `disabled_tools`, `disabledTools` or `excludeTools`.
/// It may have `startup_timeout_sec` and `tool_timeout_sec`. Other members are ignored.
///
/// Besides its own `env`, a program gets `HOME`, `LANG`, `LC_ALL`, `LOGNAME`, `PATH`, `SHELL`, `TERM`, `TMPDIR`, `USER`
/// and, on Windows, what programs need there; nothing else of the environment, and so none of its keys.
///
/// At most 1 MiB of text and 200 servers.
#[derive(Clone, Debug, Default)]
pub struct Servers {
    servers: Vec<Server>,
}

impl Servers {
    /// Reads a configuration. Nothing is started.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] with the place of the first mistake: broken JSON or TOML, a value of the wrong kind, a
    /// variable or input without a value, the older transport `sse`, an address or header that cannot be one.
    ///
    /// ```
    /// use agentloop_tools::mcp::Servers;
    ///
    /// let text = r#"{"mcpServers": {"github": {"type": "http", "url": "https://example.com/mcp",
    ///     "headers": {"Authorization": "Bearer ${GITHUB_TOKEN}"}}}}"#;
    /// let servers = Servers::read(text, &|name| (name == "GITHUB_TOKEN").then(|| "secret".to_owned()))?;
    /// assert_eq!(servers.iter().map(|server| server.name()).collect::<Vec<_>>(), ["github"]);
    ///
    /// let error = Servers::read(text, &|_| None).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`mcpServers.github.headers.Authorization`: the environment variable `GITHUB_TOKEN` of the server `github` \
    ///      is not set; set it, or write `${GITHUB_TOKEN:-…}` with a value to use without it"
    /// );
    /// # Ok::<(), agentloop_tools::mcp::ConfigError>(())
    /// ```
    pub fn read(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(ConfigError::new("", "the configuration has more than 1 MiB"));
        }
        let text = text.trim_start_matches('\u{feff}');
        let (root, format) = if jsonc::looks_like_json(text) {
            (jsonc::read(text).map_err(|error| ConfigError::new("", format!("no valid JSON: {error}")))?, Format::Json)
        } else {
            let table = text
                .parse::<toml::Table>()
                .map_err(|error| ConfigError::new("", format!("neither JSON nor valid TOML: {}", error.message())))?;
            (serde_json::to_value(table).map_err(|error| ConfigError::new("", error.to_string()))?, Format::Toml)
        };
        let inputs = root.get("inputs").or_else(|| root.pointer("/mcp/inputs")).cloned().unwrap_or_default();
        let reader = entry::Reader { environment, inputs: &inputs, format };
        let mut servers: Vec<Server> = Vec::new();
        for (place, members) in lists(&root, format)? {
            for (name, value) in members {
                let place = format!("{place}.{name}");
                let Some(config) = reader.entry(&place, name, value)? else { continue };
                if servers.iter().any(|server| server.name() == name) {
                    return Err(ConfigError::new(place, "there are two servers of this name"));
                }
                servers.push(Server::new(config));
            }
        }
        if servers.len() > SERVERS_MAX {
            return Err(ConfigError::new(
                "",
                format!("there are {} servers, and at most 200 are allowed", servers.len()),
            ));
        }
        Ok(Self { servers })
    }

    /// The same servers, with a place for the tokens of those that people sign in to with [`Server::sign_in`]. Without
    /// one, nobody can sign in.
    #[must_use]
    pub fn with_credentials(self, credentials: &Credentials) -> Self {
        let servers = self.servers.iter().map(|server| server.with_credentials(credentials));
        Self { servers: servers.collect() }
    }

    /// The servers.
    pub fn iter(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter()
    }

    /// The server of this name.
    pub fn get(&self, name: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.name() == name)
    }

    /// Stops all of them, at the same time. See [`Server::stop`].
    pub async fn stop(&self) {
        futures_util::future::join_all(self.servers.iter().map(Server::stop)).await;
    }

    /// Lists the tools of all servers, at the same time: one that is slow or broken holds up no other. See
    /// [`Server::tools`].
    pub async fn tools(&self) -> Vec<(&Server, Result<Listing, Error>)> {
        let lists = self.servers.iter().map(|server| async move { (server, server.tools().await) });
        futures_util::future::join_all(lists).await
    }
}

/// Which rules hold for the texts in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Toml,
}

/// A list of servers, with its place.
type List<'a> = (&'static str, &'a Map<String, Value>);

/// The lists of servers in a configuration.
fn lists(root: &Value, format: Format) -> Result<Vec<List<'_>>, ConfigError> {
    let places: &[(&str, &str)] = match format {
        Format::Json => &[("mcpServers", "/mcpServers"), ("servers", "/servers"), ("mcp.servers", "/mcp/servers")],
        Format::Toml => &[("mcp_servers", "/mcp_servers")],
    };
    let mut lists = Vec::new();
    for (place, pointer) in places {
        match root.pointer(pointer) {
            None => {}
            Some(Value::Object(members)) => lists.push((*place, members)),
            Some(other) => return Err(entry::wrong_kind(place, "an object with the servers", other)),
        }
    }
    if lists.is_empty() {
        let message = match format {
            Format::Json => "there are no servers in it: expected `mcpServers` or `servers`",
            Format::Toml => "there are no servers in it: expected `[mcp_servers.…]`",
        };
        return Err(ConfigError::new("", message));
    }
    Ok(lists)
}

/// How one server is started and reached.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    name: String,
    start_time_max: Duration,
    call_time_max: Option<Duration>,
    choice: Choice,
    secrets: Secrets,
    pub(super) way: Way,
}

/// Which tools of a server may be used.
#[derive(Clone, Debug, Default)]
struct Choice {
    /// Only these, if there is such a list.
    only: Option<Vec<String>>,
    /// Not these.
    except: Vec<String>,
}

/// How a server is reached.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Program(Program),
    Http(Address),
}

/// A program that is a server.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) command: String,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    pub(super) cwd: Option<String>,
}

/// Where a server is.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) registration: Registration,
}

impl ServerConfig {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// So long it may take to start, and so long again to list its tools. Default: 10 s.
    pub fn start_time_max(&self) -> Duration {
        self.start_time_max
    }

    /// So long a call of one of its tools may take, if the configuration says so.
    pub fn call_time_max(&self) -> Option<Duration> {
        self.call_time_max
    }

    /// What it is, for a list of what a script could reach: the program with its arguments, or where it is on the network. Without
    /// the values of its environment and headers; an argument that is one of those is `[secret]`.
    pub fn reach(&self) -> String {
        match &self.way {
            Way::Program(program) => {
                let words = std::iter::once(&program.command).chain(&program.args).map(String::as_str);
                self.secrets.scrub(&format!("the program `{}`", words.collect::<Vec<_>>().join(" ")))
            }
            Way::Http(address) => address.origin(),
        }
    }

    /// Whether the configuration lets the tool be used to which the server gives this name.
    pub fn offers(&self, tool: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == tool);
        self.choice.only.as_deref().is_none_or(named) && !named(&self.choice.except)
    }

    pub(super) fn voice(&self) -> Voice {
        Voice::new(&self.name, self.secrets.clone())
    }
}

impl Program {
    /// The name of the program, without its path.
    pub(super) fn name(&self) -> &str {
        self.command.rsplit(['/', '\\']).next().unwrap_or_default()
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Program").field("command", &self.command).finish_non_exhaustive()
    }
}

impl Address {
    /// The scheme, the host and the port.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Address").field("origin", &self.origin()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
