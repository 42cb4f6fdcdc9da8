//! What there is to say of each event, as lines. Pure, and harmless: what models, tools and scripts wrote is neutralised here.

use super::text::{cut, one_line};
use crate::terminal::{Tone, harmless};
use crate::units::{grouped, span};
use agentloop::{CallNote, Event, FINISH, ScriptReport};
use std::time::Duration;

/// Lines of a script that are shown.
const SOURCE_LINES_MAX: usize = 40;
/// Lines of what went wrong that are shown.
const REASON_LINES_MAX: usize = 8;
/// Columns of a line that is not cut to a terminal.
const COLUMNS_MAX: usize = 400;
/// Columns of a call, so that what stands behind it is seen.
const CALL_COLUMNS_MAX: usize = 60;
/// Calls without a result that are named one by one.
const OTHER_CALLS_MAX: usize = 5;
/// How a script ended that was stopped with its turn, and the kind of error of a call that was over with its script.
const CANCELLED: &str = "cancelled";
const TOOLS_NAMED_MAX: usize = 8;

/// How much is told of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// That it ran; and its source if it failed.
    Folded,
    /// Its source and its console as well.
    Whole,
}

/// What becomes of a line where a terminal is too narrow for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Long {
    /// It is cut.
    Cut,
    /// It goes on in the next row: every word of it is wanted.
    Wrapped,
}

/// One line, harmless, without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) tone: Tone,
    pub(crate) text: String,
    long: Long,
}

impl Line {
    pub(super) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), long: Long::Cut }
    }

    /// What the model says.
    pub(super) fn said(text: &str) -> Self {
        Self { tone: Tone::Plain, text: harmless(text), long: Long::Wrapped }
    }

    /// As a terminal of so many columns shows it.
    pub(super) fn fit(mut self, columns: usize) -> Self {
        if self.long == Long::Cut {
            self.text = cut(&self.text, columns);
        }
        self
    }
}

/// A script starts.
pub(super) fn script(source: &str, detail: Detail) -> Vec<Line> {
    let lines = match source.trim_end().lines().count() {
        1 => "1 line".to_owned(),
        count => format!("{} lines", grouped(count as u64)),
    };
    let mut all = vec![Line::new(Tone::Help, format!("▸ script, {lines}"))];
    if detail == Detail::Whole {
        all.extend(listing(source));
    }
    all
}

/// A script did not finish: why; and the source if it was not shown before, unless the script is not at fault.
pub(super) fn failure(report: &ScriptReport, detail: Detail) -> Vec<Line> {
    let mut reason = reason(report).into_iter().map(|line| cut(&harmless(line), COLUMNS_MAX));
    let headline = reason.next().unwrap_or_else(|| one_line(&report.ending));
    let mut all = vec![Line::new(Tone::Error, format!("  ✗ {headline}"))];
    all.extend(reason.map(|line| Line::new(Tone::Plain, format!("    {}", line.trim_start()))));
    if detail == Detail::Folded && report.ending != CANCELLED {
        all.extend(listing(&report.script));
    }
    all
}

/// The first paragraph of what the model is told, without the lines of code in it: those are in the listing.
fn reason(report: &ScriptReport) -> Vec<&str> {
    let paragraph = report.feedback.lines().take_while(|line| !line.trim().is_empty());
    let lines: Vec<&str> = paragraph.take_while(|line| line.trim() != "|").take(REASON_LINES_MAX).collect();
    match lines.as_slice() {
        [_, first, rest @ ..] if matches!(report.ending.as_str(), "threw" | "syntax") => {
            let first = first.strip_prefix("error: ").unwrap_or(first);
            [&[first], rest].concat()
        }
        _ => lines,
    }
}

fn listing(source: &str) -> Vec<Line> {
    let source = source.trim_end();
    let count = source.lines().count();
    let digits = count.min(SOURCE_LINES_MAX).to_string().len();
    let row = |(index, line): (usize, &str)| {
        let line = cut(&harmless(line), COLUMNS_MAX);
        Line::new(Tone::Faint, format!("    {:>digits$} | {line}", index + 1).trim_end())
    };
    let mut all: Vec<Line> = source.lines().enumerate().take(SOURCE_LINES_MAX).map(row).collect();
    if let Some(more @ 1..) = count.checked_sub(SOURCE_LINES_MAX) {
        all.push(Line::new(Tone::Faint, format!("    and {} more", grouped(more as u64))));
    }
    all
}

/// A script wrote to its console.
pub(super) fn console(level: &str, text: &str) -> Vec<Line> {
    let tone = match level {
        "warn" => Tone::Warning,
        "error" => Tone::Error,
        _ => Tone::Faint,
    };
    harmless(text).lines().map(|line| Line::new(tone, format!("    {}", cut(line, COLUMNS_MAX)))).collect()
}

/// A call as it is written in a script.
pub(super) fn call(tool: &str, arguments: &str) -> String {
    format!("{}({})", one_line(tool), one_line(arguments))
}

/// A call is over.
pub(super) fn call_end(call: &str, error: Option<&str>, took: Option<Duration>) -> Line {
    let took = took.map(|took| format!(" {}", span(took))).unwrap_or_default();
    match error {
        None => Line::new(Tone::Faint, format!("  ✓ {}{took}", cut(call, CALL_COLUMNS_MAX))),
        Some(error) => failed_call(call, error, &took),
    }
}

fn failed_call(call: &str, error: &str, took: &str) -> Line {
    let error = cut(&one_line(error), COLUMNS_MAX);
    Line::new(Tone::Warning, format!("  ✗ {}{took}: {error}", cut(call, CALL_COLUMNS_MAX)))
}

/// The script was over before the call was.
pub(super) fn call_cancelled(call: &str) -> Line {
    Line::new(Tone::Faint, format!("  · {}: cancelled", cut(call, CALL_COLUMNS_MAX)))
}

/// Many calls in few lines: the names of those that succeeded, and some of the others.
pub(super) fn folded_calls<'a>(calls: impl Iterator<Item = &'a CallNote>) -> Vec<Line> {
    let calls = calls.filter(|call| call.tool != FINISH);
    let (done, others): (Vec<&CallNote>, Vec<&CallNote>) = calls.partition(|call| call.error.is_none());
    let mut all = Vec::new();
    if !done.is_empty() {
        all.push(Line::new(Tone::Faint, format!("  ✓ {}", names(&done))));
    }
    all.extend(others.iter().take(OTHER_CALLS_MAX).filter_map(|note| {
        let error = note.error.as_ref()?;
        let call = call(&note.tool, &note.arguments);
        let is_cancelled = error.kind == CANCELLED;
        Some(if is_cancelled { call_cancelled(&call) } else { failed_call(&call, &error.message, "") })
    }));
    if let Some(more @ 1..) = others.len().checked_sub(OTHER_CALLS_MAX) {
        all.push(Line::new(Tone::Warning, format!("  ✗ and {more} more without a result")));
    }
    all
}

/// The tools of some calls, each with how often it was called.
fn names(calls: &[&CallNote]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for call in calls {
        match counts.iter_mut().find(|(tool, _)| *tool == call.tool) {
            Some((_, count)) => *count += 1,
            None => counts.push((&call.tool, 1)),
        }
    }
    let named = counts.iter().take(TOOLS_NAMED_MAX).map(|(tool, count)| match count {
        1 => one_line(tool),
        count => format!("{} × {count}", one_line(tool)),
    });
    let more = if counts.len() > TOOLS_NAMED_MAX { ", …" } else { "" };
    format!("{}{more}", named.collect::<Vec<_>>().join(", "))
}

/// What is said in the same way wherever it is shown.
pub(super) fn of(event: &Event) -> Vec<Line> {
    match event {
        Event::Retry { message, attempt, wait_ms, .. } => {
            let wait = span(Duration::from_millis(*wait_ms));
            let why = cut(&one_line(message), COLUMNS_MAX);
            vec![Line::new(Tone::Warning, format!("no reply ({why}); attempt {} follows in {wait}", attempt + 1))]
        }
        Event::CallRetry { tool, error, attempt, .. } => {
            let (tool, why) = (one_line(tool), cut(&one_line(error), COLUMNS_MAX));
            vec![Line::new(Tone::Warning, format!("  ↻ {tool} failed ({why}); attempt {} follows", attempt + 1))]
        }
        Event::Stagnation { what } => {
            vec![Line::new(Tone::Warning, format!("the model goes in circles: {}", cut(&one_line(what), COLUMNS_MAX)))]
        }
        Event::Note { text } => {
            vec![Line::new(Tone::Faint, format!("the model is told: {}", cut(&one_line(text), COLUMNS_MAX)))]
        }
        _ => Vec::new(),
    }
}
