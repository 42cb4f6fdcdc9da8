//! What went wrong in a run, in one sentence, and what to do about it, in another.

use crate::status::Status;
use crate::units::grouped;
use agentloop_sandbox::{
    CallStatus, Ending, LimitExceeded, LimitKind, Outcome, Refusal, RelatedError, ScriptError, ToolErrorKind, Toolbox,
};
use serde::Serialize;

/// The `error` of a report.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// The script's own name for it, or the rule or status that stands for it.
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
    pub(crate) frame: Option<String>,
    /// Frames of the script, innermost first, one a line.
    pub(crate) stack: Option<String>,
    /// The errors behind it: causes, and those of an `AggregateError`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) related: Vec<Related>,
    pub(crate) hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<Limit>,
}

/// An error behind another.
#[derive(Debug, Serialize)]
pub(crate) struct Related {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
}

impl From<&RelatedError> for Related {
    fn from(error: &RelatedError) -> Self {
        Self {
            path: error.path.clone(),
            name: error.name.clone(),
            message: error.message.clone(),
            line: error.position.map(|position| position.line),
            column: error.position.map(|position| position.column),
        }
    }
}

/// A limit that was reached.
#[derive(Debug, Serialize)]
pub(crate) struct Limit {
    name: &'static str,
    used: u64,
    allowed: u64,
}

impl Problem {
    /// `None` if the run finished.
    pub(crate) fn of(outcome: &Outcome, status: Status, toolbox: &Toolbox) -> Option<Self> {
        let plain = |message: &str, hint: &str| Self::plain(status.name(), message.to_owned(), hint.to_owned());
        Some(match &outcome.ending {
            Ending::Finished(_) => return None,
            Ending::Threw(error) => Self::script(error, hint_for_exception(error, outcome, toolbox)),
            Ending::Syntax(error) => Self::script(error, Some(hint_for_syntax(error))),
            Ending::LimitExceeded(exceeded) => Self::limit(exceeded, status),
            Ending::Stuck => plain(
                "the script waits for a promise that nothing will settle",
                "tool calls and timers always settle, so look for a `new Promise` whose `resolve` is never called, or an `await` \
                 that waits for itself",
            ),
            // Whoever cancelled it knows what to do.
            Ending::Cancelled => Self { hint: None, ..plain("the run was cancelled", "") },
            Ending::Refused(refusal) => Self::refused(refusal),
            Ending::Suspended(_) => {
                plain("the run was put aside until somebody decides", "go on with agentloop resume")
            }
            Ending::NotRecorded { reason } => plain(
                &format!("the run was stopped, because its journal could not be written: {reason}"),
                "what is in the journal happened, and nothing after it; make room, or name another file, and run it again with \
                 --continue",
            ),
            other => plain(&format!("the run ended in a way unknown here: {other:?}"), "update agentloop"),
        })
    }

    fn plain(name: &str, message: String, hint: String) -> Self {
        let name = name.to_owned();
        Self {
            name,
            message,
            line: None,
            column: None,
            frame: None,
            stack: None,
            related: Vec::new(),
            hint: Some(hint),
            limit: None,
        }
    }

    fn script(error: &ScriptError, hint: Option<String>) -> Self {
        Self {
            name: error.name.clone(),
            message: error.message.clone(),
            line: error.position.map(|position| position.line),
            column: error.position.map(|position| position.column),
            frame: error.frame.clone(),
            stack: (!error.stack.is_empty()).then(|| error.stack.join("\n")),
            related: error.related.iter().map(Related::from).collect(),
            hint,
            limit: None,
        }
    }

    fn refused(refusal: &Refusal) -> Self {
        match refusal {
            // How much longer is not known: no more of it was read.
            Refusal::TooLarge { bytes_max, .. } => Self::plain(
                refusal.rule(),
                format!("the script is longer than {} bytes, the most there may be", grouped(*bytes_max as u64)),
                "keep data out of the source: give it to the script through a tool".to_owned(),
            ),
            Refusal::LiteralsTooLarge { .. } => Self::plain(
                refusal.rule(),
                refusal.to_string(),
                "give the script less text, or through a tool".to_owned(),
            ),
            _ => Self::plain(refusal.rule(), refusal.to_string(), "give it some code, as in: return 1 + 1".to_owned()),
        }
    }

    fn limit(exceeded: &LimitExceeded, status: Status) -> Self {
        let LimitExceeded { limit, used, allowed, .. } = exceeded;
        let (used_text, allowed_text) = (grouped(*used), grouped(*allowed));
        let (message, hint) = match limit {
            LimitKind::Fuel => (
                format!("the script used up its fuel of {allowed_text} units"),
                "look for a loop that does not end, or raise the limit with --fuel",
            ),
            LimitKind::StepFuel => (
                format!("one step of the script used up its fuel of {allowed_text} units"),
                "look for a loop that does not end, or raise the limit with --step-fuel",
            ),
            LimitKind::GuestTime => (
                format!("the script computed for {used_text} ms, {allowed_text} ms are allowed"),
                "let it do less, or raise the limit with --timeout",
            ),
            LimitKind::WallTime => (
                format!("the run took {used_text} ms, {allowed_text} ms are allowed"),
                "make calls in parallel with Promise.all, or raise the limit with --wall-timeout",
            ),
            LimitKind::Memory => (
                format!("the script asked for {used_text} bytes of memory, {allowed_text} are allowed"),
                "keep less at once, or raise the limit with --memory",
            ),
            LimitKind::Stack => (
                format!("the script recursed beyond its stack of {allowed_text} bytes"),
                "use a loop instead of recursion; no flag raises this limit",
            ),
            LimitKind::Value => (
                format!("the value is {used_text} bytes of JSON, {allowed_text} are allowed"),
                "return a summary instead of all the data; no flag raises this limit",
            ),
            LimitKind::Calls => (
                format!("the script made more tool calls than the {allowed_text} that are allowed"),
                "ask for more with each call, or raise the limit with --max-tool-calls",
            ),
            LimitKind::Waited => (
                format!("the run waited {used_text} ms for tools and timers, {allowed_text} ms are allowed"),
                "make calls in parallel with Promise.all, or raise the limit with --max-wait",
            ),
            LimitKind::BytesIn => (
                format!("{used_text} bytes were to go into the script, {allowed_text} are allowed"),
                "ask tools for less, or raise the limit with --max-bytes-in",
            ),
            LimitKind::BytesOut => (
                format!("{used_text} bytes were to come out of the script, {allowed_text} are allowed"),
                "pass less to tools, or raise the limit with --max-bytes-out",
            ),
            LimitKind::ToolCalls | LimitKind::ToolBytes => {
                let what = if *limit == LimitKind::ToolCalls { "calls" } else { "bytes" };
                let tool = exceeded.tool.as_deref().unwrap_or("a tool");
                (
                    format!("the script used {used_text} {what} of `{tool}`, {allowed_text} are allowed"),
                    "call it less often, or ask it for less",
                )
            }
            _ => (format!("{} is {used_text}, {allowed_text} are allowed", limit.name()), "let the script do less"),
        };
        let limit = Limit { name: limit.name(), used: *used, allowed: *allowed };
        Self { limit: Some(limit), ..Self::plain(status.name(), message, hint.to_owned()) }
    }
}

fn hint_for_syntax(error: &ScriptError) -> String {
    let correction = match error.position {
        Some(_) => "correct the marked place",
        // Too deep for the parser's stack: that has no place.
        None => "write it with less nesting",
    };
    format!("{correction}; nothing of the script ran")
}

/// What to do about an exception, where more can be said than that it is there.
fn hint_for_exception(error: &ScriptError, outcome: &Outcome, toolbox: &Toolbox) -> Option<String> {
    let mentions_tools = error.frame.as_deref().is_some_and(|frame| frame.contains("tools."));
    let hint = match error.name.as_str() {
        "ToolError" => hint_for_tool(error, outcome)?,
        // The message says what to use instead, or which name was meant.
        "ReferenceError" if error.message.contains(" is not defined: ") => return None,
        "ReferenceError" => {
            "a script has the JavaScript language, `console`, timers and `tools`: nothing else of Node or of a browser"
                .to_owned()
        }
        _ if mentions_tools && toolbox.iter().next().is_none() => "--fixtures FILE gives the script tools".to_owned(),
        _ => return None,
    };
    Some(hint)
}

/// The call that failed with this very error says what to do.
fn hint_for_tool(error: &ScriptError, outcome: &Outcome) -> Option<String> {
    let (call, kind) = outcome.calls.iter().rev().find_map(|call| match &call.status {
        CallStatus::Failed(failure) if failure.message == error.message => Some((call, failure.kind)),
        _ => None,
    })?;
    let tool = &call.tool;
    Some(match kind {
        ToolErrorKind::UnknownTool => "call one of the tools there are; --fixtures FILE gives more".to_owned(),
        ToolErrorKind::InvalidArguments => format!("change the arguments of `{tool}` so that they fit its schema"),
        ToolErrorKind::TooLarge => format!("ask `{tool}` for less at a time; no flag raises this limit"),
        ToolErrorKind::Timeout => {
            format!("catch it with try/catch if the script can do without `{tool}`, or raise --tool-timeout")
        }
        ToolErrorKind::Refused => format!("do without `{tool}`, or catch the refusal with try/catch"),
        _ => format!("`{tool}` failed, not the script: catch it with try/catch if the script can go on without"),
    })
}
