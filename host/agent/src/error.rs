//! Why a turn has no answer.

use crate::provider::ProviderError;
use crate::{Spent, Transcript, Turn};
use std::fmt;

/// Why a turn, or an agent, is not possible. One kind each; see [`AgentError::kind`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The agent cannot be built as it was asked for. Comes before the first request.
    #[error("{0}")]
    Configuration(String),
    /// What the turn was asked is nothing that can be answered.
    #[error("{0}")]
    InvalidInput(String),
    /// A tool has a name that the loop itself needs.
    #[error("the tool name `{0}` is taken by the loop: give the tool another one")]
    ReservedToolName(String),
    /// Two tools of one name, a name that no tool may have, a limit that cannot be enforced.
    #[error(transparent)]
    Sandbox(#[from] agentloop_sandbox::Error),
    /// The provider gave no reply, after all the retries that make sense.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The model gave several replies in a row that could not be used.
    #[error("the model gave {replies} replies in a row that could not be used; the last: {why}")]
    InvalidResponse {
        /// How many.
        replies: u32,
        /// What was wrong with the last one.
        why: String,
    },
    /// The model had all its iterations.
    #[error("no answer after {iterations} replies; allow more with `iterations_max`")]
    MaxIterations {
        /// How many.
        iterations: u32,
    },
    /// The model does the same again and again.
    #[error("the model goes in circles: {what}")]
    Stagnation {
        /// What it repeats.
        what: String,
    },
    /// A budget of the turn is used up.
    #[error("the budget of the turn is used up: {what}")]
    Budget {
        /// Which one: `tokens`, `cost`, `fuel`, `tool calls` or `wall time`.
        budget: &'static str,
        /// How much of it.
        what: String,
    },
    /// The final value does not have the type that was asked for, and the model did not mend it.
    #[error("the answer does not have the type that was asked for: {0}")]
    InvalidAnswer(String),
    /// The turn was cancelled from outside.
    #[error("the turn was cancelled")]
    Cancelled,
}

impl AgentError {
    /// `configuration`, `invalid_input`, `reserved_tool_name`, `duplicate_tool_name`, `invalid_tool_name`, `invalid_tool_schema`,
    /// `sandbox`, `provider_…` with the name of [`ProviderErrorKind`](crate::ProviderErrorKind), `invalid_response`,
    /// `max_iterations`, `stagnation`, `budget`, `invalid_answer` or `cancelled`.
    pub fn kind(&self) -> String {
        match self {
            Self::Configuration(_) => "configuration",
            Self::ReservedToolName(_) => "reserved_tool_name",
            Self::InvalidInput(_) => "invalid_input",
            Self::Sandbox(error) => of_sandbox(error),
            Self::Provider(error) => return crate::transcript::provider_error_kind(error.kind),
            Self::InvalidResponse { .. } => "invalid_response",
            Self::MaxIterations { .. } => "max_iterations",
            Self::Stagnation { .. } => "stagnation",
            Self::Budget { .. } => "budget",
            Self::InvalidAnswer(_) => "invalid_answer",
            Self::Cancelled => "cancelled",
        }
        .to_owned()
    }
}

fn of_sandbox(error: &agentloop_sandbox::Error) -> &'static str {
    use agentloop_sandbox::Error;
    match error {
        Error::ToolConflict { .. } => "duplicate_tool_name",
        Error::ToolName { .. } => "invalid_tool_name",
        Error::ToolSchema { .. } => "invalid_tool_schema",
        _ => "sandbox",
    }
}

/// A turn that ended without an answer. What it did is not lost.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Why.
    pub error: AgentError,
    /// The conversation up to here, the error included. Valid: it can be continued.
    pub transcript: Transcript,
    /// What the turn had spent.
    pub spent: Spent,
}

impl Failure {
    /// Of a turn that did not begin.
    pub(crate) fn before(turn: &Turn, error: AgentError) -> Box<Self> {
        Box::new(Self { error, transcript: turn.history.clone(), spent: Spent::default() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
