//! The wire formats: what a provider is asked, and what it streams, read event by event into a [`Draft`].

mod anthropic;
mod chat;
mod gemini;
mod ollama;
mod responses;
mod turns;

use super::draft::{Draft, End};
use super::events::Framing;
use super::names::Entry;
use crate::provider::Request;
use reqwest::Url;
use serde_json::Value;

/// How a provider writes its replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// OpenAI's chat completions, and everything that is compatible with them.
    Chat,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's `streamGenerateContent`.
    Gemini,
    /// Ollama's `/api/chat`.
    Ollama,
}

impl Wire {
    /// What a stream must have come to when it ends. Some of those who are compatible with chat completions leave out
    /// the mark at the end.
    pub(super) fn end_needed(self) -> End {
        match self {
            Self::Chat => End::Whole,
            Self::Responses | Self::Anthropic | Self::Gemini | Self::Ollama => End::Closed,
        }
    }

    /// How a stream is made of events.
    pub(super) fn framing(self) -> Framing {
        match self {
            Self::Chat | Self::Responses | Self::Anthropic | Self::Gemini => Framing::Sent,
            Self::Ollama => Framing::Lines,
        }
    }

    /// Where a model is asked, below a base URL that ends with a slash.
    pub(super) fn url(self, base: &Url, model: &str) -> Url {
        let mut url = base.clone();
        let path = match self {
            Self::Chat => chat::PATH.to_owned(),
            Self::Responses => responses::PATH.to_owned(),
            Self::Anthropic => anthropic::PATH.to_owned(),
            Self::Gemini => gemini::path(model),
            Self::Ollama => ollama::PATH.to_owned(),
        };
        url.set_path(&format!("{}{path}", base.path()));
        url.set_query(if self == Self::Gemini { Some(gemini::QUERY) } else { None });
        url
    }
}

/// Why an event cannot be read into the draft.
#[derive(Debug, PartialEq)]
pub(super) enum Fault {
    /// The provider reports an error. The value is the object, or the text, that says which.
    Reported(Value),
    /// The event makes no sense.
    Broken(String),
}

/// The text of the event that ends a stream of chat completions.
const DONE: &str = "[DONE]";

/// What a model is asked. Its name goes to the provider exactly as it is written.
pub(super) fn body(entry: &Entry, model: &str, request: &Request) -> Value {
    match entry.wire {
        Wire::Chat => chat::body(entry.dialect, model, request),
        Wire::Responses => responses::body(model, request),
        Wire::Anthropic => anthropic::body(model, request),
        Wire::Gemini => gemini::body(model, request),
        Wire::Ollama => ollama::body(model, request),
    }
}

/// Reads one event of the stream.
pub(super) fn read(wire: Wire, data: &str, draft: &mut Draft) -> Result<(), Fault> {
    let data = data.trim();
    if data.is_empty() {
        return Ok(());
    }
    if wire == Wire::Chat && data == DONE {
        draft.close();
        return Ok(());
    }
    let event: Value =
        serde_json::from_str(data).map_err(|error| Fault::Broken(format!("an event is not JSON: {error}")))?;
    if !event.is_object() {
        return Err(Fault::Broken("an event is not a JSON object".to_owned()));
    }
    match wire {
        Wire::Chat => chat::read(&event, draft),
        Wire::Responses => responses::read(&event, draft),
        Wire::Anthropic => anthropic::read(&event, draft),
        Wire::Gemini => gemini::read(&event, draft),
        Wire::Ollama => ollama::read(&event, draft),
    }
}

/// The text at this place, or the empty one.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at this place.
fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer).and_then(Value::as_u64)
}

/// The members of the list at this place.
fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
