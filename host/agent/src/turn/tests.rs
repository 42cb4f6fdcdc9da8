use super::*;
use crate::provider::{NativeCall, RUN_JS};
use crate::transcript::{CallError, CallNote};
use std::collections::BTreeMap;

fn script_reply(code: &str) -> Reply {
    let arguments = serde_json::json!({ "code": code });
    Reply { calls: vec![NativeCall { id: "c".to_owned(), name: RUN_JS.to_owned(), arguments }], ..Reply::default() }
}

fn report(script: &str, ending: &str, calls: Vec<CallNote>) -> ScriptReport {
    ScriptReport {
        call_id: Some("c".to_owned()),
        script: script.to_owned(),
        literals: BTreeMap::new(),
        ending: ending.to_owned(),
        calls,
        feedback: format!("it {ending}"),
        kept: BTreeMap::new(),
        fuel: 1,
    }
}

fn failing_call() -> CallNote {
    let error = CallError { kind: "failed".to_owned(), message: "no".to_owned() };
    CallNote { tool: "mail".to_owned(), arguments: "{}".to_owned(), result: None, error: Some(error) }
}

/// A turn in which each of these scripts was sent and ended so.
fn turn(ran: &[(&str, &str)]) -> Transcript {
    let mut transcript = Transcript::default();
    transcript.push(Interaction::User { text: "do it".to_owned() });
    for (script, ending) in ran {
        transcript.push(Interaction::of_reply(&script_reply(script)));
        transcript.push(Interaction::Script(report(script, ending, Vec::new())));
    }
    transcript
}

#[test]
fn a_new_script_is_run() {
    let step = next(&turn(&[("1", "threw")]), &script_reply("2"), &Rules::default());
    assert!(matches!(&step, Step::Run(scripts) if scripts[0].source == "2"), "{step:?}");
}

#[test]
fn a_script_that_failed_is_not_run_again_and_then_ends_the_turn() {
    let mut transcript = turn(&[("1", "threw")]);
    let reply = script_reply(" 1\n");
    let step = next(&transcript, &reply, &Rules::default());
    let Step::Tell { text, call_ids } = step else { panic!("{step:?}") };
    assert!(text.contains("same script as before") && text.contains("it threw"), "{text}");
    assert_eq!(call_ids, ["c"]);
    transcript.push(Interaction::of_reply(&reply));
    transcript.push(Interaction::Note { text, call_id: Some("c".to_owned()) });
    let step = next(&transcript, &reply, &Rules::default());
    assert_eq!(step, Step::Stagnated { what: "the same script 3 times".to_owned() });
}

#[test]
fn a_script_that_succeeded_may_run_again_but_not_for_ever() {
    let polls = [("poll()", "finished")];
    assert!(matches!(next(&turn(&polls), &script_reply("poll()"), &Rules::default()), Step::Run(_)));
    let polls = [polls[0], polls[0]];
    assert!(matches!(next(&turn(&polls), &script_reply("poll()"), &Rules::default()), Step::Stagnated { .. }));
    let patient = Rules { repeats_max: 10, ..Rules::default() };
    assert!(matches!(next(&turn(&polls), &script_reply("poll()"), &patient), Step::Run(_)));
}

#[test]
fn scripts_of_an_earlier_turn_do_not_count() {
    let mut transcript = turn(&[("1", "threw"), ("1", "threw")]);
    transcript.push(Interaction::User { text: "again".to_owned() });
    assert!(matches!(next(&transcript, &script_reply("1"), &Rules::default()), Step::Run(_)));
}

#[test]
fn a_reply_that_cannot_be_used_is_mended_so_many_times() {
    let mut transcript = turn(&[]);
    let empty = Reply::default();
    for _ in 0..Rules::default().repairs_max {
        let step = next(&transcript, &empty, &Rules::default());
        let Step::Tell { text, .. } = step else { panic!("{step:?}") };
        transcript.push(Interaction::of_reply(&empty));
        transcript.push(Interaction::Note { text, call_id: None });
    }
    assert!(matches!(next(&transcript, &empty, &Rules::default()), Step::GiveUp { replies: 3, .. }));
    // A script in between begins the count anew.
    transcript.push(Interaction::Script(report("1", "finished", Vec::new())));
    assert!(matches!(next(&transcript, &empty, &Rules::default()), Step::Tell { .. }));
}

#[test]
fn a_call_that_fails_the_same_way_is_warned_about_and_then_ends_the_turn() {
    let mut transcript = turn(&[]);
    let rules = Rules::default();
    let failing = |script| report(script, "threw", vec![failing_call()]);
    assert_eq!(circle(&transcript, &failing("1"), &rules), Circle::None);
    transcript.push(Interaction::Script(failing("1")));
    assert!(matches!(circle(&transcript, &failing("2"), &rules), Circle::Warn(text) if text.contains("`mail`")));
    transcript.push(Interaction::Script(failing("2")));
    assert!(matches!(circle(&transcript, &failing("3"), &rules), Circle::Stop(_)));
    let other = CallNote { arguments: "{\"to\":1}".to_owned(), ..failing_call() };
    assert_eq!(circle(&transcript, &report("4", "threw", vec![other]), &rules), Circle::None);
}
