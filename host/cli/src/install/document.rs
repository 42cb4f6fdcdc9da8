//! A configuration as text that can be edited: what is not touched stays as it was written, byte for byte.

use serde_json::Value;

/// Why a text is no configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: Option<usize>,
    pub(super) message: String,
}

impl Broken {
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }
}

/// What is written for a client about agentloop.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) command: String,
    pub(super) args: Vec<String>,
    /// Whether it says `"type": "stdio"`.
    pub(super) typed: bool,
    /// Variables that the client is to hand on, each with its value in the client's own words.
    pub(super) variables: Vec<(String, String)>,
}

/// A configuration with a list of servers. Those who change it ask first what is there: a name is in the list once at most.
pub(super) trait Document: Sized {
    /// Reads a text; nothing at all is a configuration without servers. `list` is the key of its servers.
    fn read(text: &str, list: &'static str) -> Result<Self, Broken>;

    /// The key of its servers.
    fn list(&self) -> &'static str;

    /// The names of the servers, in their order.
    fn names(&self) -> Vec<String>;

    /// A server, as data. `Null`: there is none.
    fn server(&self, name: &str) -> Value;

    /// What the servers may refer to: values that the client asks its user for.
    fn inputs(&self) -> Vec<Value>;

    /// Writes a server, in place of the one of that name.
    fn put(&mut self, name: &str, entry: &Entry);

    /// Copies servers as they are written in another configuration, with what they refer to there.
    fn copy(&mut self, names: &[String], from: &Self);

    fn remove(&mut self, name: &str);

    fn text(&self) -> String;

    /// A configuration with one of the servers only.
    fn alone(&self, name: &str) -> Result<Self, Broken> {
        let mut alone = Self::read("", self.list())?;
        alone.copy(&[name.to_owned()], self);
        Ok(alone)
    }
}
