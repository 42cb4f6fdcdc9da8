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

#[cfg(test)]
mod tests {
    use super::Verdict;
    use crate::arguments::{Arguments, Command};
    use agentloop::{AgentError, ProviderError, ProviderErrorKind};
    use clap::Parser as _;

    #[track_caller]
    fn check(error: AgentError, flags: &[&str], code: u8, kind: &str, message: &str, hint: Option<&str>) {
        let line = [&["agentloop", "run", "--prompt", "ask"], flags].concat();
        let Command::Run(run) = Arguments::try_parse_from(line).expect("the command line is good").command else {
            panic!("the command is `run`")
        };
        let verdict = Verdict::of(&Err(error), &run.agent).expect("there is no answer");
        assert_eq!((verdict.exit.code(), verdict.kind.as_str(), verdict.message.as_str()), (code, kind, message));
        assert_eq!(verdict.hint.as_deref(), hint);
    }

    #[test]
    fn a_model_that_does_not_reply_says_whether_to_wait_or_to_act() {
        let fails = |kind, code, name: &str, message: &str, hint: &str| {
            let error = ProviderError::new(kind, "so it says");
            check(error.into(), &[], code, name, &format!("{message}: so it says"), Some(hint));
        };
        use ProviderErrorKind::{Auth, ContextTooLong, InvalidRequest, Network, Overload, RateLimit, Refused};
        let later = "try again later";
        fails(RateLimit, 75, "provider_rate_limit", "the provider's rate limit is reached", later);
        fails(Overload, 75, "provider_overload", "the provider is overloaded", later);
        fails(Network, 75, "provider_network", "the provider could not be reached", later);
        let key = "check the key of the provider in the environment";
        fails(Auth, 69, "provider_auth", "the provider does not accept the key", key);
        let name = "check the name given with --model";
        fails(InvalidRequest, 69, "provider_invalid_request", "the provider does not take the request", name);
        let anew = "begin a new conversation, with another --history file or none";
        fails(ContextTooLong, 69, "provider_context_too_long", "the conversation is longer than the model reads", anew);
        let otherwise = "ask in another way, or ask another model";
        fails(Refused, 69, "provider_refused", "the provider refused", otherwise);
    }

    #[test]
    fn a_budget_names_its_flag_or_says_that_there_is_none() {
        let used_up = |budget: &'static str| AgentError::Budget { budget, what: "5 of 3 are used".to_owned() };
        let hint = "ask for less at a time, or allow more with --budget-tokens";
        let message = "no answer within the budget of 1,000 tokens";
        check(used_up("tokens"), &["--budget-tokens", "1k"], 13, "budget", message, Some(hint));
        let hint = "ask for less at a time; no flag raises this budget";
        let message = "no answer within the budget: 5 of 3 are used";
        check(used_up("wall time"), &["--budget-tokens", "1k"], 13, "budget", message, Some(hint));
    }

    #[test]
    fn whoever_cancels_a_turn_knows_what_to_do() {
        check(AgentError::Cancelled, &[], 130, "cancelled", "the turn was cancelled", None);
    }
}
