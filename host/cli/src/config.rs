//! `agentloop.toml`: tools, policy, secrets and limits in one file. Everything that is wrong with it is told, each with its
//! line; a file with a mistake is not used.

mod entries;

use crate::arguments::{ConfigCommand, ToolArguments};
use crate::exit::{Complaint, Exit};
use crate::script;
use crate::sources::Opened;
use crate::terminal::{Screen, Tone};
pub(crate) use entries::{Decision, Folder, Hosts, LimitEntries, Must, Rule, Secret};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

pub(crate) const FILE_NAME: &str = "agentloop.toml";

const FILE_BYTES_MAX: usize = 1 << 20;
/// Mistakes that are told of. A file with more of them is no configuration.
const MISTAKES_MAX: usize = 50;
const SECTIONS: &str = "`limits`, `fixtures`, `files`, `http`, `mcp`, `mcp_servers`, `secrets`, `policy`";

/// Something that stands in the file, and where.
#[derive(Debug)]
pub(crate) struct At<T> {
    pub(crate) line: usize,
    pub(crate) value: T,
}

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) path: PathBuf,
    /// The whole text, for what reads `mcp_servers` in it.
    pub(crate) text: String,
    pub(crate) has_servers: bool,
    pub(crate) limits: LimitEntries,
    pub(crate) fixtures: Vec<At<PathBuf>>,
    pub(crate) files: Vec<At<(String, Folder)>>,
    pub(crate) http: Vec<At<(String, Hosts)>>,
    pub(crate) mcp: Vec<At<PathBuf>>,
    pub(crate) secrets: Vec<At<(String, Secret)>>,
    pub(crate) policy: Vec<At<Rule>>,
}

/// Something wrong in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Config {
    /// The configuration that the flags name, or an empty one.
    pub(crate) fn of(arguments: &ToolArguments) -> Result<Self, Complaint> {
        let Some(path) = &arguments.config else { return Ok(Self::default()) };
        Self::read(path)?.map_err(|mistakes| complaint(path, &mistakes))
    }

    /// Reads a file, or what is wrong in it.
    pub(crate) fn read(path: &Path) -> Result<Result<Self, Vec<Mistake>>, Complaint> {
        let name = path.display().to_string();
        let not_read =
            |message: String| Complaint::new(Exit::NotReadable, message, "check the path of the configuration");
        let bytes = script::read_file(path, FILE_BYTES_MAX)
            .map_err(|error| not_read(script::cannot_read("configuration", &name, &error)))?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(not_read(format!("configuration `{name}` is larger than {FILE_BYTES_MAX} bytes")));
        }
        let text =
            String::from_utf8(bytes).map_err(|_| not_read(format!("configuration `{name}` is not UTF-8 text")))?;
        Ok(parse(text).map(|config| Self { path: path.to_owned(), ..config }))
    }

    /// The line of a server, or of something in it, that is named as in `mcp_servers.github.args[1]`.
    pub(crate) fn line_of(&self, place: &str) -> usize {
        let table = place.split('.').take(2).collect::<Vec<_>>().join(".");
        1 + self
            .text
            .lines()
            .position(|line| line.trim_start_matches(['[', ' ']).starts_with(&table))
            .unwrap_or_default()
    }

    /// A path that is written in the file is meant from the folder of the file.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// `agentloop config check`: everything is opened that can be opened without starting anything.
pub(crate) fn check(ConfigCommand::Check { file }: &ConfigCommand, screen: Screen) -> Result<Exit, Complaint> {
    let config = Config::read(file)?.map_err(|mistakes| complaint(file, &mistakes))?;
    Opened::open(&config)?;
    let count = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let parts = [
        count(config.files.len(), "folder", "folders"),
        count(config.http.len(), "list of hosts", "lists of hosts"),
        count(config.mcp.len() + usize::from(config.has_servers), "list of servers", "lists of servers"),
        count(config.secrets.len(), "secret", "secrets"),
        count(config.policy.len(), "rule", "rules"),
    ];
    screen.say(Tone::Faint, "config", &format!("`{}` is good: {}", file.display(), parts.join(", ")));
    Ok(Exit::Finished)
}

/// The mistakes of a file that was to be used.
pub(crate) fn complaint(path: &Path, mistakes: &[Mistake]) -> Complaint {
    let name = path.display();
    let lines: Vec<String> =
        mistakes.iter().map(|mistake| format!("  {name}:{}: {}", mistake.line, mistake.message)).collect();
    let message = format!("the configuration `{name}` cannot be used\n{}", lines.join("\n"));
    Complaint::new(Exit::Usage, message, "mend these lines; docs/CONFIG.md has all that can stand in the file")
}

fn parse(text: String) -> Result<Config, Vec<Mistake>> {
    let (config, mut mistakes) = {
        let (root, errors) = DeTable::parse_recoverable(&text);
        let mut reader = Reader { text: &text, mistakes: Vec::new() };
        errors.iter().for_each(|error| reader.add_error(error, 0..0));
        let config = if errors.is_empty() { reader.root(root.into_inner()) } else { Config::default() };
        (config, reader.mistakes)
    };
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes.truncate(MISTAKES_MAX);
    if mistakes.is_empty() { Ok(Config { text, ..config }) } else { Err(mistakes) }
}

type Entry<'i> = (Spanned<std::borrow::Cow<'i, str>>, Spanned<DeValue<'i>>);

struct Reader<'i> {
    text: &'i str,
    mistakes: Vec<Mistake>,
}

impl<'i> Reader<'i> {
    fn root(&mut self, root: DeTable<'i>) -> Config {
        let mut config = Config::default();
        for (key, value) in root {
            let span = key.span();
            match key.as_ref().as_ref() {
                "limits" => config.limits = self.table(value).map(|at| at.value).unwrap_or_default(),
                "fixtures" => config.fixtures = self.paths(value),
                "mcp" => config.mcp = self.paths(value),
                "files" => config.files = self.named(value),
                "http" => config.http = self.named(value),
                "secrets" => config.secrets = self.named(value),
                "policy" => config.policy = self.list(value).into_iter().filter_map(|item| self.table(item)).collect(),
                // Read by those who know how servers are configured, from the whole text.
                "mcp_servers" => config.has_servers = true,
                other => self.add(span, format!("there is no section `{other}`; there are {SECTIONS}")),
            }
        }
        config
    }

    fn paths(&mut self, value: Spanned<DeValue<'i>>) -> Vec<At<PathBuf>> {
        let items = self.list(value);
        items.into_iter().filter_map(|item| self.value(item)).collect()
    }

    fn list(&mut self, value: Spanned<DeValue<'i>>) -> Vec<Spanned<DeValue<'i>>> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(items) => items.into_iter().collect(),
            other => {
                self.add(span, format!("expected a list, found {}", other.type_str()));
                Vec::new()
            }
        }
    }

    fn entries(&mut self, value: Spanned<DeValue<'i>>) -> Vec<Entry<'i>> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => table.into_iter().collect(),
            other => {
                self.add(span, format!("expected a table, found {}", other.type_str()));
                Vec::new()
            }
        }
    }

    /// A table of tables, each with a name.
    fn named<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'i>>) -> Vec<At<(String, T)>> {
        let entries = self.entries(value);
        let mut named = Vec::new();
        for (key, value) in entries {
            let line = self.line(key.span().start);
            if let Some(At { value, .. }) = self.table(value) {
                named.push(At { line, value: (key.into_inner().into_owned(), value) });
            }
        }
        named
    }

    /// One table. Each of its keys is looked at by itself first, so that one mistake does not hide another.
    fn table<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'i>>) -> Option<At<T>> {
        let before = self.mistakes.len();
        if let DeValue::Table(table) = value.get_ref() {
            for (key, member) in table {
                let alone: DeTable<'i> = std::iter::once((key.clone(), member.clone())).collect();
                let span = key.span().start..member.span().end;
                let alone = Spanned::new(span.clone(), DeValue::Table(alone));
                if let Err(error) = T::deserialize(ValueDeserializer::from(alone)) {
                    // That others are missing is told when all are there.
                    if !error.message().starts_with("missing field") {
                        self.add_error(&error, span);
                    }
                }
            }
        }
        if self.mistakes.len() > before { None } else { self.value(value) }
    }

    fn value<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'i>>) -> Option<At<T>> {
        let span = value.span();
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(At { line: self.line(span.start), value }),
            Err(error) => {
                self.add_error(&error, span);
                None
            }
        }
    }

    fn add_error(&mut self, error: &toml::de::Error, span: Range<usize>) {
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        self.add(error.span().unwrap_or(span), message);
    }

    fn add(&mut self, span: Range<usize>, message: String) {
        let mistake = Mistake { line: self.line(span.start), message };
        self.mistakes.push(mistake);
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

#[cfg(test)]
mod tests;
