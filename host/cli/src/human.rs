//! A run for a person: the value on standard output, everything else on standard error.

use crate::json_text::indented;
use crate::problem::Problem;
use crate::status::Status;
use crate::terminal::{Screen, Tone};
use crate::units;
use agentloop_sandbox::{CallStatus, ConsoleLevel, ConsoleLine, Ending, Limits, Outcome};
use serde_json::value::RawValue;

/// What frames call every script.
const SCRIPT_FILE: &str = "script.js";
const STACK_LINES_MAX: usize = 10;
const CALLS_NAMED_MAX: usize = 5;

/// A string as its text, anything else as JSON.
pub(crate) fn value_text(value: &RawValue) -> String {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => text,
        // Not a string; or one that UTF-8 cannot hold, which has no form but JSON.
        Err(_) => indented(value),
    }
}

/// One line of console output.
pub(crate) fn show_console(screen: Screen, line: &ConsoleLine) {
    let tone = match line.level {
        ConsoleLevel::Debug => Tone::Faint,
        ConsoleLevel::Warn => Tone::Warning,
        ConsoleLevel::Error => Tone::Error,
        ConsoleLevel::Log | ConsoleLevel::Info => Tone::Plain,
    };
    screen.print(tone, &line.text);
}

/// Why a run did not finish. `path` is the file of the script.
pub(crate) fn show_problem(screen: Screen, status: Status, problem: &Problem, path: Option<&str>) {
    let headline = match problem.message.as_str() {
        "" => problem.name.clone(),
        // The script's own errors come with a name; those of the others say nothing that their sentence does not.
        message if matches!(status, Status::Threw | Status::SyntaxError) => format!("{}: {message}", problem.name),
        message => message.to_owned(),
    };
    screen.say(Tone::Error, "error", &headline);
    if let Some(frame) = &problem.frame {
        show_frame(screen, frame, path);
    }
    let stack: Vec<&str> = problem.stack.as_deref().unwrap_or_default().lines().collect();
    // A single frame is the place that the code frame shows.
    if stack.len() > 1 || (problem.frame.is_none() && !stack.is_empty()) {
        let shown: Vec<String> =
            stack.iter().take(STACK_LINES_MAX).map(|line| format!("    {}", with_path(line, path))).collect();
        let more = stack.len().saturating_sub(STACK_LINES_MAX);
        let rest = if more > 0 { format!("\n    and {more} more") } else { String::new() };
        screen.print(Tone::Faint, &(shown.join("\n") + &rest));
    }
    for related in &problem.related {
        let place = match (related.line, related.column) {
            (Some(line), Some(column)) => format!(" ({}:{line}:{column})", path.unwrap_or(SCRIPT_FILE)),
            _ => String::new(),
        };
        let separator = if related.name.is_empty() || related.message.is_empty() { "" } else { ": " };
        screen.say(Tone::Faint, &related.path, &format!("{}{separator}{}{place}", related.name, related.message));
    }
    if let Some(hint) = &problem.hint {
        screen.say(Tone::Help, "help", hint);
    }
}

/// A code frame without its first line, which is the headline, cut to one line.
pub(crate) fn show_frame(screen: Screen, frame: &str, path: Option<&str>) {
    // The second line is the place, the rest are lines of the script.
    let mut lines = frame.lines().skip(1).map(str::to_owned);
    let place = lines.next().map(|line| with_path(&line, path));
    screen.print(Tone::Plain, &place.into_iter().chain(lines).collect::<Vec<_>>().join("\n"));
}

/// Frames call every script `script.js`; a person knows it by its path.
fn with_path(line: &str, path: Option<&str>) -> String {
    let path = path.unwrap_or(SCRIPT_FILE);
    for before in ["--> ", "(", "at "] {
        if let Some((head, place)) = line.rsplit_once(&format!("{before}{SCRIPT_FILE}:")) {
            return format!("{head}{before}{path}:{place}");
        }
    }
    line.to_owned()
}

/// What the author of a script should know although nothing failed.
pub(crate) fn show_warnings(screen: Screen, outcome: &Outcome) {
    if outcome.console_dropped_bytes > 0 {
        let dropped = units::grouped(outcome.console_dropped_bytes);
        screen.say(Tone::Warning, "warning", &format!("console output was cut: {dropped} more bytes were dropped"));
    }
    let Ending::Finished(_) = outcome.ending else { return };
    let left: Vec<&str> = outcome
        .calls
        .iter()
        .filter(|call| matches!(call.status, CallStatus::Cancelled))
        .map(|call| call.tool.as_str())
        .collect();
    let named = left.iter().take(CALLS_NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    let more = if left.len() > CALLS_NAMED_MAX { ", …" } else { "" };
    let text = match left.len() {
        0 => return,
        1 => format!("1 call was still running when the script ended and was cancelled: {named}; await it"),
        count => {
            format!(
                "{count} calls were still running when the script ended and were cancelled: {named}{more}; await them"
            )
        }
    };
    screen.say(Tone::Warning, "warning", &text);
}

/// The line that `-v` adds.
pub(crate) fn show_usage(screen: Screen, outcome: &Outcome, limits: &Limits) {
    let usage = &outcome.usage;
    let text = format!(
        "{} of {} fuel, {} of {} memory, {} of {} calls, {} of guest time, {} in all ({} waited, {} steps), {} in, {} out",
        units::grouped(usage.fuel),
        units::grouped(limits.fuel_max),
        units::bytes(usage.memory_peak_bytes as u64),
        units::bytes(limits.memory_bytes_max as u64),
        usage.tool_calls,
        limits.calls_max,
        units::duration(usage.guest_time),
        units::duration(usage.wall_time),
        units::duration(usage.waited),
        usage.steps.len(),
        units::bytes(usage.bytes_in),
        units::bytes(usage.bytes_out),
    );
    screen.say(Tone::Faint, "used", &text);
}
