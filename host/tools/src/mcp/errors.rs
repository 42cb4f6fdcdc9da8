//! What went wrong with a server, in words that the script and the model may read.

use super::shared::lock;
use super::text::{STAND_IN, Secrets, one_line};
use crate::scrub::{SECRET_BYTES_MIN, Scrubber};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

/// A message is cut after so many characters.
const MESSAGE_CHARS_MAX: usize = 1_200;

/// So many tokens of a server are remembered: a server may well repeat one that has been renewed since. What looks for
/// them takes 200 times their memory.
const TOKENS_MAX: usize = 8;

/// A longer token is not taken from anybody.
pub(super) const TOKEN_BYTES_MAX: usize = 16 * 1024;

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
    tokens: Arc<Mutex<Tokens>>,
}

/// The tokens that were got for a server, which no configuration knows.
#[derive(Default)]
struct Tokens {
    /// The one that was in use last is the last.
    known: VecDeque<String>,
    scrubber: Option<Arc<Scrubber>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tokens({})", self.known.len())
    }
}

impl Voice {
    pub(super) fn new(server: &str, secrets: Secrets) -> Self {
        Self { server: server.to_owned(), secrets, tokens: Arc::default() }
    }

    /// The name of the server.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// An error of this server. The text goes on after its name.
    pub(super) fn error(&self, kind: ErrorKind, text: &str) -> Error {
        let text = format!("the server `{}` {text}", self.server);
        Error { kind, message: one_line(&self.scrub(&text), MESSAGE_CHARS_MAX) }
    }

    /// Something that a server says, without the secrets that it was given.
    pub(super) fn scrub(&self, text: &str) -> String {
        let text = self.secrets.scrub(text);
        match &lock(&self.tokens).scrubber {
            Some(scrubber) => scrubber.text(&text),
            None => text,
        }
    }

    /// From now on, nothing that the server sends has these in it.
    pub(super) fn hide<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) {
        let mut tokens = lock(&self.tokens);
        let mut is_new = false;
        for secret in secrets {
            if !(SECRET_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&secret.len()) {
                continue;
            }
            match tokens.known.iter().position(|known| known == secret) {
                Some(at) => drop(tokens.known.remove(at)),
                None => is_new = true,
            }
            tokens.known.push_back(secret.to_owned());
        }
        if !is_new {
            return;
        }
        while tokens.known.len() > TOKENS_MAX {
            tokens.known.pop_front();
        }
        let known = tokens.known.iter().map(|secret| (secret.as_str(), STAND_IN));
        // Only sizes that these do not have are too much for it.
        tokens.scrubber = Scrubber::new(known).ok().map(Arc::new);
    }

    /// A message of the server, without its tokens.
    pub(super) fn without_tokens<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(scrubber) = lock(&self.tokens).scrubber.clone() else { return Cow::Borrowed(message) };
        match std::str::from_utf8(message) {
            Ok(text) => Cow::Owned(scrubber.text_or_json(text.to_owned()).into_bytes()),
            Err(_) => Cow::Owned(scrubber.bytes(message.to_vec())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Secrets, Voice};

    #[test]
    fn tokens_are_in_nothing_that_a_server_sends() {
        let voice = Voice::new("s", Secrets::default());
        let message = br#"{"a":"abcdefgh1"}"#;
        assert_eq!(&*voice.without_tokens(message), message);
        for number in 0..40 {
            voice.hide([format!("abcdefgh{number}").as_str(), "short"]);
        }
        assert_eq!(&*voice.without_tokens(br#"{"a":"\u0061bcdefgh39 short"}"#), br#"{"a":"[secret] short"}"#);
        assert_eq!(voice.scrub("an abcdefgh38"), "an [secret]");
        assert_eq!(
            format!("{voice:?}"),
            r#"Voice { server: "s", secrets: Secrets(0), tokens: Mutex { data: Tokens(8), poisoned: false, .. } }"#
        );
    }
}
