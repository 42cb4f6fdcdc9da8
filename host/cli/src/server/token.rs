//! What a client must send to be let in.

use super::going::random;
use crate::exit::{Complaint, Exit};
use crate::{replace, script};
use hyper::header::HeaderValue;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// A shorter token could be guessed.
const BYTES_MIN: usize = 16;
const BYTES_MAX: usize = 1_024;

const SCHEME: &str = "bearer ";

/// A secret that clients and the server share.
pub(super) struct Token {
    text: String,
    file: Option<PathBuf>,
}

impl Token {
    /// The token in a file, which is made if it is not there; or a new one.
    pub(super) fn of(file: Option<&Path>) -> Result<Self, Complaint> {
        let no_random = |error: io::Error| {
            let help = "a token is made from the randomness of the operating system; give one with --token-file";
            Complaint::new(Exit::Host, format!("there is no randomness: {error}"), help)
        };
        let Some(file) = file else { return Ok(Self { text: random().map_err(no_random)?, file: None }) };
        let text = match make(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => read(file)?,
            Err(error) => {
                let message = format!("cannot make the token `{}`: {error}", file.display());
                return Err(Complaint::new(Exit::NotReadable, message, "check the path given with --token-file"));
            }
        };
        Ok(Self { text, file: Some(file.to_owned()) })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Whether a header has it (RFC 6750, section 2.1). How long that takes says nothing of how much of it is right.
    pub(super) fn is_in(&self, header: Option<&HeaderValue>) -> bool {
        let Some((scheme, token)) = header.and_then(|header| header.as_bytes().split_at_checked(SCHEME.len())) else {
            return false;
        };
        let differences = token.iter().zip(self.text.as_bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        scheme.eq_ignore_ascii_case(SCHEME.as_bytes()) && token.len() == self.text.len() && differences == 0
    }
}

fn make(file: &Path) -> io::Result<String> {
    let text = random()?;
    writeln!(replace::private(file)?, "{text}")?;
    Ok(text)
}

fn read(file: &Path) -> Result<String, Complaint> {
    let name = file.display();
    let wrong = |message: String, help: &str| Err(Complaint::new(Exit::Usage, message, help.to_owned()));
    let bytes = script::read_file(file, BYTES_MAX).map_err(|error| {
        let message = script::cannot_read("token", &name.to_string(), &error);
        Complaint::new(Exit::NotReadable, message, "check the path given with --token-file")
    })?;
    if is_open_to_others(file) {
        return wrong(format!("others may read the token `{name}`"), "make it yours alone with chmod 600");
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    let text = text.trim();
    let is_good = |byte: u8| byte.is_ascii_graphic();
    if !(BYTES_MIN..BYTES_MAX).contains(&text.len()) || !text.bytes().all(is_good) {
        let message = format!("`{name}` is no token: one has at least {BYTES_MIN} characters, and no spaces");
        return wrong(message, "remove the file, and another one is made");
    }
    Ok(text.to_owned())
}

#[cfg(unix)]
fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::Token;
    use hyper::header::HeaderValue;

    #[test]
    fn only_the_whole_token_is_let_in() {
        let token = Token { text: "0123456789abcdef".to_owned(), file: None };
        let is_in = |header: &str| token.is_in(HeaderValue::from_str(header).ok().as_ref());
        assert!(is_in("Bearer 0123456789abcdef") && is_in("bearer 0123456789abcdef"));
        for header in
            ["", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "0123456789abcdef"]
        {
            assert!(!is_in(header), "{header}");
        }
        assert!(!is_in("Basic  0123456789abcdef") && !is_in("Bearer 0123456789abcdeF") && !token.is_in(None));
        assert!(!is_in("Bearer  0123456789abcde"));
    }
}
