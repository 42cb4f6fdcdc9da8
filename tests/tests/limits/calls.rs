//! Calls: how many, how many at once, how long each, and what they cost.

use agentloop_sandbox::{Call, LimitKind, Limits, Outcome, Tool, ToolFailure, Toolbox};
use agentloop_tests::{Expect, block_on, check, check_with, engine, finished, limit, still_answers, threw};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Runs with tools of the test's own.
fn run_with_tools(limits: Limits, tools: impl IntoIterator<Item = Tool>, script: &str) -> Outcome {
    let toolbox = Toolbox::new(tools).expect("the tools fit together");
    let sandbox = engine().sandbox(toolbox, limits).expect("the limits can be enforced");
    block_on(sandbox.run(script)).expect("the host is well")
}

#[test]
fn the_last_call_that_is_allowed_and_one_more() {
    let limits = || Limits { calls_max: 3, ..Limits::default() };
    let calls =
        |n: usize| format!("for (let i = 0; i < {n}; i++) await tools.math.add({{ x: 1, y: i }}); return 'done'");
    check_with(limits(), &calls(3), finished("\"done\""));
    check_with(limits(), &calls(4), limit(LimitKind::Calls, 3));
}

#[test]
fn no_call_at_all_is_a_limit_too() {
    let limits = Limits { calls_max: 0, ..Limits::default() };
    check_with(limits, "tools.math.add({ x: 1, y: 1 })", limit(LimitKind::Calls, 0));
}

#[test]
fn a_flood_of_calls_ends_at_the_limit() {
    check("while (true) tools.echo({})", limit(LimitKind::Calls, 256));
    check("while (true) try { tools.fail({}) } catch {}", limit(LimitKind::Calls, 256));
    check("while (true) await tools.math.add({ x: 1, y: 1 })", limit(LimitKind::Calls, 256));
}

/// A tool that counts how many of its calls run at once, and the most there were.
fn gauge(most: &Arc<AtomicUsize>) -> Tool {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::clone(most);
    let tool = Tool::untyped("gauge", "Counts calls that run at once.", json!({}), move |_: Call| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, ToolFailure>("1".to_owned())
        }
    });
    tool.expect("the name is good")
}

#[test]
fn no_more_calls_run_at_once_than_allowed_and_all_are_answered() {
    for (allowed, made, expected) in [(2, 10, 2), (32, 100, 32), (32, 5, 5)] {
        let most = Arc::new(AtomicUsize::new(0));
        let limits = Limits { calls_in_flight_max: allowed, ..Limits::default() };
        let script =
            format!("return (await Promise.all(Array.from({{ length: {made} }}, () => tools.gauge({{}})))).length");
        let outcome = run_with_tools(limits, [gauge(&most)], &script);
        assert_eq!(Expect::from(&outcome.ending), finished(made.to_string()));
        assert_eq!(most.load(Ordering::SeqCst), expected);
    }
    still_answers();
}

#[test]
fn time_in_the_queue_is_not_time_of_the_call() {
    let limits = Limits { calls_in_flight_max: 1, call_time_max: Duration::from_millis(25), ..Limits::default() };
    let script = "return (await Promise.all([1, 2, 3, 4].map(() => tools.slow({ ms: 20 })))).length";
    check_with(limits, script, finished("4"));
}

#[test]
fn a_call_ends_at_its_timeout_and_the_run_goes_on() {
    let limits = || Limits { call_time_max: Duration::from_millis(100), ..Limits::default() };
    check_with(limits(), "return await tools.slow({ ms: 99 })", finished("99"));
    check_with(
        limits(),
        "return await tools.slow({ ms: 101 })",
        threw("ToolError: `slow` did not answer within 100 ms"),
    );
    check_with(
        limits(),
        "try { await tools.never({}) } catch (error) { return [error.kind, await tools.add({ x: 1, y: 2 })] }",
        finished("[\"timeout\",3]"),
    );
}

#[test]
fn a_timeout_of_the_tools_own_goes_before_the_limit() {
    let tool = Tool::untyped("own", "Never answers.", json!({}), |_: Call| std::future::pending());
    let tool = tool.expect("the name is good").time_max(Duration::from_millis(7));
    let outcome = run_with_tools(Limits::default(), [tool], "await tools.own({})");
    assert_eq!(Expect::from(&outcome.ending), threw("ToolError: `own` did not answer within 7 ms"));
}

#[test]
fn large_calls_that_wait_are_bounded_together() {
    // Eight calls of the largest size are held, no more.
    let limits = Limits { arguments_bytes_max: 1_000, calls_in_flight_max: 1, ..Limits::default() };
    let script = "const text = 'x'.repeat(990);
        const all = await Promise.allSettled(Array.from({ length: 40 }, () => tools.echo(text)));
        const refused = all.filter((one) => one.status === 'rejected');
        return [refused.length, refused[0].reason.kind, refused[0].reason.message]";
    let message = "too many large calls are waiting to run `echo` as well; await some before making more";
    check_with(limits, script, finished(format!("[32,\"too_large\",\"{message}\"]")));
}

#[test]
fn arguments_that_do_not_fit_never_reach_the_tool() {
    check(
        "await tools.add({ x: 1, y: '2' })",
        threw("ToolError: the arguments of `add` do not match its schema; `y`: \"2\" is not of type \"number\""),
    );
    check(
        "await tools.add(5)",
        threw("ToolError: the arguments of `add` do not match its schema; the arguments: 5 is not of type \"object\""),
    );
}
