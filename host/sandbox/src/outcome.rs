//! What comes out of a run: how it ended, and everything it did on the way.

use crate::{Effect, ScriptError, Suspended, ToolError, Usage};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// Everything about a run that is over. Present for every ending, traps included.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What it wrote, in order, up to the console limit.
    pub console: Vec<ConsoleLine>,
    /// Bytes of console output that were dropped at the limit.
    pub console_dropped_bytes: u64,
    /// Every call that the script made, in order.
    pub calls: Vec<CallReport>,
    /// What it used.
    pub usage: Usage,
    /// How it was resumed, if it was.
    pub resumed_from: Option<ResumedFrom>,
    /// Why its journal is not complete, if it was to be recorded and is not.
    pub journal_error: Option<String>,
}

impl Outcome {
    /// The final value, read as `T`. `None` unless the run finished.
    ///
    /// # Errors
    ///
    /// When the value does not fit `T`.
    pub fn value<T: DeserializeOwned>(&self) -> Option<Result<T, serde_json::Error>> {
        match &self.ending {
            Ending::Finished(value) => Some(serde_json::from_str(value.get())),
            _ => None,
        }
    }
}

/// What a run that was put aside went on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResumedFrom {
    /// From its memory, as it was.
    Snapshot,
    /// It was put aside by another version of agentloop, so its script ran again to the same place, with the answers of its journal.
    Journal,
}

/// The ways a run can end, and only so.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ending {
    /// The script is done; this is its value as JSON text. `undefined` is `null`.
    Finished(Box<RawValue>),
    /// An exception left the script.
    Threw(ScriptError),
    /// The script is not a program. Nothing of it ran.
    Syntax(ScriptError),
    /// A limit was reached.
    LimitExceeded(LimitExceeded),
    /// The script waits for a promise that no call will settle.
    Stuck,
    /// The run was cancelled from outside.
    Cancelled,
    /// The script was refused before anything ran.
    Refused(Refusal),
    /// The run was put aside while it waited. It can be resumed: see [`Sandbox::resume`](crate::Sandbox::resume).
    Suspended(Box<Suspended>),
    /// The run was ended because its journal could not be written. What would have followed did not happen.
    NotRecorded {
        /// Why.
        reason: String,
    },
}

/// A limit that a run reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// Which.
    pub limit: LimitKind,
    /// What the run had used, or asked for. In the unit of the limit.
    pub used: u64,
    /// What it was allowed.
    pub allowed: u64,
    /// The tool, where the limit is that of one.
    pub tool: Option<String>,
}

impl LimitExceeded {
    pub(crate) fn new(limit: LimitKind, used: u64, allowed: u64) -> Self {
        Self { limit, used, allowed, tool: None }
    }

    /// A limit in time.
    pub(crate) fn time(limit: LimitKind, used: Duration, allowed: Duration) -> Self {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self::new(limit, milliseconds(used), milliseconds(allowed))
    }
}

/// The limits that end a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitKind {
    /// Fuel of the run, in units.
    Fuel,
    /// Fuel of one step, in units.
    StepFuel,
    /// Time that the guest executed, in milliseconds.
    GuestTime,
    /// Time of the whole run, in milliseconds.
    WallTime,
    /// Linear memory, in bytes.
    Memory,
    /// The stack, where recursion could not be turned into a `RangeError`. In bytes.
    Stack,
    /// JSON text of the final value, in bytes.
    Value,
    /// Calls of the run.
    Calls,
    /// Bytes that went into the guest.
    BytesIn,
    /// Bytes that came out of it.
    BytesOut,
    /// Time that the run waited, in milliseconds.
    Waited,
    /// Calls of one tool.
    ToolCalls,
    /// Bytes of the arguments and results of one tool.
    ToolBytes,
}

impl LimitKind {
    /// The name that reports use: `fuel`, `step_fuel`, `guest_time_ms`, `wall_time_ms`, `memory_bytes`, `stack_bytes`,
    /// `value_bytes`, `calls`, `bytes_in`, `bytes_out`, `waited_ms`, `tool_calls` or `tool_bytes`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::StepFuel => "step_fuel",
            Self::GuestTime => "guest_time_ms",
            Self::WallTime => "wall_time_ms",
            Self::Memory => "memory_bytes",
            Self::Stack => "stack_bytes",
            Self::Value => "value_bytes",
            Self::Calls => "calls",
            Self::BytesIn => "bytes_in",
            Self::BytesOut => "bytes_out",
            Self::Waited => "waited_ms",
            Self::ToolCalls => "tool_calls",
            Self::ToolBytes => "tool_bytes",
        }
    }
}

/// Why a script was not run at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no code in it.
    Empty,
    /// It is larger than the limit.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The texts given beside it are larger than the limit.
    LiteralsTooLarge {
        /// Their size in all.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
}

impl Refusal {
    /// The name of the rule: `script_empty`, `script_too_large` or `literals_too_large`.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Empty => "script_empty",
            Self::TooLarge { .. } => "script_too_large",
            Self::LiteralsTooLarge { .. } => "literals_too_large",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => formatter.write_str("the script is empty"),
            Self::TooLarge { bytes, bytes_max } => {
                write!(formatter, "the script is {bytes} bytes long, {bytes_max} are allowed")
            }
            Self::LiteralsTooLarge { bytes, bytes_max } => {
                write!(formatter, "the literals are {bytes} bytes long, {bytes_max} are allowed")
            }
        }
    }
}

/// How loud a line of console output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleLevel {
    /// `console.debug`, `console.trace`
    Debug,
    /// `console.log` and what is built on it
    Log,
    /// `console.info`
    Info,
    /// `console.warn`
    Warn,
    /// `console.error`, failed assertions, rejections that nothing handled
    Error,
}

impl ConsoleLevel {
    /// `debug`, `log`, `info`, `warn` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Log => "log",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One write to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsoleLine {
    /// How loud.
    pub level: ConsoleLevel,
    /// The text, without a line break at its end. It may contain line breaks and control characters.
    pub text: String,
}

/// One call that a script made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallReport {
    /// Counts from 0 within the run.
    pub id: u32,
    /// The name that was asked for. Cut to 128 bytes.
    pub tool: String,
    /// JSON text of the arguments that the call was made with. `None`: left out, because of their size.
    pub arguments: Option<Arc<RawValue>>,
    /// The arguments that the script gave, if it was made with others.
    pub asked: Option<Arc<RawValue>>,
    /// What calling its tool may do to the world.
    pub effect: Effect,
    /// How it ended.
    pub status: CallStatus,
    /// From the start of the handler to its end. Zero for a call that never started.
    pub duration: Duration,
    /// Fuel charged for it: [`CALL_FUEL`](crate::CALL_FUEL), its bytes, and the price of the tool.
    pub fuel: u64,
    /// Bytes of the JSON text of the arguments that the script gave.
    pub argument_bytes: usize,
    /// Bytes of the JSON text of the result, or of the message of the error.
    pub result_bytes: usize,
    /// Whether it had begun, and not ended, when the run did: it may have happened.
    pub has_begun: bool,
    /// Whether it was answered from the record of an earlier run, and not made. See [`Answers`](crate::Answers).
    pub is_recalled: bool,
}

/// How a call ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallStatus {
    /// JSON text of the result. `None`: left out of the report because of its size; the script had it.
    Succeeded(Option<Arc<RawValue>>),
    /// The script got this error.
    Failed(ToolError),
    /// The run ended before the call did.
    Cancelled,
    /// The run was suspended before the call ended. What it waits for: [`Suspended::calls`](crate::Suspended::calls).
    Suspended,
}
