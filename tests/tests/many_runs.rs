//! More runs at once than there are instances: they take turns, none fails, and a busy one does not hold up the others.

use agentloop_sandbox::{Engine, LimitKind, Limits, Outcome};
use agentloop_tests::{Expect, block_on, finished, limit, toolbox};
use std::sync::{Mutex, PoisonError};
use tokio::task::JoinSet;

/// One test at a time: there is one engine in a process, and others would take its instances.
static INSTANCES: Mutex<()> = Mutex::new(());

/// Runs all scripts at the same time, on one thread.
fn at_once(scripts: impl Iterator<Item = &'static str>, limits: Limits) -> Vec<(usize, Outcome)> {
    let _all = INSTANCES.lock().unwrap_or_else(PoisonError::into_inner);
    let engine = Engine::new().expect("the engine starts");
    let sandbox = engine.sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    block_on(async move {
        let mut running = JoinSet::new();
        for (number, script) in scripts.enumerate() {
            let run = sandbox.prepare(script);
            running.spawn(async move { (number, run.finish().await.expect("the host is well")) });
        }
        running.join_all().await
    })
}

#[test]
fn runs_beyond_the_number_of_instances_wait_for_one() {
    let script = "await tools.slow({ ms: 1000 }); return await tools.add({ x: 1, y: 2 })";
    let outcomes = at_once(std::iter::repeat_n(script, 1_500), Limits::default());
    assert_eq!(outcomes.len(), 1_500);
    for (_, outcome) in outcomes {
        assert_eq!(Expect::from(&outcome.ending), finished("3"));
    }
}

/// Short runs that began after `busy` end before it, which ends with its fuel.
#[track_caller]
fn check_gives_way(busy: &'static str) {
    let fuel_max = 2_000_000_000;
    let scripts = std::iter::once(busy).chain(std::iter::repeat_n("1 + 1", 50));
    // In the order they ended.
    let mut outcomes = at_once(scripts, Limits { fuel_max, calls_max: u32::MAX, ..Limits::default() });
    let (number, last) = outcomes.pop().expect("there were runs");
    assert_eq!((number, Expect::from(&last.ending)), (0, limit(LimitKind::Fuel, fuel_max)));
    for (_, outcome) in outcomes {
        assert_eq!(Expect::from(&outcome.ending), finished("2"));
    }
}

#[test]
fn short_runs_end_before_a_busy_one_that_began_first() {
    check_gives_way("while (true);");
}

#[test]
fn a_script_that_only_writes_to_the_console_gives_way_too() {
    check_gives_way("while (true) console.log('');");
}

#[test]
fn a_script_whose_calls_are_answered_at_once_gives_way_too() {
    check_gives_way("for (;;) await tools.add({ x: 1, y: 2 });");
    check_gives_way("for (;;) await tools.math.add({ x: 1, y: 2 });");
}
