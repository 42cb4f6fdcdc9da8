//! The events of a turn, in order.

use super::{told, told_with};
use agentloop::{Event, Scripted, Turn};
use std::sync::{Arc, Mutex};

fn watched(told: &super::Told, prompt: &str) -> Vec<Event> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&events);
    let turn = Turn::new(prompt).on_event(move |event| log.lock().expect("no panic").push(event.clone()));
    drop(told.run_turn(turn));
    let events = events.lock().expect("no panic");
    events.clone()
}

fn types(events: &[Event]) -> Vec<String> {
    let name =
        |event: &Event| serde_json::to_value(event).expect("events are data")["type"].as_str().map(str::to_owned);
    events.iter().filter_map(name).collect()
}

#[test]
fn a_turn_with_a_script_and_an_answer() {
    let script = "console.log('hi'); finish(await tools.add({ x: 1, y: 2 }))";
    let told = told(Scripted::new().script(script));
    let events = watched(&told, "1 and 2?");
    let expected = ["turn", "request", "reply", "script", "console", "call", "call_end", "script_end", "answer"];
    assert_eq!(types(&events), expected);
    let Event::Call { id: 0, tool, arguments } = &events[5] else { panic!("{:?}", events[5]) };
    assert_eq!((tool.as_str(), arguments.as_str()), ("add", r#"{"x":1,"y":2}"#));
}

#[test]
fn a_reply_arrives_in_pieces() {
    let events = watched(&told(Scripted::new().text("It is noon.")), "How late is it?");
    assert_eq!(types(&events), ["turn", "request", "delta", "delta", "delta", "reply", "answer"]);
    let json = serde_json::to_value(&events[2]).expect("events are data");
    assert_eq!(json, serde_json::json!({ "type": "delta", "kind": "text", "text": "It " }));
}

#[test]
fn a_failing_call_and_a_warning_are_seen() {
    let model = Scripted::new().script("await tools.fail({})").script("await tools.fail({}); 2").text("I cannot.");
    let told = told_with(model, |builder| builder.repeats_max(3));
    let events = watched(&told, "Try");
    let failed: Vec<&Option<String>> = events
        .iter()
        .filter_map(|event| match event {
            Event::CallEnd { error, .. } => Some(error),
            _ => None,
        })
        .collect();
    assert_eq!(failed, [&Some("the disk is full".to_owned()), &Some("the disk is full".to_owned())]);
    assert_eq!(types(&events).iter().filter(|name| *name == "stagnation").count(), 1);
}

#[test]
fn a_turn_that_fails_ends_with_its_error() {
    let events = watched(&told(Scripted::new()), "Hello?");
    let Some(Event::Error { kind, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!(kind, "provider_invalid_request");
}
