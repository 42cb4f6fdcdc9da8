//! Headers that the application adds and the script never sees.
//!
//! A secret goes to the origins that it was given for and to no other. If a server sends it back, it is taken out of what the
//! script gets, also in the encodings that servers commonly use. That is the last line of defence, not the first: a server that
//! sends it back in pieces gets past it.

use super::rule::Rule;
use crate::Error;
use crate::scrub::{SECRET_BYTES_MIN, Scrubber};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};

/// A longer one fits into the headers of few servers.
const SECRET_BYTES_MAX: usize = 4096;

/// What is put in the place of a secret.
const PLACEHOLDER: &str = "[secret]";

/// A header with a secret in it, and where it belongs.
#[derive(Clone)]
pub(super) struct Secret {
    rule: Rule,
    name: HeaderName,
    value: HeaderValue,
    text: String,
}

impl Secret {
    /// Parses what the application gave. No error has the value in it.
    pub(super) fn parse(host: &str, name: &str, value: &str) -> Result<Self, Error> {
        let rule = Rule::parse(host)?;
        let header =
            HeaderName::try_from(name).map_err(|_| Error::Setting(format!("`{name}` is no name of a header")))?;
        if super::header::is_of_the_connection(&header) {
            return Err(Error::Setting(format!("the header `{header}` belongs to the connection, and cannot be set")));
        }
        let why = |reason: String| Error::Setting(format!("the value for the header `{header}` of `{rule}` {reason}"));
        if value.len() > SECRET_BYTES_MAX {
            return Err(why(format!("is over {SECRET_BYTES_MAX} bytes")));
        }
        if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(why("has characters that no header has, such as line breaks".to_owned()));
        }
        if token(value).len() < SECRET_BYTES_MIN {
            return Err(why(format!("is under {SECRET_BYTES_MIN} bytes, too short to be taken out of answers")));
        }
        let mut held = HeaderValue::try_from(value).map_err(|_| why("fits into no header".to_owned()))?;
        // What is sensitive is not shown by those who show headers.
        held.set_sensitive(true);
        Ok(Self { rule, name: header, value: held, text: value.to_owned() })
    }
}

/// All secrets of a toolkit.
pub(super) struct Secrets {
    secrets: Vec<Secret>,
    scrubber: Scrubber,
}

impl Secrets {
    pub(super) fn new(secrets: Vec<Secret>) -> Result<Self, Error> {
        let texts: Vec<String> = secrets.iter().flat_map(|secret| texts(&secret.text)).collect();
        let scrubber = Scrubber::new(texts.iter().map(|text| (text.as_str(), PLACEHOLDER)));
        let scrubber = scrubber.map_err(|error| Error::Setting(format!("there are too many secrets: {error}")))?;
        Ok(Self { secrets, scrubber })
    }

    /// The headers that belong to a URL.
    pub(super) fn headers_for(&self, url: &Url) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.secrets.iter().filter(|secret| secret.rule.is_match(url)).map(|secret| (&secret.name, &secret.value))
    }

    /// Whether a text has a secret in it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.scrubber.is_in(text)
    }

    /// Takes secrets out of bytes.
    pub(super) fn scrub(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.scrubber.bytes(bytes)
    }

    /// Takes secrets out of a text.
    pub(super) fn scrub_text(&self, text: &str) -> String {
        self.scrubber.text(text)
    }
}

/// The secret itself, without the word before it, as in `Bearer …`.
fn token(value: &str) -> &str {
    value.split_once(' ').map_or(value, |(_, token)| token.trim_start())
}

/// The parts of a header that are secret, each by itself.
fn texts(value: &str) -> Vec<String> {
    let token = token(value);
    let mut texts = vec![value.to_owned(), token.to_owned()];
    if let Some(decoded) = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
        // `Basic …` is a user and a password.
        texts.extend(decoded.split_once(':').map(|(_, password)| password.to_owned()));
        texts.push(decoded);
    }
    texts.retain(|text| text.len() >= SECRET_BYTES_MIN);
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(value: &str) -> Secrets {
        let secret = Secret::parse("api.example.com", "authorization", value).expect("it is a secret");
        Secrets::new(vec![secret]).expect("there are few")
    }

    #[test]
    fn a_secret_is_taken_out_in_the_forms_that_servers_write() {
        let secrets = secrets("Bearer sk/1234+5678\"9");
        let scrubbed = |text: &str| secrets.scrub_text(&format!("<{text}>"));
        assert_eq!(scrubbed("Bearer sk/1234+5678\"9"), "<[secret]>");
        assert_eq!(scrubbed("sk/1234+5678\"9"), "<[secret]>");
        assert_eq!(scrubbed("SK/1234+5678\"9"), "<[secret]>");
        assert_eq!(scrubbed("sk/1234+5678\\\"9"), "<[secret]>");
        assert_eq!(scrubbed("sk\\/1234+5678\\\"9"), "<[secret]>");
        assert_eq!(scrubbed("sk%2F1234%2b5678%229"), "<[secret]>");
        assert_eq!(scrubbed("c2svMTIzNCs1Njc4Ijk="), "<[secret]=>");
        assert_eq!(scrubbed("736b2f313233342b35363738223"), "<736b2f313233342b35363738223>");
        assert_eq!(scrubbed("736b2f313233342b353637382239"), "<[secret]>");
        assert_eq!(scrubbed("sk/1234"), "<sk/1234>");
    }

    #[test]
    fn a_password_is_taken_out_as_well() {
        let secrets = secrets("Basic bWU6aHVudGVyMmh1bnRlcjI=");
        assert_eq!(secrets.scrub_text("me:hunter2hunter2"), "[secret]");
        assert_eq!(secrets.scrub_text("hunter2hunter2"), "[secret]");
        assert_eq!(secrets.scrub(b"x bWU6aHVudGVyMmh1bnRlcjI= x".to_vec()), b"x [secret] x");
    }

    #[test]
    fn a_secret_that_cannot_be_kept_is_refused_without_showing_it() {
        let why = |name: &str, value: &str| match Secret::parse("api.example.com", name, value) {
            Err(error) => error.to_string(),
            Ok(_) => String::new(),
        };
        let of = "the value for the header `x-key` of `https://api.example.com`";
        assert_eq!(
            why("x-key", "Bearer 1234567"),
            format!("{of} is under 8 bytes, too short to be taken out of answers")
        );
        assert_eq!(why("x-key", &"1".repeat(4097)), format!("{of} is over 4096 bytes"));
        let line_break = format!("{of} has characters that no header has, such as line breaks");
        assert_eq!(why("x-key", "12345678\r\nx: y"), line_break);
        assert_eq!(why("x key", "12345678"), "`x key` is no name of a header");
        let host = "the header `host` belongs to the connection, and cannot be set";
        assert_eq!(why("Host", "12345678"), host);
    }
}
