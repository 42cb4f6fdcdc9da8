//! The object that `--json` prints: version 1 of `docs/run.schema.json`. Fields may be added to it, never changed.

use crate::json_text::compact;
use crate::problem::Problem;
use crate::status::Status;
use agentloop_sandbox::{CallReport, CallStatus, Ending, Outcome, Suspended, SuspendedCallState, Usage};
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Problem>,
    console: Vec<Line<'a>>,
    console_dropped_bytes: u64,
    calls: Vec<Call<'a>>,
    usage: Used<'a>,
    /// The name of a run that was put aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    /// The calls that it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending: Vec<Pending<'a>>,
}

/// A call of a run that was put aside.
#[derive(Serialize)]
pub(crate) struct Pending<'a> {
    pub(crate) call: u32,
    pub(crate) tool: &'a str,
    pub(crate) arguments: &'a RawValue,
    pub(crate) state: &'static str,
}

/// The calls that a run which was put aside waits for.
pub(crate) fn pending(suspended: &Suspended) -> Vec<Pending<'_>> {
    let pending = suspended.calls().map(|call| Pending {
        call: call.id,
        tool: call.tool,
        arguments: call.arguments,
        state: match call.state {
            SuspendedCallState::Asking => "asking",
            SuspendedCallState::InDoubt => "in_doubt",
            _ => "queued",
        },
    });
    pending.collect()
}

/// A line of the console.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    level: &'static str,
    text: &'a str,
}

/// What the script wrote.
pub(crate) fn console(outcome: &Outcome) -> Vec<Line<'_>> {
    outcome.console.iter().map(|line| Line { level: line.level.name(), text: &line.text }).collect()
}

/// A key is left out where the run did not keep what belongs there, because of its size.
#[derive(Serialize)]
struct Call<'a> {
    id: u32,
    tool: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Box<RawValue>>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<CallError<'a>>,
    duration_us: u64,
    fuel: u64,
    /// It was not made: the answer is from the record of an earlier run.
    #[serde(rename = "recalled", skip_serializing_if = "std::ops::Not::not")]
    is_recalled: bool,
}

#[derive(Serialize)]
struct CallError<'a> {
    kind: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct Used<'a> {
    #[serde(flatten)]
    usage: &'a Usage,
    fuel_per_step: Vec<u64>,
}

/// The object, on one line.
pub(crate) fn to_json(
    outcome: &Outcome,
    status: Status,
    problem: Option<&Problem>,
    run: Option<&str>,
) -> serde_json::Result<String> {
    let value = match &outcome.ending {
        Ending::Finished(value) => Some(on_one_line(value)?),
        _ => None,
    };
    let usage = &outcome.usage;
    serde_json::to_string(&Report {
        version: VERSION,
        status: status.name(),
        value,
        error: problem,
        console: console(outcome),
        console_dropped_bytes: outcome.console_dropped_bytes,
        calls: outcome.calls.iter().map(call).collect::<serde_json::Result<_>>()?,
        usage: Used { usage, fuel_per_step: usage.fuel_per_step() },
        run,
        pending: match &outcome.ending {
            Ending::Suspended(suspended) => pending(suspended),
            _ => Vec::new(),
        },
    })
}

fn call(call: &CallReport) -> serde_json::Result<Call<'_>> {
    let (status, result, error) = match &call.status {
        CallStatus::Succeeded(result) => ("succeeded", result.as_deref().map(on_one_line).transpose()?, None),
        CallStatus::Failed(error) => {
            ("failed", None, Some(CallError { kind: error.kind.name(), message: &error.message }))
        }
        CallStatus::Suspended => ("waiting", None, None),
        _ => ("cancelled", None, None),
    };
    Ok(Call {
        id: call.id,
        tool: &call.tool,
        arguments: call.arguments.as_deref().map(on_one_line).transpose()?,
        status,
        result,
        error,
        duration_us: microseconds(call.duration),
        fuel: call.fuel,
        is_recalled: call.is_recalled,
    })
}

/// A tool may answer with JSON over many lines.
fn on_one_line(json: &RawValue) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(compact(json))
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
