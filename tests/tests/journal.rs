//! The journal of a run: written ahead of each effect, readable whatever stopped the writer, and run again to the unit of fuel.

use agentloop_sandbox::{Engine, Journal, JournalError, Limits, Moment, Outcome, Replayed, Sink};
use agentloop_tests::{block_on, engine, toolbox};
use std::io;
use std::sync::{Arc, Mutex};

/// What is written, moment by moment.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Moment, String)>>>);

impl Sink for Lines {
    fn append(&mut self, lines: &[u8], moment: Moment) -> io::Result<()> {
        let text = String::from_utf8(lines.to_vec()).map_err(io::Error::other)?;
        self.0.lock().expect("nobody panicked").push((moment, text));
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        self.0.lock().expect("nobody panicked").iter().map(|(_, lines)| lines.as_str()).collect()
    }
}

fn recorded(script: &str, limits: Limits) -> (Outcome, String) {
    let lines = Lines::default();
    let sandbox = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    let run = sandbox.prepare(script).clock_ms(1_234_567).seed(42).literal("a", "text\nof two lines");
    let outcome = block_on(run.record(lines.clone()).finish()).expect("the host is well");
    (outcome, lines.text())
}

fn replayed(engine: &Engine, text: &str) -> Replayed {
    let journal = Journal::read(text.as_bytes()).expect("the journal can be read");
    block_on(engine.replay(journal)).expect("the host is well")
}

const SCRIPTS: &[&str] = &[
    "1+1",
    "return [Date.now(), Math.random(), LiteralLoader('a')]",
    "const all = await Promise.all([3, 1, 2].map((ms) => tools.slow({ ms }))); console.log(all); return all",
    "console.warn('before'); try { await tools.fail({}) } catch (error) { console.error(error); return error.stack }",
    "return await tools.panics({})",
    "return await tools.nothing({ x: 1 }).catch((error) => error.message)",
    "return await tools.math.add({ x: 'one' })",
    "await new Promise((done) => setTimeout(done, 5)); setTimeout(() => console.log('never'), 1e6); return Date.now()",
    "const all = []; for (let i = 0; i < 200; i++) all.push(tools.math.add({ x: i, y: Math.random() })); return (await Promise.all(all)).at(-1)",
    "const all = []; while (true) all.push({ a: all.length })",
    "console.log('x'.repeat(1e6)); console.log('y'); return 1",
    "while (true);",
    "await new Promise(() => {})",
    "throw new AggregateError([new TypeError('inner')], 'outer', { cause: 7 })",
    "}",
    "for (;;) await tools.math.add({ x: 1, y: 2 })",
];

fn limits() -> Limits {
    Limits { fuel_max: 2_000_000_000, ..Limits::default() }
}

#[test]
fn a_replay_does_the_same_to_the_unit_of_fuel() {
    for script in SCRIPTS {
        let (outcome, text) = recorded(script, limits());
        let replayed = replayed(engine(), &text);
        assert_eq!(replayed.divergence, None, "{script}");
        assert!(replayed.is_exact, "{script}");
        let again = replayed.outcome.expect("the run was over");
        assert_eq!(again.usage.fuel_per_step(), outcome.usage.fuel_per_step(), "{script}");
        assert_eq!(again.usage.memory_peak_bytes, outcome.usage.memory_peak_bytes, "{script}");
        assert_eq!((again.usage.bytes_in, again.usage.bytes_out), (outcome.usage.bytes_in, outcome.usage.bytes_out));
        assert_eq!(again.console, outcome.console, "{script}");
        assert_eq!(format!("{:?}", again.ending), format!("{:?}", outcome.ending), "{script}");
        assert_eq!(again.calls.len(), outcome.calls.len());
        for (again, before) in again.calls.iter().zip(&outcome.calls) {
            assert_eq!(again.duration.as_micros(), before.duration.as_micros());
            let facts = |call: &agentloop_sandbox::CallReport| {
                format!("{} {} {:?} {:?} {}", call.id, call.tool, call.arguments, call.status, call.fuel)
            };
            assert_eq!(facts(again), facts(before));
        }
    }
}

#[test]
fn a_journal_that_was_cut_at_any_byte_opens_and_replays_as_far_as_it_goes() {
    let script =
        "console.log('é'); const a = await tools.math.add({ x: 1, y: 2 }); await tools.slow({ ms: 1 }); return a";
    let (_, text) = recorded(script, limits());
    let first = text.find('\n').expect("there is a first line");
    for end in 0..text.len() {
        match Journal::read(&text.as_bytes()[..end]) {
            Err(JournalError::Empty) => assert!(end <= first, "at byte {end}"),
            Err(error) => panic!("at byte {end}: {error}"),
            Ok(journal) => {
                assert_eq!(journal.is_torn(), !text.as_bytes()[..end].ends_with(b"\n"), "at byte {end}");
                assert!(!journal.is_over(), "at byte {end}");
            }
        }
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for count in 1..=lines.len() {
        let replayed = replayed(engine(), &lines[..count].concat());
        assert_eq!(replayed.divergence, None, "with {count} lines");
        // What comes last, the fuel of the last step and the end, the replay finds by itself.
        assert_eq!(replayed.outcome.is_some(), count + 2 >= lines.len(), "with {count} lines");
    }
}

#[test]
fn a_divergence_names_the_first_step_and_both_sides() {
    let script = "console.log('one'); const a = await tools.add({ x: 1, y: 2 }); console.log(a); return a";
    let (_, text) = recorded(script, limits());
    let other = |from: &str, to: &str| {
        assert!(text.contains(from), "`{from}` is not in {text}");
        let difference = replayed(engine(), &text.replacen(from, to, 1)).divergence.expect("it differs");
        (difference.step, difference.recorded, difference.replayed)
    };
    let expected = |step, recorded: &str, replayed: &str| (step, recorded.to_owned(), replayed.to_owned());
    assert_eq!(other(r#""text":"one""#, r#""text":"two""#), expected(0, "console.log: two", "console.log: one"));
    assert_eq!(
        other(r#"{"x":1,"y":2}"#, r#"{"x":1,"y":3}"#),
        expected(0, r#"call 0 of `add` with {"x":1,"y":3}"#, r#"call 0 of `add` with {"x":1,"y":2}"#)
    );
    // Another answer: the script says another thing.
    assert_eq!(other(r#""ok":3.0"#, r#""ok":4.0"#), expected(1, "console.log: 3", "console.log: 4"));
    let (step, recorded, replayed) = other(r#"{"step":{"fuel":"#, r#"{"step":{"fuel":1"#);
    assert_eq!(step, 0);
    assert!(recorded.starts_with("the step ends, with 1") && replayed.starts_with("the step ends, with "));
    let (step, ..) = other(r#""finished":3"#, r#""finished":4"#);
    assert_eq!(step, 2);
}

#[test]
fn what_changes_the_world_is_in_the_journal_before_it_happens() {
    let lines = Lines::default();
    let seen = lines.clone();
    let pay = agentloop_sandbox::Tool::instant("pay", "", move |_: serde_json::Value| {
        let text = seen.text();
        assert!(text.contains(r#"{"submit":{"call":0,"tool":"pay","arguments":{"amount":3},"#), "{text}");
        assert!(text.ends_with("{\"start\":{\"call\":0}}\n"), "{text}");
        Ok::<_, String>("paid")
    });
    let toolbox = agentloop_sandbox::Toolbox::new([pay.expect("it is a tool")]).expect("they fit");
    let sandbox = engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
    let run = sandbox.prepare("return await tools.pay({ amount: 3 })").record(lines.clone());
    let outcome = block_on(run.finish()).expect("the host is well");
    assert_eq!(outcome.value::<String>().unwrap().unwrap(), "paid");
    let moments: Vec<Moment> = lines.0.lock().unwrap().iter().map(|(moment, _)| *moment).collect();
    assert_eq!(moments, [Moment::BeforeEffect, Moment::Rest]);
}
