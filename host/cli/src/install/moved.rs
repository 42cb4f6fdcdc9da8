//! The servers that were moved behind agentloop: in a file of ours, in the form of the client that they were taken from.

use super::NAME;
use super::client::Place;
use super::document::Document;
use super::file::Original;
use crate::exit::{Complaint, Exit};
use crate::sources::Opened;
use agentloop_tools::mcp::Servers;
use serde_json::Value;
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
        for name in client.names().into_iter().filter(|name| name != NAME) {
            let alone = client.alone(&name).map_err(|broken| self.file.broken(&broken))?;
            if let Err(error) = Servers::read(&alone.text(), &|variable| opened.variable(variable)) {
                taken.left.push((name, error.to_string()));
                continue;
            }
            match self.document.server(&name) {
                Value::Null => self.document.copy(&name, client),
                known if known == client.server(&name) => {}
                _ => {
                    let (client, moved) = (place.shown.display(), self.file.shown.display());
                    let message = format!("there is a server `{name}` in `{client}`, and another one in `{moved}`");
                    return Err(Complaint::new(Exit::Usage, message, "remove one of them, or give it another name"));
                }
            }
            taken.moved.push(name);
        }
        Ok(taken)
    }

    /// Whether `agentloop mcp` could start with it, beside all else that it is to have.
    pub(super) fn check(&self, opened: &Opened) -> Result<(), Complaint> {
        let path = self.file.shown.display();
        let servers = Servers::read(&self.document.text(), &|name| opened.variable(name)).map_err(|error| {
            Complaint::new(Exit::Usage, format!("`{path}`: {error}"), "this server was moved earlier; mend its entry")
        })?;
        match servers.iter().find(|server| opened.servers().any(|name| name == server.name())) {
            None => Ok(()),
            Some(server) => {
                let message =
                    format!("there are two servers `{}`: one in `{path}`, one of --mcp or --config", server.name());
                Err(Complaint::new(Exit::Usage, message, "leave the file out that has it too, or give it another name"))
            }
        }
    }

    /// The variables of the environment that the servers name, where the client hands on only those that it is told of.
    pub(super) fn variables(&self) -> Vec<String> {
        let mut variables: Vec<String> = Vec::new();
        for name in self.document.names() {
            let server = self.document.server(&name);
            let texts = |key: &str| match server.get(key) {
                Some(Value::String(text)) => vec![text.clone()],
                Some(Value::Array(items)) => items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect(),
                Some(Value::Object(members)) => {
                    members.values().filter_map(|value| Some(value.as_str()?.to_owned())).collect()
                }
                _ => Vec::new(),
            };
            variables.extend(["env_vars", "bearer_token_env_var", "env_http_headers"].into_iter().flat_map(texts));
        }
        variables.sort();
        variables.dedup();
        variables
    }
}
