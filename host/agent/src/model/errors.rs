//! What went wrong, in our words: from a status and a body, from an event in the stream, or from the connection.

mod kinds;

use super::secret::Secret;
use crate::provider::{ProviderError, ProviderErrorKind};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;
use std::error::Error as StdError;
use std::time::{Duration, SystemTime};

/// A message of a provider is cut after so many characters.
const MESSAGE_CHARS_MAX: usize = 500;

/// Whose errors these are, and which key must not be in them.
#[derive(Clone, Copy)]
pub(super) struct Voice<'a> {
    /// The provider and the model.
    pub(super) model: &'a str,
    /// The scheme, the host and the port.
    pub(super) origin: &'a str,
    /// The key.
    pub(super) secret: &'a Secret,
}

/// What a provider says went wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    status: Option<u16>,
    /// Everything that is meant for programs, in small letters.
    codes: String,
    message: String,
    retry_after: Option<Duration>,
}

impl Voice<'_> {
    /// An error of this model. The text may come from anyone: it is cleaned and cut.
    pub(super) fn error(&self, kind: ProviderErrorKind, text: &str) -> ProviderError {
        let text = format!("`{}` {text}", self.model);
        ProviderError::new(kind, shorten(&self.secret.scrub(&text)))
    }

    /// The error that an event in the stream reports.
    pub(super) fn reported(&self, error: &Value) -> ProviderError {
        let report = Report::of_value(error);
        let text = format!("broke off with an error: {}", self.said(&report.message));
        self.error(kinds::of(report.status, &report.codes, &report.message), &text).retry_after(report.retry_after)
    }

    /// The error that an answer with this status is.
    pub(super) fn answered(&self, status: u16, headers: &HeaderMap, body: &str) -> ProviderError {
        let mut report = match serde_json::from_str::<Value>(body) {
            Ok(value) => Report::of_body(&value),
            Err(_) => Report { message: body.trim().to_owned(), ..Report::default() },
        };
        report.status = Some(status);
        let wait = retry_after(headers, SystemTime::now()).or(report.retry_after);
        let text = format!("answered {status}: {}", self.said(&report.message));
        self.error(kinds::of(report.status, &report.codes, &report.message), &text).retry_after(wait)
    }

    /// Cuts what a provider says. The key goes first: a part of it would not be found any more.
    fn said(&self, message: &str) -> String {
        let message = self.secret.scrub(message);
        if message.is_empty() { "without a message".to_owned() } else { shorten(&message) }
    }

    /// The error of a request that could not be sent, or of an answer that could not be read on.
    pub(super) fn broken(&self, error: &reqwest::Error) -> ProviderError {
        let cause = causes(error);
        let (kind, text) = if error.is_connect() {
            (ProviderErrorKind::Network, format!("cannot be reached at {}: {cause}", self.origin))
        } else if error.is_timeout() {
            (ProviderErrorKind::Network, format!("took too long to answer ({}): {cause}", self.origin))
        } else if error.is_builder() {
            (ProviderErrorKind::InvalidRequest, format!("could not be asked: {cause}"))
        } else {
            (ProviderErrorKind::Network, format!("broke the connection ({}): {cause}", self.origin))
        };
        self.error(kind, &text)
    }
}

impl Report {
    /// Reads the body of an answer. Providers wrap their errors in several ways.
    fn of_body(body: &Value) -> Self {
        match body {
            // Gemini answers with a list when it was asked for a stream.
            Value::Array(list) => list.first().map(Self::of_body).unwrap_or_default(),
            Value::Object(object) => match object.get("error") {
                Some(error @ Value::Object(_)) => Self::of_value(error),
                Some(Value::String(message)) => Self { message: message.clone(), ..Self::of_value(body) },
                _ => Self::of_value(body),
            },
            other => Self::of_value(other),
        }
    }

    /// Reads the error itself.
    fn of_value(error: &Value) -> Self {
        if let Value::String(message) = error {
            return Self { message: message.clone(), ..Self::default() };
        }
        let texts = ["code", "type", "status"].iter().filter_map(|name| error.get(name)?.as_str());
        let inner = error.pointer("/innererror/code").and_then(Value::as_str);
        let status = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        let wait = error.get("details").and_then(Value::as_array).and_then(|details| {
            details.iter().find_map(|detail| seconds(detail.get("retryDelay")?.as_str()?.strip_suffix('s')?))
        });
        Self {
            status: status.filter(|status| (400..600).contains(status)),
            codes: texts.chain(inner).collect::<Vec<_>>().join(" ").to_lowercase(),
            message: message_of(error),
            retry_after: wait,
        }
    }
}

/// What an error says to a person.
fn message_of(error: &Value) -> String {
    match (error.get("message"), error.get("detail")) {
        (Some(Value::String(message)), _) | (_, Some(Value::String(message))) => message.clone(),
        (Some(other), _) | (_, Some(other)) => other.to_string(),
        (None, None) => error.as_object().map_or_else(String::new, |_| error.to_string()),
    }
}

/// How long the headers ask to wait.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(wait) = text("retry-after-ms").and_then(seconds) {
        return Some(wait / 1000);
    }
    let value = text(RETRY_AFTER.as_str())?;
    seconds(value).or_else(|| {
        let date = httpdate::parse_http_date(value).ok()?;
        // A date that has passed asks for no wait.
        Some(date.duration_since(now).unwrap_or_default())
    })
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

/// The causes of an error, from the outside in, without the outermost: that one only repeats the whole address.
fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    if parts.is_empty() { "no cause given".to_owned() } else { parts.join(": ") }
}

/// One line of at most [`MESSAGE_CHARS_MAX`] characters, without anything that a terminal would obey.
fn shorten(text: &str) -> String {
    let line = text.replace(|letter: char| letter.is_control(), " ");
    let line = line.trim();
    match line.char_indices().nth(MESSAGE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
