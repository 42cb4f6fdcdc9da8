//! Why a turn has no answer, in terms of the command line: an exit code, a sentence, and what to do about it.

use crate::arguments::AgentArguments;
use crate::exit::Exit;
use crate::terminal::{Screen, Tone};
use crate::units::grouped;
use agentloop::{AgentError, Answer, ProviderError, ProviderErrorKind};
use serde::Serialize;

/// The `error` of a report.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    kind: String,
    message: String,
    hint: Option<String>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

impl Verdict {
    /// `None` if there is an answer.
    pub(super) fn of(result: &Result<Answer, AgentError>, arguments: &AgentArguments) -> Option<Self> {
        let error = result.as_ref().err()?;
        let (exit, message, hint) = match error {
            AgentError::Cancelled => (Exit::Cancelled, error.to_string(), ""),
            AgentError::InvalidInput(_) => (Exit::Usage, error.to_string(), "give another prompt"),
            AgentError::MaxIterations { iterations } => {
                let replies = if *iterations == 1 { "1 reply".to_owned() } else { format!("{iterations} replies") };
                let hint = "ask for less at a time, or allow more replies with --max-iterations";
                (Exit::BudgetUsedUp, format!("no answer after {replies}"), hint)
            }
            AgentError::Budget { budget, what } => {
                let hint = match (*budget, arguments.budget_tokens) {
                    ("tokens", Some(_)) => "ask for less at a time, or allow more with --budget-tokens",
                    _ => "ask for less at a time; no flag raises this budget",
                };
                (Exit::BudgetUsedUp, budget_message(budget, what, arguments), hint)
            }
            AgentError::Stagnation { .. } => {
                (Exit::NoAnswer, error.to_string(), "ask in another way, or give it a tool that can do what it tries")
            }
            AgentError::InvalidResponse { .. } | AgentError::InvalidAnswer(_) => {
                (Exit::NoAnswer, error.to_string(), "ask again, or ask another model")
            }
            AgentError::Provider(error) => provider(error, arguments),
            _ => (Exit::Host, error.to_string(), "this is a fault of agentloop, not of the model; please report it"),
        };
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        Some(Self { kind: error.kind(), message, hint, exit })
    }

    /// Says it to a person.
    pub(super) fn say(&self, screen: Screen) {
        screen.say(Tone::Error, "error", &self.message);
        if let Some(hint) = &self.hint {
            screen.say(Tone::Help, "help", hint);
        }
    }
}

/// The last reply was paid for before it was known what it costs, so more may be used than is allowed.
fn budget_message(budget: &str, what: &str, arguments: &AgentArguments) -> String {
    match (budget, arguments.budget_tokens) {
        ("tokens", Some(allowed)) => format!("no answer within the budget of {} tokens", grouped(allowed)),
        _ => format!("no answer within the budget: {what}"),
    }
}

fn provider(error: &ProviderError, arguments: &AgentArguments) -> (Exit, String, &'static str) {
    if let Some(path) = &arguments.cassette {
        let message = format!("the cassette `{}` has no further reply", path.display());
        return (
            Exit::NoModel,
            message,
            "play it with the prompt, tools and limits that it was recorded with, or record it anew",
        );
    }
    let exit = if error.kind.is_transient() { Exit::TryLater } else { Exit::NoModel };
    let hint = match error.kind {
        ProviderErrorKind::Auth => "check the key of the provider in the environment",
        ProviderErrorKind::InvalidRequest => "check the name given with --model",
        ProviderErrorKind::ContextTooLong => "begin a new conversation, with another --history file or none",
        ProviderErrorKind::Refused => "ask in another way, or ask another model",
        _ => "try again later",
    };
    (exit, error.to_string(), hint)
}
