//! Calls as they are seen from outside, and what may be done about them before they are made.

use agentloop_sandbox::{
    Call, CallChange, CallEvent, CallStatus, Ending, LimitKind, Limits, Outcome, Run, Tool, ToolErrorKind, ToolFailure,
    Toolbox, Verdict,
};
use agentloop_tests::{block_on, engine};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn add() -> Tool {
    let schema = json!({ "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"] });
    Tool::untyped("add", "Adds one.", schema, |call: Call| async move {
        call.progress.report(Some(0.5), "half");
        call.progress.report(Some(7.0), &"é".repeat(1_000));
        Ok::<_, ToolFailure>((call.arguments["x"].as_f64().unwrap_or_default() + 1.0).to_string())
    })
    .expect("the tool is good")
}

fn prepared(tools: impl IntoIterator<Item = Tool>, script: &str) -> Run {
    let toolbox = Toolbox::new(tools).expect("the tools fit together");
    engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced").prepare(script)
}

/// Runs, and writes down what is seen of its calls.
fn seen(run: Run) -> (Outcome, Vec<String>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&log);
    let run = run.on_call(move |event| told.lock().expect("no panic").push(line(event)));
    let outcome = block_on(run.finish()).expect("the host is well");
    let log = log.lock().expect("no panic").clone();
    (outcome, log)
}

fn line(event: &CallEvent<'_>) -> String {
    let what = match &event.change {
        CallChange::Started { arguments } => format!("starts {arguments}"),
        CallChange::Progress { fraction, message } => format!("is at {fraction:?} {} {}", &message[..2], message.len()),
        CallChange::Retried { error, attempt } => format!("failed: {error}; attempt {attempt}"),
        CallChange::Ended { status: CallStatus::Succeeded(value), .. } => format!("gives {value:?}"),
        CallChange::Ended { status: CallStatus::Failed(error), .. } => format!("fails: {}", error.kind.name()),
        other => format!("{other:?}"),
    };
    format!("{} {} {what}", event.id, event.tool)
}

#[test]
fn a_typed_handler_says_how_far_it_is() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Copy {
        files: Vec<String>,
    }
    let copy = Tool::with_call("copy", "Copies files.", |call: Call<Copy>| async move {
        call.arguments.files.iter().for_each(|file| call.progress.report(None, file));
        Ok::<_, String>(call.arguments.files.len())
    });
    let copy = copy.expect("the tool is good");
    let (outcome, log) = seen(prepared([copy.clone()], "await tools.copy({ files: ['one', 'two'] })"));
    assert_eq!(outcome.value::<u32>().map(Result::ok), Some(Some(2)));
    assert_eq!(log[1..3], ["0 copy is at None on 3", "0 copy is at None tw 3"]);
    let (_, log) = seen(prepared([copy], "await tools.copy({ files: [1] }).catch(() => 0)"));
    assert_eq!(log.last().map(String::as_str), Some("0 copy fails: invalid_arguments"));
}

#[test]
fn a_call_is_seen_from_its_start_to_its_end() {
    let (_, log) = seen(prepared([add()], "await tools.add({ x: 1 })"));
    assert_eq!(
        log,
        [
            r#"0 add starts {"x":1}"#,
            "0 add is at Some(0.5) ha 4",
            "0 add is at None é 512",
            "0 add gives Some(RawValue(2))"
        ]
    );
}

#[test]
fn a_call_that_is_refused_has_an_end_and_no_start() {
    let (_, log) = seen(prepared([add()], "await tools.add({ y: 1 }).catch(() => 1)"));
    assert_eq!(log, ["0 add fails: invalid_arguments"]);
}

#[test]
fn a_call_that_answers_at_once_is_seen_as_well() {
    let now = Tool::instant("now", "The time.", |_: Value| Ok::<_, String>(12)).expect("the tool is good");
    let (_, log) = seen(prepared([now], "tools.now({})"));
    assert_eq!(log, ["0 now starts {}", "0 now gives Some(RawValue(12))"]);
}

#[test]
fn a_gate_allows_amends_and_refuses() {
    let script = "
        const tried = async (x) => { try { return await tools.add({ x }) } catch (error) { return [error.kind, error.message] } };
        await Promise.all([1, 2, 3].map(tried))";
    let run = prepared([add()], script).gate(|attempt| async move {
        match attempt.arguments["x"].as_i64() {
            Some(1) => Verdict::Allow,
            Some(2) => Verdict::Amend(json!({ "x": 20 })),
            _ => Verdict::Refuse("three is too much".to_owned()),
        }
    });
    let outcome = block_on(run.finish()).expect("the host is well");
    let value = outcome.value::<Value>().expect("it finished").expect("it is JSON");
    assert_eq!(value, json!([2, 21, ["refused", "`add` was not called: three is too much"]]));
    // The report has the arguments that the call was made with.
    let arguments: Vec<&str> =
        outcome.calls.iter().map(|call| call.arguments.as_ref().map_or("", |arguments| arguments.get())).collect();
    assert_eq!(arguments, [r#"{"x":1}"#, r#"{"x":20}"#, r#"{"x":3}"#]);
    assert!(matches!(&outcome.calls[2].status, CallStatus::Failed(error) if error.kind == ToolErrorKind::Refused));
}

#[test]
fn amended_arguments_must_match_the_schema_too() {
    let run = prepared([add()], "await tools.add({ x: 1 }).catch((error) => error.kind)");
    let run = run.gate(|_| async { Verdict::Amend(json!({ "x": "1" })) });
    let outcome = block_on(run.finish()).expect("the host is well");
    assert_eq!(outcome.value::<String>().expect("finished").expect("a string"), "invalid_arguments");
}

#[test]
fn a_gate_that_panics_refuses() {
    let run = prepared([add()], "await tools.add({ x: 1 }).catch((error) => error.message)");
    let run = run.gate(|attempt| async move {
        assert_eq!(attempt.id, 99, "this gate is broken");
        Verdict::Allow
    });
    let outcome = block_on(run.finish()).expect("the host is well");
    let message = outcome.value::<String>().expect("finished").expect("a string");
    assert_eq!(message, "`add` was not called: the check of this call panicked");
}

#[test]
fn nothing_answers_at_once_past_a_gate() {
    let now = Tool::instant("now", "The time.", |_: Value| Ok::<_, String>(12)).expect("the tool is good");
    let run = prepared([now.clone()], "await tools.now({}).catch((error) => error.kind)");
    let outcome = block_on(run.gate(|_| async { Verdict::Refuse(String::new()) }).finish()).expect("the host is well");
    assert_eq!(outcome.value::<String>().expect("finished").expect("a string"), "refused");
    let run = prepared([now], "await tools.now({})");
    let outcome = block_on(run.gate(|_| async { Verdict::Allow }).finish()).expect("the host is well");
    assert_eq!(outcome.value::<i32>().expect("finished").expect("a number"), 12);
}

#[test]
fn the_timeout_of_a_call_does_not_run_while_its_gate_thinks() {
    let run = prepared([add().time_max(Duration::from_millis(20))], "await tools.add({ x: 1 })");
    let run = run.gate(|_| async {
        tokio::time::sleep(Duration::from_millis(80)).await;
        Verdict::Allow
    });
    let outcome = block_on(run.finish()).expect("the host is well");
    assert_eq!(outcome.value::<i32>().expect("finished").expect("a number"), 2);
}

/// Fails as often as it is told, then answers.
fn flaky(failures: u32) -> (Tool, Arc<AtomicU32>) {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let tool = Tool::untyped("flaky", "Fails at first.", json!({}), move |_: Call| {
        let attempt = count.fetch_add(1, Ordering::SeqCst);
        async move { if attempt < failures { Err(ToolFailure::from("not now")) } else { Ok("1".to_owned()) } }
    });
    (tool.expect("the tool is good"), made)
}

#[test]
fn only_an_idempotent_tool_is_called_again() {
    let script = "await tools.flaky({}).catch((error) => error.message)";
    let (tool, made) = flaky(2);
    let (outcome, log) = seen(prepared([tool.idempotent(2)], script));
    assert_eq!(outcome.value::<i32>().expect("finished").expect("a number"), 1);
    assert_eq!(
        log,
        [
            "0 flaky starts {}",
            "0 flaky failed: not now; attempt 1",
            "0 flaky failed: not now; attempt 2",
            "0 flaky gives Some(RawValue(1))"
        ]
    );
    assert_eq!((made.load(Ordering::SeqCst), outcome.usage.tool_calls), (3, 1));

    let (tool, made) = flaky(2);
    let (outcome, _) = seen(prepared([tool.idempotent(1)], script));
    assert_eq!(outcome.value::<String>().expect("finished").expect("a string"), "not now");
    assert_eq!(made.load(Ordering::SeqCst), 2);

    let (tool, made) = flaky(2);
    seen(prepared([tool], script));
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

/// Somebody may take hours to say yes. Control: a tool that takes as long is not waited for, nor is a verdict beside a timer.
#[test]
fn waiting_for_a_verdict_is_not_wall_time() {
    let second = Duration::from_secs(1);
    let limits = Limits { wall_time_max: second, call_time_max: second / 2, ..Limits::default() };
    let ending = |script: &str, verdict_after: Duration, answer_after: Duration| {
        let slow = Tool::untyped("slow", "Takes its time.", json!({}), move |_: Call| async move {
            tokio::time::sleep(answer_after).await;
            Ok::<_, ToolFailure>("7".to_owned())
        });
        let toolbox = Toolbox::new([slow.expect("the tool is good").time_max(second * 9)]).expect("it fits");
        let run = engine().sandbox(toolbox, limits.clone()).expect("the limits can be enforced").prepare(script);
        let run = run.gate(move |_| async move {
            tokio::time::sleep(verdict_after).await;
            Verdict::Allow
        });
        block_on(run.finish()).expect("the host is well").ending
    };
    let wall_time = |ending: Ending| match ending {
        Ending::LimitExceeded(exceeded) => exceeded.limit == LimitKind::WallTime,
        _ => false,
    };
    let both = "await Promise.all([tools.slow({}), tools.slow({})])";
    let finished = ending(both, second * 2, Duration::ZERO);
    assert!(matches!(&finished, Ending::Finished(value) if value.get() == "[7,7]"), "{finished:?}");
    assert!(wall_time(ending(both, Duration::ZERO, second * 2)));
    assert!(wall_time(ending(
        "await Promise.all([tools.slow({}), new Promise((done) => setTimeout(done, 1500))])",
        second * 2,
        Duration::ZERO
    )));
}
