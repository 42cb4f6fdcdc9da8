//! What went wrong with a server, in words that the script and the model may read.

use super::text::{Secrets, one_line};
use std::fmt;

/// A message is cut after so many characters.
const MESSAGE_CHARS_MAX: usize = 1_200;

/// Why a server could not be used. The text names the server, says what to do about it, and holds neither a secret of
/// the configuration nor a path of the host: it may be shown to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What went wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Its program is not there or cannot be run.
    NotStarted,
    /// It took too long to start or to list its tools.
    Timeout,
    /// It ended, or it was stopped.
    Ended,
    /// It ended so often that it is not started again for now.
    GivenUp,
    /// It does not speak MCP, or speaks it wrongly.
    Protocol,
    /// No connection came about, or it broke.
    Unreachable,
    /// It wants to know who asks.
    Unauthorized,
    /// It answered with an HTTP status that is an error.
    Status,
    /// It does not know the session any more.
    Expired,
    /// It refused a request.
    Refused,
    /// What it sent is over a limit.
    TooLarge,
}

impl Error {
    /// What went wrong, for programs.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Speaks of one server, and never of its secrets.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    server: String,
    secrets: Secrets,
}

impl Voice {
    pub(super) fn new(server: &str, secrets: Secrets) -> Self {
        Self { server: server.to_owned(), secrets }
    }

    /// An error of this server. The text goes on after its name.
    pub(super) fn error(&self, kind: ErrorKind, text: &str) -> Error {
        let text = format!("the server `{}` {text}", self.server);
        Error { kind, message: one_line(&self.secrets.scrub(&text), MESSAGE_CHARS_MAX) }
    }

    /// Something that a server says, without the secrets that it was given.
    pub(super) fn scrub(&self, text: &str) -> String {
        self.secrets.scrub(text)
    }
}
