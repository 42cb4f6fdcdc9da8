//! The lines of a journal: each one JSON object with one key, which says what happened.

use crate::ledger::microseconds;
use crate::{ConsoleLevel, LimitKind, Limits, Outcome, ToolError, ToolErrorKind, ToolLimits};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The version of the format. One that reads it knows all that is in it, or refuses it.
pub(crate) const FORMAT: u32 = 1;

/// One line. What the script does (`submit`, `console`, `step`, `end`) is compared when it is replayed; the rest is what it is given.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry<'a> {
    /// The first line.
    Begin(Box<Begin<'a>>),
    /// The script asks for a call.
    Submit {
        call: u32,
        tool: Cow<'a, str>,
        /// Of a call that was refused before anybody looked at its arguments there is only the size.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        arguments: Option<Cow<'a, RawValue>>,
        bytes: usize,
    },
    /// The call is about to be made. From here until its answer nobody knows whether it happened.
    Start {
        call: u32,
        /// With which arguments, if they are not those of the script.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        arguments: Option<Cow<'a, RawValue>>,
    },
    /// The call is over.
    Answer {
        call: u32,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        ok: Option<Cow<'a, RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        error: Option<Cow<'a, ToolError>>,
        duration_us: u64,
        /// It was not made: the answer is from the journal of an earlier run.
        #[serde(rename = "recalled", skip_serializing_if = "std::ops::Not::not", default)]
        is_recalled: bool,
    },
    /// A step begins, with these answers and timers, in this order.
    Settle {
        calls: Vec<u32>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        timers: Vec<u32>,
        /// Time that the run waited for them.
        #[serde(default)]
        waited_us: u64,
    },
    Console {
        level: ConsoleLevel,
        text: Cow<'a, str>,
    },
    /// A step is over.
    Step {
        fuel: u64,
        memory_bytes: usize,
    },
    /// The run is put aside while it waits: what is known of it only from outside.
    Suspend(Suspend),
    /// It goes on, perhaps in another process.
    Resume {},
    /// The last line of a run that is over.
    End(End<'a>),
}

/// What the run is made of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Begin<'a> {
    pub(crate) format: u32,
    /// Names the run, over processes. 32 hexadecimal digits.
    pub(crate) run: Cow<'a, str>,
    pub(crate) agentloop: Cow<'a, str>,
    /// SHA-256 of the component, in hexadecimal.
    pub(crate) component: Cow<'a, str>,
    pub(crate) script: Cow<'a, str>,
    pub(crate) clock_ms: u64,
    pub(crate) seed: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub(crate) literals: BTreeMap<String, String>,
    pub(crate) limits: Limits,
    /// Budgets of the script's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) fuel_max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) calls_max: Option<u32>,
    /// The tools, under what each could be called.
    pub(crate) tools: BTreeMap<String, ToolTerms>,
    /// The runs whose answers this one was given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) continues: Vec<String>,
    /// SHA-256 of all that is said of the tools, in hexadecimal.
    pub(crate) manifest: Cow<'a, str>,
}

/// Under what a tool could be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToolTerms {
    /// Units of fuel of each call, beside what every call costs.
    pub(crate) price: u64,
    #[serde(rename = "read_only", skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) is_read_only: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) limits: Option<ToolLimits>,
}

/// Where a run that is put aside stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Suspend {
    /// Calls that wait for somebody's leave.
    pub(crate) asking: Vec<u32>,
    pub(crate) guest_time_us: u64,
    pub(crate) wall_time_us: u64,
    /// The timers that wait, in the order in which they were started, and the microseconds that are left of each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) timers: Vec<(u32, u64)>,
    pub(crate) timers_started: u32,
    /// What counts against the limit of the console.
    pub(crate) console_bytes: usize,
    pub(crate) console_dropped_bytes: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct End<'a> {
    /// The name of the ending, and what belongs to it.
    pub(crate) ending: Cow<'a, RawValue>,
    pub(crate) fuel: u64,
    pub(crate) memory_peak_bytes: usize,
    pub(crate) console_dropped_bytes: u64,
    /// Times, which are not the same when it is run again.
    #[serde(default)]
    pub(crate) guest_time_us: u64,
    #[serde(default)]
    pub(crate) wall_time_us: u64,
}

/// How a run ended, as a journal has it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Ending<'a> {
    Finished(&'a RawValue),
    Threw(Thrown<'a>),
    Syntax(Thrown<'a>),
    LimitExceeded {
        limit: &'static str,
        used: u64,
        allowed: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        tool: Option<&'a str>,
    },
    Stuck,
    Cancelled,
    Refused(String),
    NotRecorded,
}

#[derive(Serialize)]
struct Thrown<'a> {
    name: &'a str,
    message: &'a str,
    stack: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<[&'a str; 3]>,
}

impl<'a> Thrown<'a> {
    fn of(error: &'a crate::ScriptError) -> Self {
        let related = error.related.iter();
        Self {
            name: &error.name,
            message: &error.message,
            stack: &error.stack,
            related: related.map(|error| [error.path.as_str(), &error.name, &error.message]).collect(),
        }
    }
}

/// The JSON text of an ending.
fn text_of(ending: &crate::Ending) -> Option<Box<RawValue>> {
    let ending = match ending {
        crate::Ending::Finished(value) => Ending::Finished(value),
        crate::Ending::Threw(error) => Ending::Threw(Thrown::of(error)),
        crate::Ending::Syntax(error) => Ending::Syntax(Thrown::of(error)),
        crate::Ending::LimitExceeded(exceeded) => Ending::LimitExceeded {
            limit: exceeded.limit.name(),
            used: exceeded.used,
            allowed: exceeded.allowed,
            tool: exceeded.tool.as_deref(),
        },
        crate::Ending::Stuck => Ending::Stuck,
        crate::Ending::Cancelled => Ending::Cancelled,
        crate::Ending::Refused(refusal) => Ending::Refused(refusal.to_string()),
        crate::Ending::NotRecorded { .. } => Ending::NotRecorded,
        crate::Ending::Suspended(_) => return None,
    };
    serde_json::value::to_raw_value(&ending).ok()
}

impl End<'static> {
    /// `None` if it is not the end of the run.
    pub(crate) fn of(outcome: &Outcome) -> Option<Self> {
        Some(Self {
            ending: Cow::Owned(text_of(&outcome.ending)?),
            fuel: outcome.usage.fuel,
            memory_peak_bytes: outcome.usage.memory_peak_bytes,
            console_dropped_bytes: outcome.console_dropped_bytes,
            guest_time_us: microseconds(outcome.usage.guest_time),
            wall_time_us: microseconds(outcome.usage.wall_time),
        })
    }
}

impl End<'_> {
    /// Bytes of the final value.
    pub(crate) fn value_bytes(&self) -> usize {
        #[derive(Deserialize)]
        struct Finished<'a> {
            #[serde(borrow)]
            finished: &'a RawValue,
        }
        serde_json::from_str::<Finished<'_>>(self.ending.get()).map_or(0, |ending| ending.finished.get().len())
    }

    /// Whether the run was ended from outside, at a moment that no second run meets again.
    pub(crate) fn came_from_outside(&self) -> bool {
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Outside {
            Cancelled,
            NotRecorded,
            LimitExceeded { limit: String },
        }
        match serde_json::from_str(self.ending.get()) {
            Ok(Outside::Cancelled | Outside::NotRecorded) => true,
            Ok(Outside::LimitExceeded { limit }) => {
                [LimitKind::GuestTime, LimitKind::WallTime, LimitKind::Waited].iter().any(|kind| kind.name() == limit)
            }
            Err(_) => false,
        }
    }
}

/// The answer of a call, as a line has it.
pub(crate) fn answered(
    ok: Option<Cow<'_, RawValue>>,
    error: Option<Cow<'_, ToolError>>,
) -> Result<Box<RawValue>, ToolError> {
    match (ok, error) {
        (Some(json), _) => Ok(json.into_owned()),
        (None, Some(error)) => Err(error.into_owned()),
        (None, None) => Err(ToolError::new(ToolErrorKind::Failed, "its answer is not in the journal")),
    }
}

impl Entry<'_> {
    /// The call that it is about.
    pub(crate) fn call(&self) -> Option<u32> {
        match self {
            Self::Submit { call, .. } | Self::Start { call, .. } | Self::Answer { call, .. } => Some(*call),
            _ => None,
        }
    }

    /// The entry in words, without fuel and memory, which are not the same for another component.
    pub(crate) fn describe_roughly(&self) -> String {
        match self {
            Self::Step { .. } => "the step ends".to_owned(),
            Self::End(end) => format!("the run ends: {}", end.ending),
            _ => self.describe(),
        }
    }

    /// The entry in words, for whoever looks for the place where two runs differ.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Begin(_) => "another beginning".to_owned(),
            Self::Submit { call, tool, arguments, .. } => {
                format!("call {call} of `{tool}` with {}", arguments.as_ref().map_or("…", |arguments| arguments.get()))
            }
            Self::Start { call, arguments: None } => format!("call {call} is made"),
            Self::Start { call, arguments: Some(arguments) } => format!("call {call} is made with {arguments}"),
            Self::Answer { call, ok: Some(json), .. } => format!("call {call} is answered with {json}"),
            Self::Answer { call, error, .. } => {
                let message = error.as_ref().map_or("", |error| &error.message);
                format!("call {call} fails: {message}")
            }
            Self::Settle { calls, timers, .. } => format!("calls {calls:?} are settled and timers {timers:?} fire"),
            Self::Console { level, text } => format!("console.{}: {text}", level.name()),
            Self::Step { fuel, memory_bytes } => {
                format!("the step ends, with {fuel} units of fuel and at most {memory_bytes} bytes of memory")
            }
            Self::Suspend(_) => "the run is put aside".to_owned(),
            Self::Resume {} => "the run goes on".to_owned(),
            Self::End(end) => end.describe(),
        }
    }
}

impl End<'_> {
    pub(crate) fn describe(&self) -> String {
        let Self { ending, fuel, memory_peak_bytes, .. } = self;
        format!("the run ends: {ending}, with {fuel} units of fuel and at most {memory_peak_bytes} bytes of memory")
    }
}
