//! Where the tools of a command come from: the configuration, and the flags beside it.

use crate::arguments::ToolArguments;
use crate::config::{At, Config, Folder, Hosts, Mistake, complaint};
use crate::credentials::with_credentials;
use crate::exit::{Complaint, Exit};
use crate::offer::{Listed, without_tools};
use crate::policy;
use crate::{fixtures, script};
use agentloop_sandbox::{Tool, Toolbox};
use agentloop_tools::mcp::{Server, Servers};
use agentloop_tools::policy::{Governed, Policy};
use agentloop_tools::secrets::Resolved;
use agentloop_tools::{Files, Http};
use serde::Serialize;
use std::path::Path;

const SERVERS_BYTES_MAX: usize = 1 << 20;

/// One place that tools come from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Source {
    /// `fixtures`, `files`, `http` or `mcp`.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// What its tools can get at: a folder, hosts, a program.
    pub(crate) reach: String,
    pub(crate) tools: Vec<String>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// What was opened without starting anything.
pub(crate) struct Opened {
    own: Vec<Tool>,
    sources: Vec<Source>,
    servers: Vec<Servers>,
    secrets: Option<Resolved>,
}

type Part = (Source, Vec<Tool>);

impl Opened {
    /// Opens what the flags and the configuration name.
    pub(crate) fn all(arguments: &ToolArguments, config: &Config) -> Result<Self, Complaint> {
        let mut opened = Self::open(config)?;
        opened.add_flags(arguments)?;
        Ok(opened)
    }

    /// The tools that need no server.
    pub(crate) fn toolbox(&self) -> Result<Toolbox, Complaint> {
        toolbox(self.own.iter().cloned())
    }

    /// The MCP servers. None of them runs yet.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &Server> {
        self.servers.iter().flat_map(Servers::iter)
    }

    /// The value of a variable in a configuration of servers.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        variable(name, &self.secrets)
    }

    /// Opens what a configuration names, or tells everything that cannot be opened.
    pub(crate) fn open(config: &Config) -> Result<Self, Complaint> {
        let mut mistakes = Vec::new();
        let secrets = policy::secrets(config).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            None
        });
        let mut opened = Self { own: Vec::new(), sources: Vec::new(), servers: Vec::new(), secrets };
        let mut parts: Vec<(usize, Result<Part, String>)> = Vec::new();
        for At { line, value } in &config.fixtures {
            parts.push((*line, fixtures_of(&config.resolve(value)).map_err(|complaint| complaint.message)));
        }
        for At { line, value: (name, folder) } in &config.files {
            parts.push((*line, files_of(name, &Folder { folder: config.resolve(&folder.folder), ..*folder })));
        }
        for At { line, value: (name, hosts) } in &config.http {
            parts.push((*line, http_of(name, hosts, &opened.secrets)));
        }
        for (line, part) in parts {
            match part {
                Ok(part) => opened.add(part),
                Err(message) => mistakes.push(Mistake { line, message }),
            }
        }
        for At { line, value } in &config.mcp {
            match servers_of(&config.resolve(value), &opened.secrets) {
                Ok(servers) => opened.servers.push(servers),
                Err(complaint) => mistakes.push(Mistake { line: *line, message: complaint.message }),
            }
        }
        if config.has_servers {
            match Servers::read(&config.text, &|name| variable(name, &opened.secrets)) {
                Ok(servers) => opened.servers.push(with_credentials(servers, "--config", &config.path)),
                Err(error) => {
                    mistakes.push(Mistake { line: config.line_of(error.place()), message: error.to_string() })
                }
            }
        }
        if let Err(mistake) = policy::of_config(config) {
            mistakes.push(mistake);
        }
        mistakes.sort_by_key(|mistake| mistake.line);
        if mistakes.is_empty() { Ok(opened) } else { Err(complaint(&config.path, &mistakes)) }
    }

    fn add(&mut self, (source, tools): Part) {
        self.sources.push(source);
        self.own.extend(tools);
    }

    fn add_flags(&mut self, arguments: &ToolArguments) -> Result<(), Complaint> {
        let wrong = |flag: &str, message: String| {
            Complaint::new(Exit::Usage, format!("{flag}: {message}"), "see agentloop run --help")
        };
        for (flag, folder, write) in
            [("--files", &arguments.files, false), ("--files-write", &arguments.files_write, true)]
        {
            if let Some(folder) = folder {
                let folder = Folder { folder: folder.clone(), write };
                self.add(files_of("files", &folder).map_err(|message| wrong(flag, message))?);
            }
        }
        if !arguments.http_host.is_empty() {
            let hosts = Hosts {
                hosts: arguments.http_host.clone(),
                methods: arguments.http_method.clone(),
                private: Vec::new(),
                headers: Vec::new(),
            };
            self.add(http_of("http", &hosts, &self.secrets).map_err(|message| wrong("--http-host", message))?);
        }
        if let Some(path) = &arguments.fixtures {
            self.add(fixtures_of(path)?);
        }
        for path in &arguments.mcp {
            self.servers.push(servers_of(path, &self.secrets)?);
        }
        Ok(())
    }

    /// Puts all tools under the policy, those that servers have listed among them. What tools answer is freed of secrets.
    pub(crate) fn govern(&self, policy: &Policy, listed: &[Listed]) -> (Governed, Vec<Source>) {
        let scrubbed = |tool: &Tool| policy::scrubbed(tool.clone(), self.secrets.as_ref());
        let mut governed = Governed::new(policy).own(self.own.iter().map(scrubbed));
        let mut sources = self.sources.clone();
        for Listed { server, listing, .. } in listed {
            let (tools, notes) = match &**listing {
                Ok(listing) => (listing.tools.as_slice(), listing.notes.clone()),
                Err(error) => (Default::default(), vec![without_tools(error)]),
            };
            governed = governed.foreign(tools.iter().map(scrubbed));
            let (name, reach) = (server.name().to_owned(), server.config().reach());
            sources.push(Source { kind: "mcp", name, reach, tools: names(tools), notes });
        }
        (governed, sources)
    }
}

pub(crate) fn toolbox(tools: impl IntoIterator<Item = Tool>) -> Result<Toolbox, Complaint> {
    Toolbox::new(tools)
        .map_err(|error| Complaint::new(Exit::Usage, error.to_string(), "give one of the sources another name"))
}

fn names(tools: &[Tool]) -> Vec<String> {
    tools.iter().map(|tool| tool.name().to_string()).collect()
}

fn source(kind: &'static str, name: &str, reach: String, tools: Vec<Tool>) -> Part {
    (Source { kind, name: name.to_owned(), reach, tools: names(&tools), notes: Vec::new() }, tools)
}

fn fixtures_of(path: &Path) -> Result<Part, Complaint> {
    let name = path.display().to_string();
    Ok(source("fixtures", &name, "nothing: answers from the file only".to_owned(), fixtures::load(path)?))
}

fn files_of(name: &str, folder: &Folder) -> Result<Part, String> {
    let files = Files::open(&folder.folder).map_err(|error| with_cause(&error))?.name(name);
    let files = if folder.write { files.read_write() } else { files };
    let access = if folder.write { "read and write" } else { "read only" };
    let reach = format!("the folder `{}`, {access}", folder.folder.display());
    Ok(source("files", name, reach, files.tools().map_err(|error| error.to_string())?))
}

fn http_of(name: &str, hosts: &Hosts, secrets: &Option<Resolved>) -> Result<Part, String> {
    let open = || -> Result<Part, agentloop_tools::Error> {
        let mut http = Http::allow(&hosts.hosts)?.name(name);
        if !hosts.methods.is_empty() {
            http = http.methods(&hosts.methods)?;
        }
        for host in &hosts.private {
            http = http.allow_private(host)?;
        }
        for header in &hosts.headers {
            let value = format!("{}{}", header.prefix, secret(&header.secret, secrets).unwrap_or_default());
            http = http.secret_header(&header.host, &header.name, &value)?;
        }
        let methods = if hosts.methods.is_empty() { "GET, HEAD".to_owned() } else { hosts.methods.join(", ") };
        Ok(source("http", name, format!("{}; {methods}", hosts.hosts.join(", ")), http.tools()?))
    };
    if let Some(header) = hosts.headers.iter().find(|header| secret(&header.secret, secrets).is_none()) {
        return Err(format!("there is no secret `{0}`: add [secrets.{0}]", header.secret));
    }
    open().map_err(|error| with_cause(&error))
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// The servers of a file in one of the forms that other programs have.
fn servers_of(path: &Path, secrets: &Option<Resolved>) -> Result<Servers, Complaint> {
    let name = path.display().to_string();
    let bytes = script::read_file(path, SERVERS_BYTES_MAX).map_err(|error| {
        Complaint::new(
            Exit::NotReadable,
            script::cannot_read("configuration of MCP servers", &name, &error),
            "check the path given with --mcp",
        )
    })?;
    let wrong = |message: &str| {
        Complaint::new(
            Exit::Usage,
            format!("`{name}`: {message}"),
            "see \"MCP servers\" in docs/CONFIG.md for the forms",
        )
    };
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text"))?;
    let servers = Servers::read(&text, &|name| variable(name, secrets)).map_err(|error| wrong(&error.to_string()))?;
    Ok(with_credentials(servers, "--mcp", path))
}

/// The value of a variable in a configuration: a secret of that name, or else what the environment says.
fn variable(name: &str, secrets: &Option<Resolved>) -> Option<String> {
    secret(name, secrets).map(str::to_owned).or_else(|| std::env::var(name).ok())
}

fn secret<'a>(name: &str, secrets: &'a Option<Resolved>) -> Option<&'a str> {
    secrets.as_ref()?.get(name)
}
