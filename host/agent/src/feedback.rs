//! What a model is told of a script that ran: enough to go on, or to repair it without doing anything twice.

use crate::budget::{self, Budgets, Spent};
use crate::reply::Script;
use crate::transcript::{CallError, CallNote, ScriptReport, shortened};
use agentloop_sandbox::{CallReport, CallStatus, ConsoleLevel, Ending, Outcome, ScriptError};
use std::collections::BTreeMap;

/// Bytes of one part: a value, the console, the result of a call. Head and tail are kept.
const CALL_BYTES_MAX: usize = 1 << 10;
const CALLS_MADE: &str = "Calls it had made by then (until a script finishes, those that are done are not made again: repeat them in \
                          your script as they were, and they give the same):";
/// Calls that are told of one by one.
const CALLS_MAX: usize = 40;

/// What of a report is cut, and how.
pub(crate) struct Clamp {
    /// Bytes of the final value, and as many of the console.
    bytes_max: usize,
    /// Names for what is left out, which no earlier script of the conversation has.
    ids: std::ops::RangeFrom<usize>,
    kept: BTreeMap<String, String>,
    /// Bytes that may still be kept.
    room: usize,
}

impl Clamp {
    pub(crate) fn new(bytes_max: usize, first_id: usize, kept_bytes_max: usize) -> Self {
        Self { bytes_max, ids: first_id.., kept: BTreeMap::new(), room: kept_bytes_max }
    }

    /// The text, or its head and tail with a mark that says how to read the rest.
    fn clamp(&mut self, text: &str, bytes_max: usize) -> String {
        if text.len() <= bytes_max {
            return text.to_owned();
        }
        let head = text.floor_char_boundary(bytes_max * 2 / 3);
        let tail = text.ceil_char_boundary(text.len() - bytes_max / 3);
        let left_out = format!("{} bytes left out", tail - head);
        let mark = match self.keep(text) {
            Some(id) => format!("{left_out}; LiteralLoader(\"{id}\") in your next script gives all of it"),
            None => left_out,
        };
        format!("{}\n[… {mark} …]\n{}", &text[..head], &text[tail..])
    }

    /// Keeps a text for later scripts, if it is not more than they could be given.
    fn keep(&mut self, text: &str) -> Option<String> {
        self.room = self.room.checked_sub(text.len())?;
        let id = format!("result-{}", self.ids.next().unwrap_or_default());
        self.kept.insert(id.clone(), text.to_owned());
        Some(id)
    }
}

/// The report of a script.
pub(crate) fn report(
    script: &Script,
    outcome: &Outcome,
    clamp: Clamp,
    budgets: &Budgets,
    spent: &Spent,
) -> ScriptReport {
    let (feedback, kept) = feedback(outcome, clamp, &budget::left(budgets, spent));
    ScriptReport {
        call_id: script.call_id.clone(),
        script: script.source.clone(),
        literals: script.literals.clone(),
        ending: ending_name(&outcome.ending).to_owned(),
        calls: outcome.calls.iter().map(note).collect(),
        feedback,
        kept,
        fuel: outcome.usage.fuel,
    }
}

pub(crate) fn ending_name(ending: &Ending) -> &'static str {
    match ending {
        Ending::Finished(_) => "finished",
        Ending::Threw(_) => "threw",
        Ending::Syntax(_) => "syntax",
        Ending::LimitExceeded(_) => "limit",
        Ending::Stuck => "stuck",
        Ending::Cancelled => "cancelled",
        _ => "refused",
    }
}

fn note(call: &CallReport) -> CallNote {
    let arguments = call.arguments.as_ref().map_or("", |arguments| arguments.get());
    let result = match &call.status {
        CallStatus::Succeeded(result) => result.as_ref().map(|result| shortened(result.get()).to_owned()),
        _ => None,
    };
    CallNote {
        tool: call.tool.clone(),
        arguments: shortened(arguments).to_owned(),
        result,
        error: call_error(&call.status),
    }
}

/// What went wrong with a call, if anything did.
pub(crate) fn call_error(status: &CallStatus) -> Option<CallError> {
    let (kind, message) = match status {
        CallStatus::Succeeded(_) => return None,
        CallStatus::Failed(error) => (error.kind.name(), error.message.as_str()),
        _ => ("cancelled", "the script ended before it"),
    };
    Some(CallError { kind: kind.to_owned(), message: message.to_owned() })
}

fn feedback(outcome: &Outcome, mut clamp: Clamp, left: &str) -> (String, BTreeMap<String, String>) {
    let bytes_max = clamp.bytes_max;
    let mut parts = Vec::new();
    match &outcome.ending {
        Ending::Finished(value) => parts.push(match value.get() {
            "null" if !outcome.console.is_empty() => "The script finished without a value.".to_owned(),
            "null" => {
                "The script finished without a value and printed nothing. `return` what you want to see.".to_owned()
            }
            value => format!("The script returned:\n{}", clamp.clamp(value, bytes_max)),
        }),
        ending => parts.push(clamp.clamp(&failure(ending), bytes_max)),
    }
    if !outcome.console.is_empty() {
        let dropped = match outcome.console_dropped_bytes {
            0 => String::new(),
            bytes => format!("\n[… {bytes} more bytes were dropped at the console's limit …]"),
        };
        parts.push(format!("Console:\n{}{dropped}", clamp.clamp(&console(outcome), bytes_max)));
    }
    if !matches!(outcome.ending, Ending::Finished(_)) && !outcome.calls.is_empty() {
        parts.push(calls(&outcome.calls, &mut clamp));
    }
    parts.push(format!("(Left: {left}.)"));
    (parts.join("\n\n"), clamp.kept)
}

fn console(outcome: &Outcome) -> String {
    let line = |line: &agentloop_sandbox::ConsoleLine| match line.level {
        ConsoleLevel::Warn | ConsoleLevel::Error => format!("[{}] {}", line.level.name(), line.text),
        _ => line.text.clone(),
    };
    outcome.console.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn failure(ending: &Ending) -> String {
    match ending {
        Ending::Threw(error) => format!("The script threw.\n{}", error_text(error)),
        Ending::Syntax(error) => {
            format!("The script is not valid JavaScript; nothing of it ran.\n{}", error_text(error))
        }
        Ending::LimitExceeded(exceeded) => format!(
            "The script was stopped at its limit `{}` of {}{}. Do less in one script, or do it in another way.",
            exceeded.limit.name(),
            exceeded.allowed,
            exceeded.tool.as_ref().map_or_else(String::new, |tool| format!(" for `{tool}`"))
        ),
        Ending::Stuck => {
            "The script waits for a promise that nothing will settle. Await only calls of `tools` and timers."
                .to_owned()
        }
        Ending::Refused(refusal) => format!("The script was not run: {refusal}."),
        Ending::Cancelled => "The script was cancelled.".to_owned(),
        other => format!("The script ended: {}.", ending_name(other)),
    }
}

fn error_text(error: &ScriptError) -> String {
    // The code frame begins with the message.
    let mut text = error.frame.clone().unwrap_or_else(|| error.to_string());
    for related in &error.related {
        text.push_str(&format!("\n{}: {related}", related.path));
    }
    text
}

/// What had happened before the script failed: none of it happens twice.
fn calls(calls: &[CallReport], clamp: &mut Clamp) -> String {
    let line = |call: &CallReport| {
        let arguments = call.arguments.as_ref().map_or("…", |arguments| arguments.get());
        let arguments = clamp.clamp(arguments, CALL_BYTES_MAX);
        match &call.status {
            CallStatus::Succeeded(Some(result)) => {
                format!("- done: {}({arguments}) gave {}", call.tool, clamp.clamp(result.get(), CALL_BYTES_MAX))
            }
            CallStatus::Succeeded(None) => format!("- done, do not repeat it: {}({arguments})", call.tool),
            CallStatus::Failed(error) => {
                format!("- failed: {}({arguments}): {} ({})", call.tool, error.message, error.kind.name())
            }
            _ if call.has_begun => format!("- in doubt, it was still running: {}({arguments})", call.tool),
            _ => format!("- not made: {}({arguments})", call.tool),
        }
    };
    let shown: Vec<String> = calls.iter().take(CALLS_MAX).map(line).collect();
    let more = match calls.len().saturating_sub(CALLS_MAX) {
        0 => String::new(),
        more => format!("\n- and {more} more"),
    };
    format!("{CALLS_MADE}\n{}{more}", shown.join("\n"))
}
