//! The entry of one server.

use super::expand::Expander;
use super::{
    Address, Choice, ConfigError, Format, Lookup, NAME_BYTES_MAX, Program, Registration, START_TIME_MAX, Secrets,
    ServerConfig, Way,
};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::time::Duration;

/// What a program needs of the environment.
const INHERITED: &[&str] = &[
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "USER",
    // And on Windows:
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATHEXT",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERNAME",
    "USERPROFILE",
    "WINDIR",
];

/// A server may be given so long to start, and to answer.
const SECONDS_MAX: f64 = 3_600.0;

/// Headers that the connection itself needs.
const RESERVED_HEADERS: &[&str] = &[
    "accept",
    "connection",
    "content-length",
    "content-type",
    "host",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
    "transfer-encoding",
];

/// Reads entries.
pub(super) struct Reader<'a> {
    pub(super) environment: Lookup<'a>,
    pub(super) inputs: &'a Value,
    pub(super) format: Format,
}

/// One entry that is being read.
struct Entry<'a> {
    reader: &'a Reader<'a>,
    name: &'a str,
    place: &'a str,
    members: &'a Map<String, Value>,
    used: RefCell<Vec<String>>,
}

impl Reader<'_> {
    /// Reads an entry. `None` if it is switched off.
    pub(super) fn entry(&self, place: &str, name: &str, value: &Value) -> Result<Option<ServerConfig>, ConfigError> {
        let Value::Object(members) = value else {
            return Err(wrong_kind(place, "an object with `command` or `url`", value));
        };
        if name.trim().is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            return Err(ConfigError::new(place, "the name of a server has 1 to 48 bytes and is printable"));
        }
        let entry = Entry { reader: self, name, place, members, used: RefCell::default() };
        if entry.is_off()? {
            return Ok(None);
        }
        let start_time_max = entry.seconds("startup_timeout_sec")?.unwrap_or(START_TIME_MAX);
        let call_time_max = entry.seconds("tool_timeout_sec")?;
        let choice = entry.choice()?;
        let (way, mut secrets) = entry.way()?;
        secrets.append(&mut entry.used.borrow_mut());
        let secrets = Secrets::new(secrets);
        Ok(Some(ServerConfig { name: name.to_owned(), start_time_max, call_time_max, choice, secrets, way }))
    }
}

impl Entry<'_> {
    fn is_off(&self) -> Result<bool, ConfigError> {
        let switch = |name: &str| match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(other) => Err(wrong_kind(&self.place_of(name), "`true` or `false`", other)),
        };
        Ok(switch("disabled")? == Some(true) || switch("enabled")? == Some(false))
    }

    fn seconds(&self, name: &str) -> Result<Option<Duration>, ConfigError> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        match value.as_f64() {
            Some(seconds) if seconds > 0.0 && seconds <= SECONDS_MAX => Ok(Some(Duration::from_secs_f64(seconds))),
            Some(_) => Err(ConfigError::new(self.place_of(name), "expected more than 0 and at most 3600 seconds")),
            None => Err(wrong_kind(&self.place_of(name), "a number of seconds", value)),
        }
    }

    fn choice(&self) -> Result<Choice, ConfigError> {
        let mut choice = Choice::default();
        for name in ["enabled_tools", "includeTools"] {
            if self.members.contains_key(name) {
                choice.only.get_or_insert_default().extend(self.texts(name)?);
            }
        }
        for name in ["disabled_tools", "disabledTools", "excludeTools"] {
            choice.except.extend(self.texts(name)?);
        }
        Ok(choice)
    }

    /// How the server is reached, and which of the values are secret.
    fn way(&self) -> Result<(Way, Vec<String>), ConfigError> {
        let kind = self.text("type")?.or(self.text("transport")?).map(|kind| kind.to_ascii_lowercase());
        let url_name = ["url", "serverUrl", "httpUrl"].into_iter().find(|name| self.members.contains_key(*name));
        let has_command = self.members.contains_key("command");
        match kind.as_deref() {
            Some("sse") => Err(ConfigError::new(
                self.place_of("type"),
                "the older transport `sse` is not supported; use `http` with the server's address of streamable HTTP, \
                 which often ends in `/mcp`",
            )),
            Some("stdio") if !has_command => {
                Err(ConfigError::new(self.place, "a server of type `stdio` needs a `command`"))
            }
            Some("http" | "streamable-http" | "streamable_http" | "streamablehttp") if url_name.is_none() => {
                Err(ConfigError::new(self.place, "a server of type `http` needs a `url`"))
            }
            Some(kind @ ("stdio" | "http" | "streamable-http" | "streamable_http" | "streamablehttp")) => {
                if kind == "stdio" { self.program() } else { self.address(url_name.unwrap_or("url")) }
            }
            Some(other) => Err(ConfigError::new(
                self.place_of("type"),
                format!("`{}` is no type of server; expected `stdio` or `http`", other.escape_debug()),
            )),
            None => match (has_command, url_name) {
                (true, None) => self.program(),
                (false, Some(name)) => self.address(name),
                (true, Some(name)) => Err(ConfigError::new(
                    self.place,
                    format!("there are both `command` and `{name}`; keep one of them"),
                )),
                (false, None) => Err(ConfigError::new(self.place, "there is neither `command` nor `url`")),
            },
        }
    }

    fn program(&self) -> Result<(Way, Vec<String>), ConfigError> {
        let command = self.text("command")?.unwrap_or_default();
        if command.trim().is_empty() {
            return Err(ConfigError::new(self.place_of("command"), "the command is empty"));
        }
        if self.members.contains_key("envFile") {
            return Err(ConfigError::new(
                self.place_of("envFile"),
                "files of variables are not read; put them under `env`",
            ));
        }
        let own = self.texts_by_name("env")?;
        let mut env: Vec<(String, String)> = Vec::new();
        let mut secrets: Vec<String> = own.iter().map(|(_, value)| value.clone()).collect();
        let environment = self.reader.environment;
        env.extend(INHERITED.iter().filter_map(|name| Some(((*name).to_owned(), environment(name)?))));
        for name in self.texts("env_vars")? {
            if let Some(value) = environment(&name) {
                secrets.push(value.clone());
                env.push((name, value));
            }
        }
        env.extend(own);
        if let Some((name, _)) =
            env.iter().find(|(name, value)| name.is_empty() || name.contains(['=', '\0']) || value.contains('\0'))
        {
            return Err(ConfigError::new(
                self.place_of("env"),
                format!("`{}` cannot be a variable", name.escape_debug()),
            ));
        }
        let args = self.texts("args")?;
        let cwd = self.text("cwd")?;
        if args.iter().chain(&cwd).chain([&command]).any(|text| text.contains('\0')) {
            return Err(ConfigError::new(self.place, "a zero character cannot be part of a command"));
        }
        Ok((Way::Program(Program { command, args, env, cwd }), secrets))
    }

    fn address(&self, url_name: &str) -> Result<(Way, Vec<String>), ConfigError> {
        let place = self.place_of(url_name);
        let text = self.text(url_name)?.unwrap_or_default();
        let url = parse_url(&text).map_err(|why| ConfigError::new(place, why))?;
        // A key in the address is as secret as one in a header.
        let mut secrets: Vec<String> = url.query_pairs().map(|(_, value)| value.into_owned()).collect();
        let mut headers = HeaderMap::new();
        let mut all = self.texts_by_name("headers")?;
        all.extend(self.texts_by_name("http_headers")?);
        for (header, variable) in self.texts_by_name("env_http_headers")? {
            all.push((header, self.variable("env_http_headers", &variable)?));
        }
        for (name, value) in all {
            let place = format!("{}.{name}", self.place_of("headers"));
            let (name, value) = header(&place, &name, &value, &mut secrets)?;
            headers.append(name, value);
        }
        if let Some(variable) = self.text("bearer_token_env_var")? {
            let value = format!("Bearer {}", self.variable("bearer_token_env_var", &variable)?);
            let place = self.place_of("bearer_token_env_var");
            headers.insert(AUTHORIZATION, header(&place, "authorization", &value, &mut secrets)?.1);
        }
        let registration = self.registration(&mut secrets)?;
        Ok((Way::Http(Address { url, headers, registration }), secrets))
    }

    /// How we are known to the authorization server.
    fn registration(&self, secrets: &mut Vec<String>) -> Result<Registration, ConfigError> {
        let mut registration = Registration::default();
        for name in ["oauth", "auth"] {
            let place = self.place_of(name);
            let members = match self.members.get(name) {
                // Other programs have a switch there.
                None | Some(Value::Null | Value::Bool(_) | Value::String(_)) => continue,
                Some(Value::Object(members)) => members,
                Some(other) => return Err(wrong_kind(&place, "an object with `clientId`", other)),
            };
            let inner = Entry { place: &place, members, used: RefCell::default(), ..*self };
            let text = |names: [&str; 3]| names.into_iter().find_map(|name| inner.text(name).transpose()).transpose();
            registration.client_id = text(["clientId", "client_id", "CLIENT_ID"])?.or(registration.client_id);
            registration.client_secret =
                text(["clientSecret", "client_secret", "CLIENT_SECRET"])?.or(registration.client_secret);
            registration.client_metadata_url =
                text(["clientMetadataUrl", "client_metadata_url", "CLIENT_METADATA_URL"])?
                    .or(registration.client_metadata_url);
            for name in ["callbackPort", "callback_port"] {
                registration.callback_port = inner.port(name)?.or(registration.callback_port);
            }
            registration.scopes.extend(inner.words("scopes")?);
            self.used.borrow_mut().append(&mut inner.used.borrow_mut());
        }
        secrets.extend(registration.client_secret.clone());
        Ok(registration)
    }

    fn port(&self, name: &str) -> Result<Option<u16>, ConfigError> {
        let Some(value) = self.members.get(name) else { return Ok(None) };
        match value.as_u64().map(u16::try_from) {
            Some(Ok(port)) if port > 0 => Ok(Some(port)),
            _ => Err(ConfigError::new(self.place_of(name), "expected the number of a port, 1 to 65535")),
        }
    }

    /// A list of words, or one text with spaces in between.
    fn words(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        match self.members.get(name) {
            Some(Value::String(_)) => {
                Ok(self.text(name)?.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
            }
            _ => self.texts(name),
        }
    }

    fn variable(&self, member: &str, name: &str) -> Result<String, ConfigError> {
        (self.reader.environment)(name).ok_or_else(|| {
            let message = format!("the environment variable `{name}` of the server `{}` is not set; set it", self.name);
            ConfigError::new(self.place_of(member), message)
        })
    }

    fn place_of(&self, name: &str) -> String {
        format!("{}.{name}", self.place)
    }

    fn expand(&self, place: &str, text: &str) -> Result<String, ConfigError> {
        match self.reader.format {
            Format::Toml => Ok(text.to_owned()),
            Format::Json => {
                let Reader { environment, inputs, .. } = *self.reader;
                Expander { server: self.name, environment, inputs, used: &self.used }.expand(place, text)
            }
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, ConfigError> {
        let place = self.place_of(name);
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => self.expand(&place, text).map(Some),
            Some(other) => Err(wrong_kind(&place, "a text", other)),
        }
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, ConfigError> {
        let place = self.place_of(name);
        let items = match self.members.get(name) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => return Err(wrong_kind(&place, "a list of texts", other)),
        };
        let text = |(at, item): (usize, &Value)| {
            let place = format!("{place}[{at}]");
            match item {
                Value::String(text) => self.expand(&place, text),
                other => Err(wrong_kind(&place, "a text", other)),
            }
        };
        items.iter().enumerate().map(text).collect()
    }

    fn texts_by_name(&self, name: &str) -> Result<Vec<(String, String)>, ConfigError> {
        let place = self.place_of(name);
        let members = match self.members.get(name) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(members)) => members,
            Some(other) => return Err(wrong_kind(&place, "an object of texts", other)),
        };
        let mut texts = Vec::new();
        for (name, value) in members {
            let place = format!("{place}.{name}");
            let text = match value {
                Value::Null => continue,
                Value::String(text) => self.expand(&place, text)?,
                Value::Number(number) => number.to_string(),
                Value::Bool(truth) => truth.to_string(),
                other => return Err(wrong_kind(&place, "a text", other)),
            };
            texts.push((name.clone(), text));
        }
        Ok(texts)
    }
}

/// A header. Its value is a secret from here on.
fn header(
    place: &str,
    name: &str,
    value: &str,
    secrets: &mut Vec<String>,
) -> Result<(HeaderName, HeaderValue), ConfigError> {
    let header =
        HeaderName::try_from(name).map_err(|_| ConfigError::new(place, "this cannot be the name of a header"))?;
    if RESERVED_HEADERS.contains(&header.as_str()) {
        return Err(ConfigError::new(place, "this header is set by the connection itself"));
    }
    let mut text = HeaderValue::try_from(value).map_err(|_| {
        ConfigError::new(place, "the value has characters that no header may have, such as line breaks")
    })?;
    text.set_sensitive(true);
    secrets.push(value.to_owned());
    Ok((header, text))
}

/// Reads an address. The reason why not never repeats it: it may hold a password.
fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}, expected `https://…`"))?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(format!("`{}` is not the scheme of a web address, expected `https://…`", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has a user or a password in it; put them into `headers`, as `Authorization`".to_owned());
    }
    Ok(url)
}

/// A value of another kind than expected. It is not repeated, only its kind.
pub(super) fn wrong_kind(place: &str, expected: &str, found: &Value) -> ConfigError {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    ConfigError::new(place, format!("expected {expected}, found {found}"))
}
