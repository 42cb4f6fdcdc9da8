//! The account of a run: its parts add up, its limits stop the run, and a journal tells the same.

use agentloop_sandbox::{Ending, Journal, LimitKind, Limits, Outcome, Tool, ToolLimits, Toolbox};
use agentloop_tests::{block_on, engine, toolbox};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SCRIPT: &str = "
    console.log('start');
    await Promise.all([tools.add({ x: 1, y: 2 }), tools.echo({ text: 'é'.repeat(100) }), tools.fail({}).catch(() => 0)]);
    await tools.math.add({ x: 1, y: 2 });
    await new Promise((done) => setTimeout(done, 1));
    return 'done'";

fn recorded(toolbox: &Toolbox, script: &str, limits: Limits) -> (Outcome, Journal) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sandbox = engine().sandbox(toolbox.clone(), limits).expect("the limits can be enforced");
    let run = sandbox.prepare(script).clock_ms(1).seed(1).record(Arc::clone(&lines));
    let outcome = block_on(run.finish()).expect("the host is well");
    let journal = Journal::read(&lines.lock().expect("nobody panicked")).expect("it can be read");
    (outcome, journal)
}

#[test]
fn steps_and_tools_add_up_and_the_journal_tells_the_same() {
    let (outcome, journal) = recorded(toolbox(), SCRIPT, Limits::default());
    let usage = outcome.usage;
    assert_eq!(usage.steps.iter().map(|step| step.fuel).sum::<u64>(), usage.fuel);
    assert_eq!(usage.steps.iter().map(|step| step.calls).sum::<u32>(), usage.tool_calls);
    assert_eq!(usage.steps.iter().map(|step| step.bytes_in).sum::<u64>(), usage.bytes_in);
    assert_eq!(usage.steps.iter().map(|step| step.bytes_out).sum::<u64>(), usage.bytes_out);
    assert_eq!(usage.tools.values().map(|tool| tool.calls).sum::<u32>(), usage.tool_calls);
    assert_eq!((usage.tool_calls, usage.tools["fail"].failed, usage.tools["echo"].failed), (4, 1, 0));
    let told = journal.usage();
    assert_eq!((told.fuel, told.bytes_in, told.bytes_out), (usage.fuel, usage.bytes_in, usage.bytes_out));
    assert_eq!((told.memory_peak_bytes, told.fuel_per_step()), (usage.memory_peak_bytes, usage.fuel_per_step()));
    let facts = |usage: &agentloop_sandbox::Usage| -> Vec<String> {
        let tool = |(name, tool): (&String, &agentloop_sandbox::ToolUsage)| {
            format!("{name} {} {} {} {} {}", tool.calls, tool.failed, tool.fuel, tool.bytes_out, tool.bytes_in)
        };
        usage.tools.iter().map(tool).collect()
    };
    assert_eq!(facts(&told), facts(&usage));
}

/// Which limit ends the script, and of which tool; and whether a replay of it is the same.
fn limit(toolbox: &Toolbox, script: &str, limits: Limits) -> Option<(LimitKind, u64, u64, Option<String>)> {
    let (outcome, journal) = recorded(toolbox, script, limits);
    let replayed = block_on(engine().replay(journal)).expect("the host is well");
    assert_eq!(replayed.divergence, None);
    match outcome.ending {
        Ending::LimitExceeded(exceeded) => Some((exceeded.limit, exceeded.used, exceeded.allowed, exceeded.tool)),
        _ => None,
    }
}

#[test]
fn bytes_in_and_out_are_bounded_wherever_they_pass() {
    let within = |bytes_in_max: u64, bytes_out_max: u64| Limits { bytes_in_max, bytes_out_max, ..Limits::default() };
    let of = |script: &str, limits: Limits| limit(toolbox(), script, limits).map(|(limit, ..)| limit);
    for (script, bytes_in) in
        [("return 1", 8), ("await tools.add({ x: 1, y: 2 })", 31 + 3), ("await tools.math.add({ x: 1, y: 2 })", 36 + 3)]
    {
        assert_eq!(of(script, within(bytes_in, 1 << 20)), None, "{script}");
        assert_eq!(of(script, within(bytes_in - 1, 1 << 20)), Some(LimitKind::BytesIn), "{script}");
    }
    for (script, bytes_out) in
        [("return 'four'", 6), ("console.log('four')", 4 + 4), ("await tools.add({ x: 1, y: 2 }); return 0", 13 + 1)]
    {
        assert_eq!(of(script, within(1 << 20, bytes_out)), None, "{script}");
        assert_eq!(of(script, within(1 << 20, bytes_out - 1)), Some(LimitKind::BytesOut), "{script}");
    }
}

#[test]
fn a_tool_may_have_limits_of_its_own() {
    let echo = |limits: ToolLimits| {
        let echo =
            Tool::untyped("echo", "", serde_json::json!({}), |call| async move { Ok(call.arguments.to_string()) });
        Toolbox::new([echo.expect("it is a tool").limits(limits)]).expect("they fit")
    };
    let calls = |calls_max: u32| echo(ToolLimits { calls_max: Some(calls_max), ..ToolLimits::default() });
    let bytes = |bytes_max: u64| echo(ToolLimits { bytes_max: Some(bytes_max), ..ToolLimits::default() });
    let script = "await tools.echo(1); await tools.echo(2)";
    assert_eq!(limit(&calls(2), script, Limits::default()), None);
    assert_eq!(
        limit(&calls(1), script, Limits::default()),
        Some((LimitKind::ToolCalls, 2, 1, Some("echo".to_owned())))
    );
    assert_eq!(limit(&bytes(4), script, Limits::default()), None);
    assert_eq!(
        limit(&bytes(3), script, Limits::default()),
        Some((LimitKind::ToolBytes, 4, 3, Some("echo".to_owned())))
    );
    assert_eq!(
        limit(&bytes(2), script, Limits::default()),
        Some((LimitKind::ToolBytes, 3, 2, Some("echo".to_owned())))
    );
}

#[test]
fn the_scripts_of_a_session_share_what_they_may_use() {
    let limits = Limits { bytes_out_max: 10, ..Limits::default() };
    let session = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced").session();
    let ending = || block_on(session.prepare("return 'four'").finish()).expect("the host is well").ending;
    assert!(matches!(ending(), Ending::Finished(_)));
    assert!(matches!(ending(), Ending::LimitExceeded(exceeded) if exceeded.limit == LimitKind::BytesOut));
}

#[test]
fn what_a_run_waits_is_bounded_by_itself() {
    let wait = "for (let turn = 0; turn < 3; turn++) await new Promise((done) => setTimeout(done, 20))";
    let within = |time| Limits { waited_max: Some(Duration::from_millis(time)), ..Limits::default() };
    assert_eq!(limit(toolbox(), wait, within(60_000)), None);
    let stopped = limit(toolbox(), wait, within(30)).map(|(limit, _, allowed, _)| (limit, allowed));
    assert_eq!(stopped, Some((LimitKind::Waited, 30)));
    // What is computed is not waited for.
    assert_eq!(limit(toolbox(), "for (let n = 0; n < 3e6; n++); await null", within(1)), None);
}
