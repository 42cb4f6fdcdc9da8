//! Going on with a run that was put aside.

use crate::calls::Answer;
use crate::execute::Admitted;
use crate::journal::{Divergence, JournalError};
use crate::seal::{Once, Unsealable};
use crate::suspend::{Suspended, SuspendedCallState, is_repeatable};
use crate::{Sandbox, Toolbox, json};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// What somebody decided about a call while its run was suspended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Resolution {
    /// It is made, if nothing forbids it.
    Approve,
    /// It is made with other arguments, which must match the tool's schema, if nothing forbids it.
    Amend(Value),
    /// It is not made. The script gets the reason.
    Reject(String),
    /// Of a call in doubt: it is made again.
    Repeat,
    /// It was made, by whatever way, and this is the result.
    Answer(Value),
}

/// Why a run was not resumed. Unless it says otherwise, nothing of it happened, and it can be resumed as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// The bytes are refused.
    #[error(transparent)]
    Sealed(#[from] Unsealable),
    /// The bytes are authentic, and this version of agentloop cannot read what is in them.
    #[error("the suspended run cannot be read by this version of agentloop: use the one that sealed it")]
    Unreadable,
    /// The journal in it cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It was resumed before.
    #[error("this run was resumed before: each suspension of a run can be resumed once")]
    Spent,
    /// The store that says whether it was resumed before does not answer.
    #[error("it cannot be told whether this run was resumed before: {0}")]
    Store(#[source] std::io::Error),
    /// A tool that the run had is not there.
    #[error("the run had the tools {}, which are not there: resume it with them", names.join(", "))]
    Tools {
        /// The tools.
        names: Vec<String>,
    },
    /// The run began under a higher limit than there is now.
    #[error(
        "the run began under limits that are higher than those of this sandbox ({names}): resume it where they are allowed"
    )]
    Limits {
        /// The fields of [`Limits`](crate::Limits).
        names: String,
    },
    /// What was decided does not fit the calls that wait.
    #[error("call {call}: {reason}")]
    Resolution {
        /// The call.
        call: u32,
        /// What is wrong.
        reason: String,
    },
    /// The component is another one than the one that ran it, and does something else with the same journal.
    #[error("the run was suspended by another version of agentloop, and this one does not do the same: {0}")]
    Diverged(Box<Divergence>),
}

impl Sandbox {
    /// Goes on with a run that was put aside, from the same place, with the fuel that was left, under the limits that it began with.
    /// The calls that wait are made, with what [`Run::resolve`](crate::Run::resolve) says about them, and under the gate of the run
    /// that this gives.
    ///
    /// If it was put aside by another version of agentloop, its memory is of no use: then the script is run again from its journal, up
    /// to the same place, with the answers that it had. See [`Outcome::resumed_from`](crate::Outcome::resumed_from).
    ///
    /// # Errors
    ///
    /// [`ResumeError::Tools`] if a tool of the run is not in the toolbox, [`ResumeError::Limits`] if the sandbox allows less than the
    /// run began with. What is found out later comes from [`Run::finish`](crate::Run::finish), as
    /// [`Error::Resume`](crate::Error::Resume).
    pub fn resume(&self, suspended: Suspended) -> Result<crate::Run, ResumeError> {
        let begin = &suspended.journal.begin;
        let is_missing = |name: &&String| self.toolbox().get(name).is_none();
        let names: Vec<String> = begin.tools.keys().filter(is_missing).cloned().collect();
        if !names.is_empty() {
            return Err(ResumeError::Tools { names });
        }
        let names = begin.limits.above(self.limits());
        if !names.is_empty() {
            return Err(ResumeError::Limits { names: names.join(", ") });
        }
        Ok(crate::Run::resumed(self.of_a_run(begin), suspended))
    }
}

/// Checks that each decision fits its call, and that there is one for each call in doubt.
pub(crate) fn check(
    suspended: &Suspended,
    toolbox: &Toolbox,
    resolutions: &BTreeMap<u32, Resolution>,
) -> Result<(), ResumeError> {
    let wrong = |call: u32, reason: &str| Err(ResumeError::Resolution { call, reason: reason.to_owned() });
    let calls: BTreeMap<u32, _> = suspended.calls().map(|call| (call.id, call)).collect();
    for (id, resolution) in resolutions {
        let is_in_doubt = match calls.get(id) {
            None => return wrong(*id, "it does not wait: see which calls do"),
            Some(call) => call.state == SuspendedCallState::InDoubt,
        };
        match resolution {
            Resolution::Approve | Resolution::Amend(_) if is_in_doubt => {
                return wrong(*id, "it was made before and may have happened: repeat it, answer it, or reject it");
            }
            Resolution::Repeat if !is_in_doubt => return wrong(*id, "it was not made before: approve it instead"),
            _ => {}
        }
    }
    for call in calls.values().filter(|call| call.state == SuspendedCallState::InDoubt) {
        let may_be_repeated = toolbox.get(call.tool).is_some_and(is_repeatable);
        if !may_be_repeated && !resolutions.contains_key(&call.id) {
            let reason = format!(
                "`{}` was called before the run was put aside, and nobody knows whether it happened: repeat it, answer it, or reject it",
                call.tool
            );
            return Err(ResumeError::Resolution { call: call.id, reason });
        }
    }
    Ok(())
}

/// Says that a suspended run is used up, unless it was before.
pub(crate) fn take(sealed: Option<([u8; 16], SystemTime)>, once: Option<&dyn Once>) -> Result<(), ResumeError> {
    let (Some(once), Some((id, expires))) = (once, sealed) else { return Ok(()) };
    match once.take(&id, expires) {
        Ok(true) => Ok(()),
        Ok(false) => Err(ResumeError::Spent),
        Err(error) => Err(ResumeError::Store(error)),
    }
}

/// What is left of a run when its journal has been read or played to its end.
pub(crate) struct Rest {
    /// Calls that wait to be made, in order.
    pub(crate) waiting: Vec<Admitted>,
    /// Calls that were answered, and not settled.
    pub(crate) answers: Vec<Answer>,
    /// Arguments that waiting calls were made with instead of those of the script.
    pub(crate) amended: BTreeMap<u32, Value>,
}

/// Arguments out of a journal.
pub(crate) fn parsed(texts: BTreeMap<u32, Box<RawValue>>) -> BTreeMap<u32, Value> {
    texts.into_iter().filter_map(|(id, text)| Some((id, json::parse(text.get()).ok()?))).collect()
}
