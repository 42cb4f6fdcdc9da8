//! Runs that are put aside and resumed: from their memory to the unit of fuel, once, by whom they were sealed for.

use agentloop_sandbox::{
    CallStatus, CancellationToken, Ending, Engine, Error, Journal, Key, Limits, OnceInMemory, Outcome, Resolution,
    ResumeError, ResumedFrom, Run, Sandbox, Suspended, SuspendedCallState, Terms, Tool, Toolbox, Verdict,
};
use agentloop_tests::{block_on, engine, toolbox};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

fn key() -> Key {
    Key::new([3; 32])
}

fn terms() -> Terms {
    Terms { tenant: "acme".to_owned(), expires: SystemTime::now() + Duration::from_secs(3_600) }
}

fn sandbox() -> Sandbox {
    engine().sandbox(toolbox().clone(), Limits::default()).expect("the limits can be enforced")
}

/// A gate that puts off calls of `echo`.
fn puts_off(run: Run) -> Run {
    run.gate(|attempt| async move {
        match attempt.tool.as_str() {
            "echo" => Verdict::Suspend,
            _ => Verdict::Allow,
        }
    })
}

fn prepared(sandbox: &Sandbox, script: &str) -> Run {
    sandbox.prepare(script).clock_ms(1_000_000).seed(7)
}

fn finish(run: Run) -> Outcome {
    block_on(run.finish()).expect("the host is well")
}

#[track_caller]
fn suspended(outcome: Outcome) -> Suspended {
    match outcome.ending {
        Ending::Suspended(suspended) => *suspended,
        other => panic!("it is not suspended: {other:?}"),
    }
}

fn carried(suspended: &Suspended) -> Suspended {
    let bytes = suspended.seal(&key(), &terms()).expect("it is sealed");
    Suspended::open(&key(), "acme", &bytes).expect("it is opened")
}

const STORY: &str = "
    const seen = new Map([['start', Date.now()]]);
    console.log('before');
    const early = await tools.add({ x: 1, y: Math.random() });
    const [first, second] = await Promise.all([tools.echo({ n: 1 }), tools.echo({ n: 2 })]);
    seen.set('after', Math.random());
    console.log('between', first, second, early);
    const third = await tools.echo({ n: 3 });
    const list = Array.from({ length: 20_000 }, (_, index) => ({ index }));
    const fourth = await tools.echo({ n: 4 });
    return [list.length, list[777].index, first, second, third, fourth, [...seen], Math.random()];
";

#[test]
fn a_run_that_is_put_aside_again_and_again_does_the_same_as_one_that_is_not() {
    let straight = finish(prepared(&sandbox(), STORY).suspend_on(CancellationToken::new()));
    let mut outcome = finish(puts_off(prepared(&sandbox(), STORY)).suspend_on(CancellationToken::new()));
    let mut rounds = 0;
    while let Ending::Suspended(put_aside) = outcome.ending {
        let put_aside = carried(&put_aside);
        let asking: Vec<u32> = put_aside.calls().map(|call| call.id).collect();
        assert!(put_aside.calls().all(|call| call.state == SuspendedCallState::Asking && call.tool == "echo"));
        let run = sandbox().resume(put_aside).expect("it can be resumed").suspend_on(CancellationToken::new());
        let run = asking.into_iter().fold(puts_off(run), |run, id| run.resolve(id, Resolution::Approve));
        outcome = finish(run);
        assert_eq!(outcome.resumed_from, Some(ResumedFrom::Snapshot));
        rounds += 1;
    }
    assert_eq!(rounds, 3);
    assert_eq!(format!("{:?}", outcome.ending), format!("{:?}", straight.ending));
    // Two calls were settled in one batch or in two: only when they are put off together it is always one.
    assert_eq!(outcome.console, straight.console);
    assert_eq!(outcome.calls.len(), straight.calls.len());
    assert_eq!(outcome.usage.memory_peak_bytes, straight.usage.memory_peak_bytes);
    assert_eq!((outcome.usage.bytes_in, outcome.usage.bytes_out), (straight.usage.bytes_in, straight.usage.bytes_out));
    assert_eq!(outcome.usage.fuel_per_step(), straight.usage.fuel_per_step());
}

#[test]
fn the_journal_of_a_run_that_was_put_aside_is_one_journal_and_replays() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let run = puts_off(prepared(&sandbox(), STORY)).suspend_on(CancellationToken::new()).record(Arc::clone(&lines));
    let mut put_aside = suspended(finish(run));
    assert!(Journal::read(&lines.lock().unwrap()).expect("it can be read").is_suspended());
    // Twice into the same journal, then into another, which gets all of it.
    for sink in [Arc::clone(&lines), Arc::clone(&lines), Arc::new(Mutex::new(Vec::new()))] {
        let asking: Vec<u32> = put_aside.calls().map(|call| call.id).collect();
        let run =
            sandbox().resume(carried(&put_aside)).expect("it can be resumed").suspend_on(CancellationToken::new());
        let run = asking.into_iter().fold(puts_off(run), |run, id| run.resolve(id, Resolution::Approve));
        let outcome = finish(run.record(Arc::clone(&sink)));
        if let Ending::Suspended(again) = outcome.ending {
            put_aside = *again;
            continue;
        }
        let journal = Journal::read(&sink.lock().unwrap()).expect("it can be read");
        assert!(journal.is_over());
        let replayed = block_on(engine().replay(journal)).expect("the host is well");
        assert_eq!(replayed.divergence, None);
        let again = replayed.outcome.expect("it was over");
        assert_eq!(again.usage.fuel_per_step(), outcome.usage.fuel_per_step());
        return;
    }
    panic!("it was put aside three times, not more");
}

#[test]
fn each_decision_does_what_it_says() {
    let script = "return await Promise.allSettled([1, 2, 3, 4].map((n) => tools.echo({ n })))
        .then((all) => all.map((one) => one.value ?? one.reason.message))";
    let put_aside = suspended(finish(puts_off(prepared(&sandbox(), script)).suspend_on(CancellationToken::new())));
    let run = sandbox().resume(put_aside).expect("it can be resumed");
    let run = puts_off(run)
        .resolve(0, Resolution::Approve)
        .resolve(1, Resolution::Amend(json!({ "n": 20 })))
        .resolve(2, Resolution::Reject("not on a Friday".to_owned()))
        .resolve(3, Resolution::Answer(json!("done by hand")));
    let outcome = finish(run);
    let value: Value = outcome.value().expect("it finished").expect("it is JSON");
    assert_eq!(value, json!([{ "n": 1 }, { "n": 20 }, "`echo` was not called: not on a Friday", "done by hand"]));
    assert_eq!(outcome.calls[1].arguments.as_ref().unwrap().get(), r#"{"n":20}"#);
}

#[test]
fn what_the_gate_refuses_stays_refused_whoever_approves() {
    let script = "return await tools.echo({ n: 1 }).catch((error) => error.message)";
    let put_aside = suspended(finish(puts_off(prepared(&sandbox(), script)).suspend_on(CancellationToken::new())));
    let run = sandbox().resume(put_aside).expect("it can be resumed").resolve(0, Resolution::Approve);
    let outcome = finish(run.gate(|attempt| async move {
        assert!(attempt.is_approved);
        Verdict::Refuse("it was forbidden meanwhile".to_owned())
    }));
    assert_eq!(outcome.value::<String>().unwrap().unwrap(), "`echo` was not called: it was forbidden meanwhile");
}

#[test]
fn a_run_that_cannot_be_put_aside_refuses_the_call() {
    let script = "return await tools.echo({ n: 1 }).catch((error) => [error.kind, error.message])";
    let outcome = finish(puts_off(prepared(&sandbox(), script)));
    let (kind, message) = outcome.value::<(String, String)>().unwrap().unwrap();
    assert_eq!(kind, "refused");
    assert!(message.contains("this run cannot be suspended"), "{message}");
}

#[test]
fn a_run_is_resumed_once() {
    let put_aside = suspended(finish(puts_off(prepared(&sandbox(), STORY)).suspend_on(CancellationToken::new())));
    let bytes = put_aside.seal(&key(), &terms()).expect("it is sealed");
    let store = Arc::new(OnceInMemory::default());
    let resumed = |approve: bool| {
        let run = sandbox().resume(Suspended::open(&key(), "acme", &bytes).expect("it is opened"));
        let run = run.expect("it can be resumed").once(store.clone()).suspend_on(CancellationToken::new());
        let run = if approve { run.resolve(1, Resolution::Approve) } else { run.resolve(77, Resolution::Approve) };
        block_on(puts_off(run).finish())
    };
    // A decision that does not fit uses nothing up.
    let wrong = resumed(false).unwrap_err().to_string();
    assert_eq!(wrong, "the run was not resumed: call 77: it does not wait: see which calls do");
    assert!(matches!(resumed(true).expect("the first time").ending, Ending::Suspended(_)));
    assert!(matches!(resumed(true), Err(Error::Resume(ResumeError::Spent))));
}

#[test]
fn other_tools_and_lower_limits_are_named() {
    let put_aside = suspended(finish(puts_off(prepared(&sandbox(), STORY)).suspend_on(CancellationToken::new())));
    let without = Toolbox::new(toolbox().iter().filter(|tool| tool.name().as_str() != "echo").cloned()).unwrap();
    let refusal = sandbox().with_toolbox(without).resume(carried(&put_aside)).unwrap_err().to_string();
    assert_eq!(refusal, "the run had the tools echo, which are not there: resume it with them");
    let limits = Limits { fuel_max: 1_000, memory_bytes_max: 32 << 20, ..Limits::default() };
    let lower = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    let refusal = lower.resume(carried(&put_aside)).unwrap_err().to_string();
    assert!(refusal.contains("(fuel_max, memory_bytes_max)"), "{refusal}");
    assert!(sandbox().resume(carried(&put_aside)).is_ok());
}

/// A tool that counts its calls, and takes its time.
fn counted(name: &str, retries_max: u32, count: &Arc<AtomicU32>) -> Tool {
    let count = Arc::clone(count);
    let tool = Tool::untyped(name, "Counts.", json!({}), move |call| {
        let before = count.fetch_add(1, Ordering::SeqCst);
        async move {
            if before == 0 {
                std::future::pending::<()>().await;
            }
            Ok(serde_json::to_string(&call.idempotency_key()).unwrap_or_default())
        }
    });
    tool.expect("it is a tool").idempotent(retries_max)
}

#[test]
fn a_call_that_had_begun_is_in_doubt_unless_it_can_be_made_again() {
    let (pay, put) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let toolbox = Toolbox::new([counted("pay", 0, &pay), counted("put", 2, &put)]).expect("they fit");
    let sandbox = engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
    let token = CancellationToken::new();
    let run = sandbox.prepare("return await Promise.all([tools.pay({ n: 1 }), tools.put({ n: 2 })])");
    let run = run.suspend_on(token.clone()).suspend_within(Duration::from_millis(1));
    let run = run.on_call(move |event| {
        if event.id == 1 {
            token.cancel()
        }
    });
    let outcome = finish(run);
    assert!(outcome.calls.iter().all(|call| matches!(call.status, CallStatus::Suspended)));
    let put_aside = suspended(outcome);
    assert!(put_aside.calls().all(|call| call.state == SuspendedCallState::InDoubt));
    let refusal = block_on(sandbox.resume(carried(&put_aside)).expect("it can be resumed").finish()).unwrap_err();
    assert!(refusal.to_string().contains("call 0: `pay` was called before"), "{refusal}");
    let approve = sandbox.resume(carried(&put_aside)).expect("it can be resumed").resolve(0, Resolution::Approve);
    assert!(block_on(approve.finish()).unwrap_err().to_string().contains("it was made before and may have happened"));
    assert_eq!((pay.load(Ordering::SeqCst), put.load(Ordering::SeqCst)), (1, 1));

    let run = sandbox.resume(carried(&put_aside)).expect("it can be resumed");
    let outcome = finish(run.resolve(0, Resolution::Answer(json!("paid"))));
    let name = put_aside.run();
    assert_eq!(outcome.value::<(String, String)>().unwrap().unwrap(), ("paid".to_owned(), format!("{name}-1")));
    assert_eq!((pay.load(Ordering::SeqCst), put.load(Ordering::SeqCst)), (1, 2));
}

#[test]
fn timers_go_on_with_the_time_that_was_left() {
    let script = "
        const start = Date.now();
        setTimeout(() => console.log('second'), 40);
        setTimeout(() => console.log('first'), 20);
        const answer = await tools.echo({ n: 1 });
        await new Promise((done) => setTimeout(done, 60));
        return [answer.n, Date.now() - start >= 60]";
    let put_aside = suspended(finish(puts_off(prepared(&sandbox(), script)).suspend_on(CancellationToken::new())));
    let run = sandbox().resume(carried(&put_aside)).expect("it can be resumed").resolve(0, Resolution::Approve);
    let outcome = finish(run);
    assert_eq!(outcome.value::<(u8, bool)>().unwrap().unwrap(), (1, true));
    let lines: Vec<&str> = outcome.console.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["first", "second"]);
}

#[test]
fn fuel_that_was_left_is_what_is_left() {
    let straight = finish(prepared(&sandbox(), STORY).suspend_on(CancellationToken::new())).usage.fuel;
    let finishes_with = |fuel_max: u64| {
        let limits = Limits { fuel_max, ..Limits::default() };
        let sandbox = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
        let mut outcome = finish(puts_off(prepared(&sandbox, STORY)).suspend_on(CancellationToken::new()));
        while let Ending::Suspended(put_aside) = outcome.ending {
            let asking: Vec<u32> = put_aside.calls().map(|call| call.id).collect();
            let run = sandbox.resume(carried(&put_aside)).expect("it can be resumed");
            let run = run.suspend_on(CancellationToken::new());
            outcome = finish(asking.into_iter().fold(puts_off(run), |run, id| run.resolve(id, Resolution::Approve)));
        }
        matches!(outcome.ending, Ending::Finished(_))
    };
    assert!(finishes_with(straight));
    assert!(!finishes_with(straight - 1));
}

#[test]
fn a_small_script_is_small() {
    let put_aside = suspended(finish(
        puts_off(prepared(&sandbox(), "await tools.echo({ n: 1 })")).suspend_on(CancellationToken::new()),
    ));
    let bytes = put_aside.seal(&key(), &terms()).expect("it is sealed");
    assert!(bytes.len() <= 16 << 10, "{} bytes", bytes.len());
}

#[test]
fn two_engines_and_another_thread_are_as_good() {
    let put_aside = suspended(finish(puts_off(prepared(&sandbox(), STORY)).suspend_on(CancellationToken::new())));
    let bytes = put_aside.seal(&key(), &terms()).expect("it is sealed");
    let elsewhere = std::thread::spawn(move || {
        let engine = Engine::new().expect("there is one");
        let sandbox = engine.sandbox(toolbox().clone(), Limits::default()).expect("the limits can be enforced");
        let run =
            sandbox.resume(Suspended::open(&key(), "acme", &bytes).expect("it is opened")).expect("it can be resumed");
        finish(run).usage.fuel_per_step()
    });
    let straight = finish(prepared(&sandbox(), STORY).suspend_on(CancellationToken::new()));
    assert_eq!(elsewhere.join().expect("it ends"), straight.usage.fuel_per_step());
}
