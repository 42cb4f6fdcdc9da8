//! A conversation goes on from its transcript, in another process as well.

use super::{assert_valid, block_on, told, told_with};
use agentloop::{Agent, Answer, Interaction, Message, ReplyStyle, Scripted, Transcript, Turn};

fn stored(transcript: &Transcript) -> Transcript {
    let text = serde_json::to_string(transcript).expect("it can be stored");
    serde_json::from_str(&text).expect("it can be read")
}

#[test]
fn the_next_turn_knows_of_the_first() {
    let first = told(Scripted::new().script("return await tools.add({ x: 1, y: 2 })").text("It is 3."));
    let output = first.run("1 and 2?");
    let second = told(Scripted::new().text("It was 3."));
    let turn = Turn::new("What was it?").history(stored(&output.transcript));
    let output = second.run_turn(turn).expect("the turn is answered");
    assert_eq!(output.answer, Answer::Text("It was 3.".to_owned()));
    let messages = &second.requests()[0].messages;
    assert_eq!(messages.len(), 5, "{messages:?}");
    assert_eq!(messages[4], Message::User { text: "What was it?".to_owned() });
    assert_valid(&second.requests());
}

#[test]
fn a_turn_that_failed_can_be_continued() {
    let first = told_with(Scripted::new().script("return 1").script("return 2"), |builder| builder.iterations_max(2));
    let failure = first.fail("Count");
    assert_eq!(failure.error.kind(), "max_iterations");
    let second = told(Scripted::new().text("3"));
    second.run_turn(Turn::new("Go on").history(stored(&failure.transcript))).expect("the turn is answered");
    let told = format!("{:?}", second.requests()[0].messages);
    assert!(told.contains("(This turn ended early: no answer after 2 replies"), "{told}");
    assert_valid(&second.requests());
}

#[test]
fn a_model_of_the_other_style_takes_over() {
    let first = told(Scripted::new().script("return 7").text("7"));
    let output = first.run("Seven?");
    let second = told(Scripted::new().in_style(ReplyStyle::FencedCode).script("return 8").text("8"));
    let output = second.run_turn(Turn::new("Eight?").history(output.transcript)).expect("the turn is answered");
    assert!(second.requests()[0].messages.iter().all(|message| !matches!(message, Message::Result { .. })));
    let third = told(Scripted::new().text("done"));
    third.run_turn(Turn::new("And?").history(output.transcript)).expect("the turn is answered");
    assert_valid(&third.requests());
}

#[test]
fn what_a_script_left_out_can_be_read_turns_later() {
    let first = told_with(Scripted::new().script("return 'z'.repeat(2000)").text("Long."), |builder| {
        builder.feedback_bytes_max(300)
    });
    let output = first.run("Make it long");
    let second = told(Scripted::new().script("return LiteralLoader('result-1').length").text("2002"));
    second.run_turn(Turn::new("How long?").history(stored(&output.transcript))).expect("the turn is answered");
    assert!(second.last_message().starts_with("The script returned:\n2002"), "{}", second.last_message());
}

#[test]
fn the_history_that_is_sent_is_capped_and_the_prompt_is_not() {
    let mut history = Transcript::default();
    for turn in 0..50 {
        history.push(Interaction::User { text: format!("question {turn} {}", "x".repeat(1_000)) });
        history.push(Interaction::Answer(Answer::Value(turn.into())));
    }
    let told = told_with(Scripted::new().text("done"), |builder| builder.history_bytes_max(10_000));
    let prompt = "y".repeat(20_000);
    told.run_turn(Turn::new(prompt.as_str()).history(history)).expect("the turn is answered");
    let request = &told.requests()[0];
    let sent = serde_json::to_string(&request.messages).expect("messages are data");
    assert!(sent.contains(&prompt) && sent.contains("question 49 ") && !sent.contains("question 0 "), "{}", sent.len());
    assert!(sent.len() < 32_000, "{}", sent.len());
}

#[test]
fn context_is_told_in_its_turn_only() {
    let told = told(Scripted::new().text("a").text("b"));
    let output = told.run_turn(Turn::new("1").context("Today", "It rains.")).expect("the turn is answered");
    assert!(told.requests()[0].system.ends_with("## Today\n\nIt rains."));
    told.run_turn(Turn::new("2").history(output.transcript)).expect("the turn is answered");
    assert!(!told.requests()[1].system.contains("It rains."));
}

#[test]
fn one_agent_runs_many_turns_at_once() {
    let model = (0..20).fold(Scripted::new(), |model, _| model.text("ok"));
    let agent = Agent::builder(model).build().expect("the agent is good");
    let outputs = block_on(futures_util::future::join_all((0..20).map(|n| agent.run(Turn::new(n.to_string())))));
    assert!(outputs.iter().all(Result::is_ok));
}
