//! How a run must end, whole: a suite compares nothing less.

use agentloop_sandbox::{Ending, LimitKind, Refusal};

/// An ending, with everything in it that a suite can know beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The JSON text of the value.
    Finished(String),
    /// Name and message, as in `TypeError: not a function`.
    Threw(String),
    /// The same, of a script that is not a program.
    Syntax(String),
    /// The limit and what it allowed.
    Limit(LimitKind, u64),
    /// It waits for nothing that could come.
    Stuck,
    /// From outside.
    Cancelled,
    /// Before anything ran.
    Refused(Refusal),
    /// An ending that this crate does not know: no expectation equals it.
    Unknown(String),
}

impl From<&Ending> for Expect {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Finished(value) => Self::Finished(value.get().to_owned()),
            Ending::Threw(error) => Self::Threw(error.to_string()),
            Ending::Syntax(error) => Self::Syntax(error.to_string()),
            Ending::LimitExceeded(exceeded) => {
                // A meter stops at its limit; a size is refused because it is above it.
                let is_plausible = match exceeded.limit {
                    LimitKind::Fuel | LimitKind::StepFuel => exceeded.used <= exceeded.allowed,
                    // Paused time jumps; the clock that is reported does not.
                    LimitKind::WallTime => true,
                    LimitKind::Value | LimitKind::Calls => exceeded.used > exceeded.allowed,
                    _ => exceeded.used >= exceeded.allowed,
                };
                assert!(is_plausible, "{exceeded:?}");
                Self::Limit(exceeded.limit, exceeded.allowed)
            }
            Ending::Stuck => Self::Stuck,
            Ending::Cancelled => Self::Cancelled,
            Ending::Refused(refusal) => Self::Refused(refusal.clone()),
            other => Self::Unknown(format!("{other:?}")),
        }
    }
}

/// It finished; this is the JSON text of its value.
pub fn finished(json: impl Into<String>) -> Expect {
    Expect::Finished(json.into())
}

/// It threw `Name: message`.
pub fn threw(error: impl Into<String>) -> Expect {
    Expect::Threw(error.into())
}

/// It is not a program.
pub fn syntax(error: impl Into<String>) -> Expect {
    Expect::Syntax(error.into())
}

/// It reached a limit.
pub fn limit(limit: LimitKind, allowed: u64) -> Expect {
    Expect::Limit(limit, allowed)
}

/// It waits for a promise that nothing will settle.
pub fn stuck() -> Expect {
    Expect::Stuck
}

/// It was cancelled.
pub fn cancelled() -> Expect {
    Expect::Cancelled
}

/// It was refused before it ran.
pub fn refused(refusal: Refusal) -> Expect {
    Expect::Refused(refusal)
}
