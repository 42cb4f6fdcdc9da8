//! A turn for a log: finished lines only, nothing that depends on how fast it went.

use super::lines::{self, Detail, Line};
use super::prose::Prose;
use agentloop::{Delta, Event};

/// Lines of what a model says beside a script.
const SAID_LINES_MAX: usize = 10;

/// Takes events, gives lines.
pub(super) struct Plain {
    detail: Detail,
    prose: Prose,
    /// What the model has said in this reply. Told when a script follows; if none does, it is the answer, which goes elsewhere.
    said: Vec<String>,
}

impl Plain {
    pub(super) fn new(detail: Detail) -> Self {
        Self { detail, prose: Prose::default(), said: Vec::new() }
    }

    pub(super) fn event(&mut self, event: &Event) -> Vec<Line> {
        match event {
            Event::Request { .. } | Event::Retry { .. } => {
                self.prose = Prose::default();
                self.said.clear();
                lines::of(event)
            }
            Event::Delta(Delta::Text { text }) => {
                self.said.extend(self.prose.push(text));
                Vec::new()
            }
            Event::Script { source } => [self.said(), lines::script(source, self.detail)].concat(),
            Event::Console { level, text } if self.detail == Detail::Whole => lines::console(level, text),
            Event::ScriptEnd(report) => {
                let mut all = lines::folded_calls(report.calls.iter());
                if !report.is_success() {
                    all.extend(lines::failure(report, self.detail));
                }
                all
            }
            _ => lines::of(event),
        }
    }

    fn said(&mut self) -> Vec<Line> {
        self.said.extend(self.prose.end());
        let mut said = std::mem::take(&mut self.said);
        let is_cut = said.len() > SAID_LINES_MAX;
        said.truncate(SAID_LINES_MAX);
        if is_cut {
            said.push("…".to_owned());
        }
        said.iter().map(|line| Line::said(line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Detail, Plain};
    use agentloop::{Answer, CallNote, Delta, Event, ScriptReport};
    use std::collections::BTreeMap;

    fn text(text: &str) -> Event {
        Event::Delta(Delta::Text { text: text.to_owned() })
    }

    fn script_end() -> Event {
        let note =
            |tool: &str| CallNote { tool: tool.to_owned(), arguments: "{}".to_owned(), result: None, error: None };
        Event::ScriptEnd(ScriptReport {
            call_id: None,
            script: "x".to_owned(),
            literals: BTreeMap::new(),
            ending: "finished".to_owned(),
            calls: vec![note("a"), note("b"), note("a"), note("finish")],
            feedback: String::new(),
            kept: BTreeMap::new(),
            fuel: 1,
        })
    }

    #[track_caller]
    fn check(detail: Detail, events: &[Event], expected: &[&str]) {
        let mut plain = Plain::new(detail);
        let lines: Vec<String> = events.iter().flat_map(|event| plain.event(event)).map(|line| line.text).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_said_beside_a_script_is_told_and_the_answer_is_not() {
        let request = || Event::Request { iteration: 1, messages: 1, system_bytes: 0 };
        let script = || Event::Script { source: "x".to_owned() };
        let call = Event::Call { id: 0, tool: "a".to_owned(), arguments: "{}".to_owned() };
        let call_end = Event::CallEnd { id: 0, tool: "a".to_owned(), error: None, duration_ms: 7 };
        let answer = Event::Answer(Answer::Text("Done.".to_owned()));
        check(
            Detail::Folded,
            &[
                request(),
                text("I lo"),
                text("ok.\u{1b}[2J"),
                script(),
                call,
                call_end,
                script_end(),
                request(),
                text("Done."),
                answer,
            ],
            &["I look.\\u001b[2J", "▸ script, 1 line", "  ✓ a × 2, b"],
        );
        let long = "line\n".repeat(30);
        let expected = [&["line"; 10][..], &["…", "▸ script, 1 line", "    1 | x"]].concat();
        check(Detail::Whole, &[request(), text(&long), script()], &expected);
    }
}
