//! Events made by hand, frames compared whole.

use super::*;
use agentloop::{Answer, CallError, CallNote, ProviderErrorKind, TokenUsage};

/// Takes events, one a millisecond, and keeps what they left on the screen.
struct Watched {
    live: Live,
    now: Duration,
}

impl Watched {
    fn new(detail: Detail) -> Self {
        Self { live: Live::new(detail), now: Duration::ZERO }
    }

    fn take(&mut self, events: impl IntoIterator<Item = Event>) -> &mut Self {
        for event in events {
            self.live.event(&event, self.now);
        }
        self
    }

    fn after(&mut self, milliseconds: u64) -> &mut Self {
        self.now += Duration::from_millis(milliseconds);
        self
    }

    /// The next frame on a terminal of 60 columns: lines that stay as they are, rows that are erased behind `~`.
    #[track_caller]
    fn draws(&mut self, erase: usize, expected: &[&str]) -> &mut Self {
        let frame = self.live.frame(self.now, 60);
        let rows = frame.rows.iter().map(|row| format!("~{}", row.text));
        let drawn: Vec<String> = frame.settled.iter().map(|line| line.text.clone()).chain(rows).collect();
        assert_eq!((frame.erase, drawn), (erase, expected.iter().map(|line| (*line).to_owned()).collect()));
        assert!(frame.rows.iter().all(|row| width(&row.text) <= 57), "{frame:?}");
        self
    }
}

fn turn() -> [Event; 2] {
    [
        Event::Turn { model: "acme/\u{1b}[2Jmodel".to_owned(), prompt: "?".to_owned() },
        Event::Request { iteration: 1, messages: 1, system_bytes: 0 },
    ]
}

fn text(text: &str) -> Event {
    Event::Delta(Delta::Text { text: text.to_owned() })
}

fn reply() -> Event {
    Event::Reply { usage: TokenUsage::default() }
}

fn script(source: &str) -> Event {
    Event::Script { source: source.to_owned() }
}

fn call(id: u32, tool: &str, arguments: &str) -> Event {
    Event::Call { id, tool: tool.to_owned(), arguments: arguments.to_owned() }
}

fn call_end(id: u32, error: Option<&str>, duration_ms: u64) -> Event {
    Event::CallEnd { id, tool: String::new(), error: error.map(str::to_owned), duration_ms }
}

fn script_end(ending: &str, script: &str, feedback: &str, calls: Vec<CallNote>) -> Event {
    Event::ScriptEnd(ScriptReport {
        call_id: None,
        script: script.to_owned(),
        literals: BTreeMap::new(),
        ending: ending.to_owned(),
        calls,
        feedback: feedback.to_owned(),
        kept: BTreeMap::new(),
        fuel: 1,
    })
}

fn note(tool: &str, error: Option<&str>) -> CallNote {
    CallNote { tool: tool.to_owned(), arguments: "{}".to_owned(), result: None, error: error.map(failed) }
}

fn failed(message: &str) -> CallError {
    CallError { kind: "failed".to_owned(), message: message.to_owned() }
}

#[test]
fn a_reply_is_shown_as_it_arrives_and_stays() {
    let mut watched = Watched::new(Detail::Folded);
    watched.take(turn()).draws(0, &["~⠋ asking acme/\\u001b[2Jmodel, 0 ms"]);
    watched.after(1_500).draws(1, &["~⠇ asking acme/\\u001b[2Jmodel, 1.5 s"]);
    let reasoning = Event::Delta(Delta::Reasoning { text: "\u{1b}[2Jhm".to_owned() });
    watched.take([reasoning]).draws(1, &["~⠇ acme/\\u001b[2Jmodel thinks, 0 ms"]);
    watched.take([text("One\nTwo "), text("\u{1b}]0;ti")]).draws(1, &["One", "~Two \\u001b]0;ti"]);
    watched.take([text("tle\u{7}\r")]).draws(1, &["~Two \\u001b]0;title\\u0007"]);
    watched.take([text("\n\u{202e}3"), reply()]).draws(1, &["Two \\u001b]0;title\\u0007", "\\u202e3"]);
    watched.take([Event::Answer(Answer::Text("…".to_owned()))]).draws(0, &[]);
    assert!(watched.live.has_shown("One\nTwo \u{1b}]0;title\u{7}\n\u{202e}3"));
    assert!(!watched.live.has_shown("One"));
}

#[test]
fn a_long_line_is_drawn_to_its_end_and_stays_whole() {
    let mut watched = Watched::new(Detail::Folded);
    let long = "x".repeat(57 * 20) + "end";
    let row = format!("~{}", "x".repeat(57));
    watched.take(turn()).take([text(&long)]).draws(0, &[&row, &row, &row, &row, &row, "~end"]);
    watched.take([reply()]).draws(6, &[&long]);
}

#[test]
fn calls_run_with_a_spinner_and_end_with_their_duration() {
    let mut watched = Watched::new(Detail::Folded);
    watched.take([script("a\nb\n")]).draws(0, &["▸ script, 2 lines", "~⠋ the script runs, 0 ms"]);
    watched.take([call(0, "shop.list", "{\"page\":\n1}"), call(1, "shop.get", &"é".repeat(100))]);
    watched
        .after(160)
        .draws(1, &["~  ⠹ shop.list({\"page\": 1}) 160 ms", &format!("~  ⠹ shop.get({}… 160 ms", "é".repeat(36))]);
    let progress = |fraction, message: &str| Event::Progress {
        id: 0,
        tool: "shop.list".to_owned(),
        fraction,
        message: message.to_owned(),
    };
    watched.take([progress(Some(0.5), "half\u{9b}1m"), call_end(1, Some("no\nsuch"), 1_234)]).draws(
        2,
        &[&format!("  ✗ shop.get({}…", "é".repeat(46)), "~  ⠹ shop.list({\"page\": 1}) 160 ms, 50 %, half\\u009b1m"],
    );
    watched.take([progress(Some(f64::NAN), "")]).draws(1, &["~  ⠹ shop.list({\"page\": 1}) 160 ms"]);
    watched
        .take([call_end(0, None, 170)])
        .draws(1, &["  ✓ shop.list({\"page\": 1}) 170 ms", "~⠹ the script runs, 160 ms"]);
    let calls = vec![note("shop.list", None), note("shop.get", Some("no\nsuch"))];
    watched.take([script_end("finished", "a\nb\n", "", calls)]).draws(1, &[]);
}

#[test]
fn what_is_not_said_by_the_model_is_cut_to_the_width() {
    let mut watched = Watched::new(Detail::Folded);
    let long = "x".repeat(100);
    watched.take([script(&long), script_end("threw", &long, &long, Vec::new())]).take([text(&long), reply()]).draws(
        0,
        &["▸ script, 1 line", &format!("  ✗ {}…", "x".repeat(55)), &format!("    1 | {}…", "x".repeat(51)), &long],
    );
}

#[test]
fn of_many_calls_some_are_shown_and_the_rest_is_counted() {
    let mut watched = Watched::new(Detail::Folded);
    watched.take([script("a")]).take((0..50).map(|id| call(id, "t", &id.to_string())));
    let row = |id: u32| format!("~  ⠋ t({id}) 0 ms");
    let rows: Vec<String> = (0..6).map(row).chain(["~    and 44 more".to_owned()]).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    watched.draws(0, &[&["▸ script, 1 line"], &rows[..]].concat());
    watched.take((0..48).map(|id| call_end(id, None, 1)));
    let ended: Vec<String> = (0..20).map(|id| format!("  ✓ t({id}) 1 ms")).collect();
    let ended: Vec<&str> = ended.iter().map(String::as_str).collect();
    watched.draws(7, &[&ended[..], &["~  ⠋ t(48) 0 ms", "~  ⠋ t(49) 0 ms"]].concat());
    let calls = (0..50).map(|_| note("t", None)).collect();
    watched.take([script_end("finished", "a", "", calls)]).draws(2, &["  ✓ t × 28"]);
}

#[test]
fn calls_that_nobody_awaited_are_said_to_be_cancelled_and_the_end_of_the_task_is_no_call() {
    let mut watched = Watched::new(Detail::Folded);
    watched
        .take([script("a"), call(0, "t", "{}"), call(1, "finish", "1")])
        .draws(0, &["▸ script, 1 line", "~  ⠋ t({}) 0 ms"]);
    let calls = vec![note("t", None), note("finish", None)];
    watched.take([script_end("finished", "a", "", calls)]).draws(1, &["  · t({}): cancelled"]);
}

#[test]
fn a_call_that_was_over_with_its_script_did_not_fail() {
    let mut watched = Watched::new(Detail::Folded);
    let cancelled = CallError { kind: "cancelled".to_owned(), message: "the script ended before it".to_owned() };
    let calls = vec![CallNote { error: Some(cancelled), ..note("t", None) }];
    watched.take([script("a"), script_end("finished", "a", "", calls)]);
    watched.draws(0, &["▸ script, 1 line", "  · t({}): cancelled"]);
}

#[test]
fn calls_that_no_event_told_of_are_folded() {
    let mut watched = Watched::new(Detail::Folded);
    let calls = vec![note("a", None), note("b", None), note("a", None), note("c", Some("no"))];
    watched.take([script("a"), script_end("finished", "a", "", calls)]);
    watched.draws(0, &["▸ script, 1 line", "  ✓ a × 2, b", "  ✗ c({}): no"]);
}

#[test]
fn a_script_that_failed_is_shown_with_the_reason() {
    let mut watched = Watched::new(Detail::Folded);
    let feedback = "The script threw.\nerror: TypeError: \u{1b}[2J\n --> script.js:2:1\n  |\n2 | b\n  | ^\n\nCalls: …";
    watched.take([script("a\nb\u{1b}[1m\n"), script_end("threw", "a\nb\u{1b}[1m\n", feedback, Vec::new())]).draws(
        0,
        &[
            "▸ script, 2 lines",
            "  ✗ TypeError: \\u001b[2J",
            "    --> script.js:2:1",
            "    1 | a",
            "    2 | b\\u001b[1m",
        ],
    );
    let limit = "The script was stopped at its limit `fuel` of 5.\n\nCalls";
    watched.take([script_end("limit", "a", limit, Vec::new())]);
    watched.draws(0, &["  ✗ The script was stopped at its limit `fuel` of 5.", "    1 | a"]);
    // Nothing in the source says why this one ended.
    watched.take([script_end("cancelled", "a", "The script was cancelled.", Vec::new())]);
    watched.draws(0, &["  ✗ The script was cancelled."]);
}

#[test]
fn a_long_script_is_shown_in_part() {
    let mut watched = Watched::new(Detail::Whole);
    let source = "x\n".repeat(2_000);
    watched.take([script(&source)]);
    let frame = watched.live.frame(Duration::ZERO, 60);
    let shown: Vec<&str> = frame.settled.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((shown.len(), shown[0], shown[1]), (42, "▸ script, 2,000 lines", "     1 | x"));
    assert_eq!(shown[41], "    and 1,960 more");
    // It has been shown: a failure does not show it again.
    watched.take([script_end("stuck", &source, "It waits.", Vec::new())]).draws(1, &["  ✗ It waits."]);
}

#[test]
fn the_console_is_shown_on_request() {
    let console = || Event::Console { level: "warn", text: "a\n\u{1b}[2Jb".to_owned() };
    Watched::new(Detail::Folded).take([console()]).draws(0, &[]);
    Watched::new(Detail::Whole).take([console()]).draws(0, &["    a", "    \\u001b[2Jb"]);
}

#[test]
fn retries_and_warnings_stay_and_waits_count_down() {
    let mut watched = Watched::new(Detail::Folded);
    let retry = Event::Retry {
        kind: ProviderErrorKind::Overload,
        message: "busy\u{7}\n".to_owned(),
        attempt: 1,
        wait_ms: 4_000,
    };
    watched
        .take(turn())
        .take([text("half a repl"), retry])
        .draws(0, &["half a repl", "no reply (busy\\u0007); attempt 2 follows in 4.0 s", "~⠋ next attempt in 4.0 s"]);
    watched.after(1_000).draws(1, &["~⠹ next attempt in 3.0 s"]);
    // The next attempt says it from the beginning.
    watched.take([text("whole"), reply()]).draws(1, &["whole"]);
    assert!(watched.live.has_shown("whole"));
    let retried = Event::CallRetry { id: 0, tool: "t".to_owned(), error: "503\n".to_owned(), attempt: 1 };
    let what = "the same script 2 times".to_owned();
    watched.take([retried, Event::Stagnation { what }, Event::Note { text: "Do\nit.".to_owned() }]).draws(
        0,
        &[
            "  ↻ t failed (503); attempt 2 follows",
            "the model goes in circles: the same script 2 times",
            "the model is told: Do it.",
        ],
    );
}

#[test]
fn a_cancelled_turn_leaves_what_was_said_and_no_rows() {
    let mut watched = Watched::new(Detail::Folded);
    watched.take(turn()).take([text("half")]).draws(0, &["~half"]);
    let error = || Event::Error { kind: "cancelled".to_owned(), message: "it was".to_owned() };
    watched.take([error()]).draws(1, &["half"]);
    watched.take([script("a"), call(0, "t", "{}")]).draws(0, &["▸ script, 1 line", "~  ⠋ t({}) 0 ms"]);
    watched.take([error()]).draws(1, &[]);
}
