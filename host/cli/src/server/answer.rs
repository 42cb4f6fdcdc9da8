//! What a client is told of a run: once for programs, and once for a model to read.

use super::asking;
use super::parked::WAIT_MAX;
use crate::human::value_text;
use crate::problem::Problem;
use crate::report::{self, Line};
use crate::status::Status;
use agentloop_sandbox::{CallReport, CallStatus, ConsoleLevel, Ending, Outcome, Toolbox};
use agentloop_tools::policy::Question;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Bytes of a text. Of a longer one the beginning and the end are kept.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Bytes of the arguments of a call that waits. Larger ones stand in the text, cut.
const ARGUMENTS_BYTES_MAX: usize = 8 << 10;

#[derive(Serialize)]
struct Executed<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a serde_json::value::RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Problem>,
    console: Vec<Line<'a>>,
    calls: Vec<Call<'a>>,
    usage: Usage,
}

#[derive(Serialize)]
struct Call<'a> {
    tool: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    duration_ms: u64,
}

#[derive(Serialize)]
struct Usage {
    fuel: u64,
    memory_peak_bytes: usize,
    guest_ms: u64,
    wall_ms: u64,
}

/// The answer of `execute`.
pub(super) fn of(outcome: &Outcome, toolbox: &Toolbox) -> Result<CallToolResult, String> {
    let status =
        Status::of(&outcome.ending).ok_or_else(|| format!("an ending without a name: {:?}", outcome.ending))?;
    let problem = Problem::of(outcome, status, toolbox);
    let value = match &outcome.ending {
        Ending::Finished(value) => Some(&**value),
        _ => None,
    };
    let executed = Executed {
        status: status.name(),
        value,
        error: problem.as_ref(),
        console: report::console(outcome),
        calls: outcome.calls.iter().map(call).collect(),
        usage: Usage {
            fuel: outcome.usage.fuel,
            memory_peak_bytes: outcome.usage.memory_peak_bytes,
            guest_ms: milliseconds(outcome.usage.guest_time),
            wall_ms: milliseconds(outcome.usage.wall_time),
        },
    };
    // By way of text: a value may have numbers that only a text can hold.
    let text = serde_json::to_string(&executed).map_err(|error| error.to_string())?;
    let structured: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let content = vec![ContentBlock::text(clamped(in_words(outcome, value.map(value_text), problem.as_ref())))];
    let mut result = match problem {
        None => CallToolResult::success(content),
        Some(_) => CallToolResult::error(content),
    };
    result.structured_content = Some(structured);
    Ok(result)
}

#[derive(Serialize)]
struct Waiting<'a> {
    status: &'static str,
    run: &'a str,
    questions: Vec<Waits<'a>>,
}

#[derive(Serialize)]
struct Waits<'a> {
    call: u32,
    tool: &'a str,
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a Value>,
}

impl<'a> Waits<'a> {
    fn new(Question { id, tool, arguments, why, .. }: &'a Question) -> Self {
        let fits = arguments.to_string().len() <= ARGUMENTS_BYTES_MAX;
        Self { call: *id, tool, why, arguments: fits.then_some(arguments) }
    }
}

/// The answer of `execute` while the script waits for leave, for a client that cannot ask its user in between.
pub(super) fn waiting(run: &str, questions: &[Question]) -> CallToolResult {
    let mut text = "The script waits. These of its calls need the leave of the user:\n".to_owned();
    for question in questions {
        let _ = writeln!(text, "\ncall {}: {}\n{}", question.id, asking::in_words(question), question.why);
    }
    let minutes = WAIT_MAX.as_secs() / 60;
    let _ = write!(
        text,
        "\nAsk the user. Then use `approve` or `reject` with run {run:?} and the number of each call, within {minutes} minutes."
    );
    let waiting = Waiting { status: "waiting", run, questions: questions.iter().map(Waits::new).collect() };
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = serde_json::to_value(waiting).ok();
    result
}

fn call(call: &CallReport) -> Call<'_> {
    let (status, error) = match &call.status {
        CallStatus::Succeeded(_) => ("succeeded", None),
        CallStatus::Failed(error) => ("failed", Some(error.message.as_str())),
        _ => ("cancelled", None),
    };
    Call { tool: &call.tool, status, error, duration_ms: milliseconds(call.duration) }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The value or the error, then the console, then what was done already if the script failed.
fn in_words(outcome: &Outcome, value: Option<String>, problem: Option<&Problem>) -> String {
    let mut text = value.unwrap_or_default();
    if let Some(problem) = problem {
        let _ = writeln!(text, "{}: {}", problem.name, problem.message);
        for part in [&problem.frame, &problem.stack].into_iter().flatten() {
            let _ = writeln!(text, "{part}");
        }
        for related in &problem.related {
            let _ = writeln!(text, "{}: {}: {}", related.path, related.name, related.message);
        }
        if let Some(hint) = &problem.hint {
            let _ = writeln!(text, "hint: {hint}");
        }
    }
    if !outcome.console.is_empty() {
        let _ = writeln!(text, "\n\nConsole:");
    }
    for line in &outcome.console {
        let level = match line.level {
            ConsoleLevel::Log | ConsoleLevel::Info => "",
            level => &format!("{}: ", level.name()),
        };
        let _ = writeln!(text, "{level}{}", line.text);
    }
    if outcome.console_dropped_bytes > 0 {
        let _ = writeln!(text, "({} more bytes of console output were dropped)", outcome.console_dropped_bytes);
    }
    if problem.is_some() {
        text.push_str(&done(outcome));
    }
    text
}

/// The calls that a repaired script must not repeat.
fn done(outcome: &Outcome) -> String {
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for call in &outcome.calls {
        if matches!(call.status, CallStatus::Succeeded(_)) {
            *done.entry(&call.tool).or_default() += 1;
        }
    }
    if done.is_empty() {
        return String::new();
    }
    let times =
        |(tool, count): (&&str, &u32)| if *count == 1 { (*tool).to_owned() } else { format!("{tool} ({count} times)") };
    format!("\nThese calls were made before it failed: {}.\n", done.iter().map(times).collect::<Vec<_>>().join(", "))
}

/// A text of a size that a model can read.
pub(super) fn clamped(text: String) -> String {
    let text = text.trim_end();
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let head = &text[..text.floor_char_boundary(TEXT_BYTES_MAX * 3 / 4)];
    let tail = &text[text.ceil_char_boundary(text.len() - TEXT_BYTES_MAX / 4)..];
    format!("{head}\n… ({} bytes are left out) …\n{tail}", text.len() - head.len() - tail.len())
}

/// The schema of the structured answer.
pub(super) fn schema() -> JsonObject {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer", "minimum": 0 });
    let schema = json!({
        "type": "object",
        "required": ["status"],
        "anyOf": [
            { "required": ["console", "calls", "usage"] },
            { "properties": { "status": { "const": "waiting" } }, "required": ["run", "questions"] }
        ],
        "properties": {
            "status": {
                "type": "string",
                "description": "`finished`, or why not; `waiting`, while calls wait for the leave of the user."
            },
            "run": { "type": "string", "description": "The script that waits." },
            "questions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["call", "tool", "why"],
                    "properties": { "call": number(), "tool": text(), "why": text(), "arguments": {} }
                }
            },
            "value": { "description": "The value of the script, if it finished." },
            "error": {
                "type": "object",
                "description": "Why it did not finish.",
                "required": ["name", "message"],
                "properties": { "name": text(), "message": text() }
            },
            "console": {
                "type": "array",
                "items": { "type": "object", "required": ["level", "text"], "properties": { "level": text(), "text": text() } }
            },
            "calls": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["tool", "status", "duration_ms"],
                    "properties": { "tool": text(), "status": text(), "error": text(), "duration_ms": number() }
                }
            },
            "usage": {
                "type": "object",
                "required": ["fuel", "memory_peak_bytes", "guest_ms", "wall_ms"],
                "properties": {
                    "fuel": number(), "memory_peak_bytes": number(), "guest_ms": number(), "wall_ms": number()
                }
            }
        }
    });
    match schema {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{TEXT_BYTES_MAX, clamped};

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text = format!("begin{}end", "é".repeat(TEXT_BYTES_MAX));
        let short = clamped(text);
        assert!(short.len() <= TEXT_BYTES_MAX + 100 && short.starts_with("begin") && short.ends_with("end"));
        assert!(short.contains("bytes are left out"));
        assert_eq!(clamped("short\n".to_owned()), "short");
    }
}
