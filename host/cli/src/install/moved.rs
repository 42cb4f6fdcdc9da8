//! The servers that were moved behind agentloop: in a file of ours, in the form of the client that they were taken from.

use super::NAME;
use super::client::Place;
use super::document::Document;
use super::file::Original;
use crate::arguments::Client;
use crate::exit::{Complaint, Exit};
use crate::sources::Opened;
use agentloop_tools::mcp::{ConfigError, Servers};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The list of a client's file.
pub(super) struct Moved<D> {
    pub(super) file: Original,
    pub(super) document: D,
}

/// What became of the servers of a client.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) moved: Vec<String>,
    /// Those that stay, each with the reason.
    pub(super) left: Vec<(String, String)>,
}

impl<D: Document> Moved<D> {
    /// Reads the list, which may be empty.
    pub(super) fn open(path: &Path, place: &Place) -> Result<Self, Complaint> {
        let file = Original::read(path)?;
        let document = file.document(place.client.list())?;
        Ok(Self { file, document })
    }

    /// Takes over all servers that can be used. Nothing is taken from `client` yet.
    pub(super) fn take(&mut self, client: &D, place: &Place, opened: &Opened) -> Result<Taken, Complaint> {
        let mut taken = Taken::default();
        let mut new = Vec::new();
        for name in client.names().into_iter().filter(|name| name != NAME) {
            let alone = client.alone(&name).map_err(|broken| self.file.broken(&broken))?;
            if let (Err(error), _) = read(&alone, opened) {
                taken.left.push((name, error.to_string()));
                continue;
            }
            match self.document.server(&name) {
                Value::Null => new.push(name.clone()),
                known if known == client.server(&name) => {}
                _ => {
                    let (client, moved) = (place.shown.display(), self.file.shown.display());
                    let message = format!("there is a server `{name}` in `{client}`, and another one in `{moved}`");
                    return Err(Complaint::new(Exit::Usage, message, "remove one of them, or give it another name"));
                }
            }
            taken.moved.push(name);
        }
        self.document.copy(&new, client);
        Ok(taken)
    }

    /// Whether `agentloop mcp` could start with it, beside all else that it is to have.
    pub(super) fn check(&self, opened: &Opened) -> Result<(), Complaint> {
        let path = self.file.shown.display();
        let servers = read(&self.document, opened).0.map_err(|error| {
            Complaint::new(Exit::Usage, format!("`{path}`: {error}"), "this server was moved earlier; mend its entry")
        })?;
        match servers.iter().find(|server| opened.servers().any(|other| other.name() == server.name())) {
            None => Ok(()),
            Some(server) => {
                let message =
                    format!("there are two servers `{}`: one in `{path}`, one of --mcp or --config", server.name());
                Err(Complaint::new(Exit::Usage, message, "leave the file out that has it too, or give it another name"))
            }
        }
    }

    /// The variables that the servers need, with the values that the client is to give them. Some clients hand on nothing of their
    /// environment that they are not told of.
    pub(super) fn variables(&self, place: &Place, opened: &Opened) -> Vec<(String, String)> {
        let (_, mut asked) = read(&self.document, opened);
        // Every server gets these, and every client hands them on.
        let (_, usual) = recorded("{\"mcpServers\": {\"any\": {\"command\": \"any\"}}}", &|_| None);
        asked.retain(|name| !usual.contains(name));
        let inputs = self.document.inputs();
        let inputs: BTreeMap<String, &str> = inputs.iter().filter_map(id).map(|id| (variable_of(id), id)).collect();
        let is_set = |name: &str| std::env::var_os(name).is_some();
        let value = |name: String| match (place.client, inputs.get(&name)) {
            (Client::VsCode, Some(id)) => Some((name, format!("${{input:{id}}}"))),
            // It leaves out by itself what is not set.
            (Client::Codex, _) => Some((name, String::new())),
            (Client::ClaudeCode, _) if is_set(&name) => Some((name.clone(), format!("${{{name}}}"))),
            (Client::Cursor | Client::VsCode, _) if is_set(&name) => Some((name.clone(), format!("${{env:{name}}}"))),
            _ => None,
        };
        asked.into_iter().filter_map(value).collect()
    }
}

type Read = (Result<Servers, ConfigError>, BTreeSet<String>);

/// Reads servers as `agentloop mcp` will, and says which variables they ask for. What the client will ask its user for has some
/// value.
fn read<D: Document>(document: &D, opened: &Opened) -> Read {
    let inputs = document.inputs();
    let open = inputs.iter().filter(|input| input.get("default").and_then(Value::as_str).is_none());
    let open: Vec<String> = open.filter_map(id).map(variable_of).collect();
    let some_value = |name: &str| open.iter().any(|open| open == name).then(|| "value".to_owned());
    recorded(&document.text(), &|name| opened.variable(name).or_else(|| some_value(name)))
}

fn recorded(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Read {
    let asked = RefCell::new(BTreeSet::new());
    let servers = Servers::read(text, &|name| {
        asked.borrow_mut().insert(name.to_owned());
        variable(name)
    });
    (servers, asked.into_inner())
}

fn id(input: &Value) -> Option<&str> {
    input.get("id")?.as_str()
}

/// The variable in which `agentloop mcp` looks for an input.
fn variable_of(id: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    format!("AGENTLOOP_INPUT_{}", id.chars().map(letter).collect::<String>())
}
