//! A turn for somebody who watches: finished lines that scroll away, and below them rows that are drawn again and again.
//!
//! Pure: events and the time go in, frames come out. It knows no terminal.

use super::lines::{self, Detail, Line};
use super::prose::Prose;
use super::text::{cut, last_rows, one_line, width};
use crate::terminal::Tone;
use crate::units::span;
use agentloop::{Delta, Event, FINISH, ScriptReport};
use std::collections::BTreeMap;
use std::time::Duration;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const SPINNER_STEP: Duration = Duration::from_millis(80);
/// Rows of the line that a model is in the middle of.
const PROSE_ROWS_MAX: usize = 6;
/// Calls that are shown while they run.
const CALLS_RUNNING_MAX: usize = 6;
/// Calls of one script that get a line of their own when they are over. The rest is folded.
const CALLS_ENDED_MAX: usize = 20;
/// Left free at the right: the `^C` that a terminal shows must not begin another row.
const MARGIN: usize = 3;

/// What is to be drawn: the rows of the last frame are erased, then come these.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Rows that the last frame left to be erased.
    pub(crate) erase: usize,
    /// Lines that stay. What a model says may be longer than the terminal is wide.
    pub(crate) settled: Vec<Line>,
    /// Rows that the next frame erases, each shorter than the terminal is wide.
    pub(crate) rows: Vec<Line>,
}

/// What is waited for.
enum Phase {
    Nothing,
    Model,
    Thoughts,
    /// The next attempt, at this time.
    Attempt(Duration),
    Script,
}

struct Running {
    /// As it is written in a script.
    call: String,
    since: Duration,
    progress: String,
}

/// The view of one turn.
pub(crate) struct Live {
    detail: Detail,
    model: String,
    settled: Vec<Line>,
    drawn: usize,
    phase: Phase,
    since: Duration,
    prose: Prose,
    calls: BTreeMap<u32, Running>,
    /// Calls of this script that have had their line, or need none.
    ended: Vec<u32>,
}

impl Live {
    pub(crate) fn new(detail: Detail) -> Self {
        Self {
            detail,
            model: String::new(),
            settled: Vec::new(),
            drawn: 0,
            phase: Phase::Nothing,
            since: Duration::ZERO,
            prose: Prose::default(),
            calls: BTreeMap::new(),
            ended: Vec::new(),
        }
    }

    /// Takes an event that happens `now`, counted from any point in time.
    pub(crate) fn event(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Turn { model, .. } => self.model = one_line(model),
            Event::Request { .. } => {
                self.prose = Prose::default();
                self.wait_for(Phase::Model, now);
            }
            Event::Retry { wait_ms, .. } => {
                self.end_prose();
                self.settled.extend(lines::of(event));
                self.prose = Prose::default();
                self.wait_for(Phase::Attempt(now + Duration::from_millis(*wait_ms)), now);
            }
            Event::Delta(Delta::Reasoning { .. }) => {
                if !matches!(self.phase, Phase::Thoughts) {
                    self.wait_for(Phase::Thoughts, now);
                }
            }
            Event::Delta(Delta::Text { text }) => {
                let lines = self.prose.push(text);
                self.settle_prose(lines);
            }
            Event::Reply { .. } => {
                self.end_prose();
                self.wait_for(Phase::Nothing, now);
            }
            Event::Script { source } => {
                self.settled.extend(lines::script(source, self.detail));
                self.calls.clear();
                self.ended.clear();
                self.wait_for(Phase::Script, now);
            }
            Event::Console { level, text } if self.detail == Detail::Whole => {
                self.settled.extend(lines::console(level, text));
            }
            Event::ScriptEnd(report) => self.script_end(report, now),
            Event::Answer(_) | Event::Error { .. } => {
                self.end_prose();
                self.calls.clear();
                self.wait_for(Phase::Nothing, now);
            }
            _ => self.call_event(event, now),
        }
    }

    fn call_event(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Call { id, tool, arguments } if tool != FINISH => {
                let running = Running { call: lines::call(tool, arguments), since: now, progress: String::new() };
                self.calls.insert(*id, running);
            }
            Event::Progress { id, fraction, message, .. } => {
                if let Some(running) = self.calls.get_mut(id) {
                    running.progress = progress(*fraction, message);
                }
            }
            Event::CallEnd { id, error, duration_ms, .. } => {
                let Some(running) = self.calls.remove(id) else { return };
                if self.ended.len() < CALLS_ENDED_MAX {
                    self.ended.push(*id);
                    let took = Some(Duration::from_millis(*duration_ms));
                    self.settled.push(lines::call_end(&running.call, error.as_deref(), took));
                }
            }
            _ => self.settled.extend(lines::of(event)),
        }
    }

    /// What no line has told of yet: calls that were folded, or cancelled with the script; and how it failed.
    fn script_end(&mut self, report: &ScriptReport, now: Duration) {
        for (id, running) in std::mem::take(&mut self.calls) {
            if self.ended.len() < CALLS_ENDED_MAX {
                self.settled.push(lines::call_cancelled(&running.call));
            }
            self.ended.push(id);
        }
        let untold = report.calls.iter().zip(0_u32..).filter(|(_, id)| !self.ended.contains(id));
        self.settled.extend(lines::folded_calls(untold.map(|(call, _)| call)));
        if !report.is_success() {
            self.settled.extend(lines::failure(report, self.detail));
        }
        self.wait_for(Phase::Nothing, now);
    }

    fn wait_for(&mut self, phase: Phase, now: Duration) {
        self.phase = phase;
        self.since = now;
    }

    fn settle_prose(&mut self, lines: impl IntoIterator<Item = String>) {
        self.settled.extend(lines.into_iter().map(|line| Line::said(&line)));
    }

    fn end_prose(&mut self) {
        let line = self.prose.end();
        self.settle_prose(line);
    }

    /// Whether `answer` is what has just been shown.
    pub(crate) fn has_shown(&self, answer: &str) -> bool {
        self.prose.has_shown(answer)
    }

    /// What to draw `now` on a terminal of `columns`.
    pub(crate) fn frame(&mut self, now: Duration, columns: usize) -> Frame {
        let settled = std::mem::take(&mut self.settled).into_iter().map(|line| line.fit(columns)).collect();
        let columns = columns.saturating_sub(MARGIN).max(8);
        let spinner = SPINNER[(now.as_millis() / SPINNER_STEP.as_millis()) as usize % SPINNER.len()];
        let mut rows = self.prose_rows(columns);
        if rows.is_empty() {
            rows = self.call_rows(now, columns, spinner);
        }
        if rows.is_empty() {
            rows.extend(
                self.status(now).map(|status| Line::new(Tone::Faint, cut(&format!("{spinner} {status}"), columns))),
            );
        }
        let frame = Frame { erase: self.drawn, settled, rows };
        self.drawn = frame.rows.len();
        frame
    }

    fn prose_rows(&self, columns: usize) -> Vec<Line> {
        match self.prose.unfinished() {
            "" => Vec::new(),
            line => {
                last_rows(line, columns, PROSE_ROWS_MAX).into_iter().map(|row| Line::new(Tone::Plain, row)).collect()
            }
        }
    }

    fn call_rows(&self, now: Duration, columns: usize, spinner: &str) -> Vec<Line> {
        let row = |running: &Running| {
            let took = span(now.saturating_sub(running.since));
            let behind = cut(&format!(" {took}{}", running.progress), columns / 2);
            let call = cut(&running.call, columns.saturating_sub(width(&behind) + 4));
            Line::new(Tone::Faint, format!("  {spinner} {call}{behind}"))
        };
        let mut rows: Vec<Line> = self.calls.values().take(CALLS_RUNNING_MAX).map(row).collect();
        if let Some(more @ 1..) = self.calls.len().checked_sub(CALLS_RUNNING_MAX) {
            rows.push(Line::new(Tone::Faint, cut(&format!("    and {more} more"), columns)));
        }
        rows
    }

    fn status(&self, now: Duration) -> Option<String> {
        let took = span(now.saturating_sub(self.since));
        Some(match self.phase {
            Phase::Nothing => return None,
            Phase::Model => format!("asking {}, {took}", self.model),
            Phase::Thoughts => format!("{} thinks, {took}", self.model),
            Phase::Attempt(at) => format!("next attempt in {}", span(at.saturating_sub(now))),
            Phase::Script => format!("the script runs, {took}"),
        })
    }
}

fn progress(fraction: Option<f64>, message: &str) -> String {
    let percent = fraction.filter(|fraction| (0.0..=1.0).contains(fraction));
    let percent = percent.map(|fraction| format!(", {:.0} %", fraction * 100.0)).unwrap_or_default();
    match one_line(message).as_str() {
        "" => percent,
        message => format!("{percent}, {message}"),
    }
}

#[cfg(test)]
mod tests;
