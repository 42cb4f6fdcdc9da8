//! Ending a run from outside, and what it leaves: nothing.

use agentloop_sandbox::{Call, CallStatus, CancellationToken, Limits, Tool, ToolFailure, Toolbox};
use agentloop_tests::{Expect, block_on, cancelled, engine, still_answers, toolbox};
use serde_json::json;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

/// What became of the one call of [`watched`].
#[derive(Default)]
struct Seen {
    token: Option<CancellationToken>,
    is_dropped: bool,
}

struct OnDrop(Arc<Mutex<Seen>>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.lock().expect("nobody panicked").is_dropped = true;
    }
}

/// A sandbox with a tool that never answers and tells what happens to it.
fn watched(seen: &Arc<Mutex<Seen>>) -> agentloop_sandbox::Sandbox {
    let seen = Arc::clone(seen);
    let tool = Tool::untyped("watched", "Never answers.", json!({}), move |call: Call| {
        seen.lock().expect("nobody panicked").token = Some(call.cancellation());
        let on_drop = OnDrop(Arc::clone(&seen));
        async move {
            let _on_drop = on_drop;
            std::future::pending::<Result<String, ToolFailure>>().await
        }
    });
    let toolbox = Toolbox::new([tool.expect("the name is good")]).expect("one tool fits");
    engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced")
}

/// Goes on with a run until its call has begun.
async fn until_called<F: Future>(seen: &Mutex<Seen>, mut run: Pin<&mut F>) {
    while seen.lock().expect("nobody panicked").token.is_none() {
        let is_pending = std::future::poll_fn(|context| Poll::Ready(run.as_mut().poll(context).is_pending())).await;
        assert!(is_pending, "the run ended before its call began");
        tokio::task::yield_now().await;
    }
}

#[track_caller]
fn assert_call_is_gone(seen: &Mutex<Seen>) {
    let seen = seen.lock().expect("nobody panicked");
    assert!(seen.is_dropped, "the handler's future is still there");
    assert!(seen.token.as_ref().is_some_and(CancellationToken::is_cancelled), "the handler was not told");
}

#[test]
fn dropping_a_run_drops_its_calls_and_frees_its_instance() {
    let seen = Arc::new(Mutex::new(Seen::default()));
    block_on(async {
        let sandbox = watched(&seen);
        let mut run = Box::pin(sandbox.run("await tools.watched({})"));
        until_called(&seen, run.as_mut()).await;
        drop(run);
    });
    assert_call_is_gone(&seen);
    still_answers();
}

#[test]
fn more_runs_than_there_are_instances_can_be_dropped() {
    // 1,000 instances at once is the engine's limit: were one not freed, the last of these would wait for ever.
    block_on(async {
        for _ in 0..1_100 {
            let seen = Arc::new(Mutex::new(Seen::default()));
            let sandbox = watched(&seen);
            let mut run = Box::pin(sandbox.run("await tools.watched({})"));
            until_called(&seen, run.as_mut()).await;
        }
    });
    still_answers();
}

#[test]
fn a_run_that_waits_is_cancelled_with_its_calls() {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let outcome = block_on(async {
        let token = CancellationToken::new();
        let sandbox = watched(&seen);
        let mut run = Box::pin(sandbox.prepare("await tools.watched({})").cancel_on(token.clone()).finish());
        until_called(&seen, run.as_mut()).await;
        token.cancel();
        run.await.expect("the host is well")
    });
    assert_eq!(Expect::from(&outcome.ending), cancelled());
    assert_eq!(outcome.calls.len(), 1);
    assert!(matches!(outcome.calls[0].status, CallStatus::Cancelled));
    assert_call_is_gone(&seen);
    still_answers();
}

#[test]
fn a_run_that_computes_is_cancelled() {
    let token = CancellationToken::new();
    let limits = Limits { fuel_max: u64::MAX, ..Limits::default() };
    let sandbox = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    // The script itself says when it is in its loop.
    let run = sandbox.prepare("console.log('now'); while (true);").cancel_on(token.clone());
    let outcome = block_on(run.on_console(move |_| token.cancel()).finish()).expect("the host is well");
    assert_eq!(Expect::from(&outcome.ending), cancelled());
    assert_eq!(outcome.console.len(), 1);
    still_answers();
}

#[test]
fn a_run_that_is_cancelled_before_it_begins_runs_nothing() {
    let token = CancellationToken::new();
    token.cancel();
    let sandbox = engine().sandbox(toolbox().clone(), Limits::default()).expect("the limits can be enforced");
    let outcome = block_on(sandbox.prepare("console.log(1)").cancel_on(token).finish()).expect("the host is well");
    assert_eq!(Expect::from(&outcome.ending), cancelled());
    assert_eq!((outcome.console.len(), outcome.usage.fuel), (0, 0));
}

#[test]
fn no_script_can_refuse_to_end() {
    let token = CancellationToken::new();
    let limits = Limits { fuel_max: u64::MAX, ..Limits::default() };
    let sandbox = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    let script = "for (;;) { try { console.log('now'); for (;;) await null } catch { continue } finally { continue } }";
    let run = sandbox.prepare(script).cancel_on(token.clone());
    let outcome = block_on(run.on_console(move |_| token.cancel()).finish()).expect("the host is well");
    assert_eq!(Expect::from(&outcome.ending), cancelled());
    still_answers();
}
