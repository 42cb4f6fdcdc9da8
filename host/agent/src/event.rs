//! What happens in a turn, as it happens.

use crate::provider::{Delta, ProviderErrorKind, TokenUsage};
use crate::transcript::{Answer, ScriptReport};
use serde::Serialize;

/// One thing that happens. Serialises to an object with its `type`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A turn begins.
    Turn {
        /// Who answers.
        model: String,
        /// The prompt.
        prompt: String,
    },
    /// The model is asked.
    Request {
        /// Counts from 1.
        iteration: u32,
        /// Messages of the conversation.
        messages: usize,
        /// Bytes of the system prompt.
        system_bytes: usize,
    },
    /// The request failed and is made again.
    Retry {
        /// Why.
        kind: ProviderErrorKind,
        /// For a person.
        message: String,
        /// Counts from 1.
        attempt: u32,
        /// How long is waited, in milliseconds.
        wait_ms: u64,
    },
    /// A piece of the reply.
    Delta(Delta),
    /// The reply is whole.
    Reply {
        /// What it cost.
        usage: TokenUsage,
    },
    /// A script starts.
    Script {
        /// The source.
        source: String,
    },
    /// A script wrote to its console.
    Console {
        /// `debug`, `log`, `info`, `warn` or `error`.
        level: &'static str,
        /// The text.
        text: String,
    },
    /// A script calls a tool.
    Call {
        /// Counts from 0 within the script.
        id: u32,
        /// The tool.
        tool: String,
        /// JSON text of the arguments, shortened.
        arguments: String,
    },
    /// A tool says how far it is.
    Progress {
        /// The call.
        id: u32,
        /// The tool.
        tool: String,
        /// From 0 to 1, where the tool knows.
        fraction: Option<f64>,
        /// For a person.
        message: String,
    },
    /// A call of an idempotent tool failed and is made again.
    CallRetry {
        /// The call.
        id: u32,
        /// The tool.
        tool: String,
        /// What went wrong.
        error: String,
        /// Counts from 1.
        attempt: u32,
    },
    /// A call is over.
    CallEnd {
        /// The call.
        id: u32,
        /// The tool.
        tool: String,
        /// What went wrong, if it failed.
        error: Option<String>,
        /// How long it took, in milliseconds.
        duration_ms: u64,
    },
    /// A script is over.
    ScriptEnd(ScriptReport),
    /// The model does the same again and again. It is warned; if it goes on, the turn ends.
    Stagnation {
        /// What it repeats.
        what: String,
    },
    /// The model is told something that is no result.
    Note {
        /// What.
        text: String,
    },
    /// The turn is answered.
    Answer(Answer),
    /// The turn ends without an answer.
    Error {
        /// See [`AgentError::kind`](crate::AgentError::kind).
        kind: String,
        /// For a person.
        message: String,
    },
}
