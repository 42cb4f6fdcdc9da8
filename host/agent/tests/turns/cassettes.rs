//! A conversation is recorded, and played again with no model.

use super::{Tools, block_on};
use agentloop::{Agent, Cassette, Provider as _, Recorder, ReplyStyle, Scripted, Turn};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A tape in memory.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Tape {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("a cassette is text")
    }
}

#[test]
fn what_was_recorded_plays_to_the_same_answer() {
    let tape = Tape::default();
    let model = Scripted::new().script("return await tools.add({ x: 1, y: 2 })").text("It is 3.");
    let recorder = Recorder::new(model, tape.clone()).expect("the tape can be written to");
    let run = |agent: Agent| block_on(agent.run(Turn::new("1 and 2?"))).expect("the turn is answered");
    let recorded = run(Agent::builder(recorder).tools(Tools::new().all()).build().expect("the agent is good"));

    let cassette = Cassette::parse(&tape.text()).expect("what was recorded can be read");
    assert_eq!((cassette.model(), cassette.style()), ("scripted/replies", ReplyStyle::NativeTool));
    let played = run(Agent::builder(cassette).tools(Tools::new().all()).build().expect("the agent is good"));
    assert_eq!(played, recorded);
}

#[test]
fn with_a_clock_and_a_seed_a_turn_is_the_same_to_the_unit_of_fuel() {
    let run = |seed| {
        let model = Scripted::new().script("return [Date.now(), Math.random(), crypto.randomUUID()]").text("done");
        let agent = Agent::builder(model).build().expect("the agent is good");
        block_on(agent.run(Turn::new("Go on").clock_ms(86_400_000).seed(seed))).expect("the turn is answered")
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).transcript, run(2).transcript);
    assert!(serde_json::to_string(&run(1).transcript).expect("it can be stored").contains("[86400000,0."));
}

#[test]
fn a_cassette_that_is_none_says_where() {
    let refused = |text: &str| Cassette::parse(text).expect_err("it is no cassette").message;
    assert_eq!(refused(""), "line 1 of the cassette: there is none");
    let header = r#"{"cassette":1,"model":"a/b","style":"native_tool"}"#;
    assert!(
        refused(&format!("{header}\n\n{{\"text\":1}}"))
            .starts_with("line 3 of the cassette: invalid type: integer `1`")
    );
    let newer = header.replace(":1", ":2");
    assert_eq!(refused(&newer), "line 1 of the cassette: version 2 cannot be played, only version 1");
}

#[test]
fn a_conversation_that_goes_on_after_the_tape_says_so() {
    let cassette = Cassette::parse(r#"{"cassette":1,"model":"a/b","style":"native_tool"}"#).expect("it has a header");
    let agent = Agent::builder(cassette).build().expect("the agent is good");
    let failure = block_on(agent.run(Turn::new("Hello?"))).expect_err("there is nothing on the tape");
    assert_eq!(failure.to_string(), "the provider does not take the request: the recorded conversation ends here");
}
