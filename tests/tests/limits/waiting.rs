//! Promises that never settle, and rejections that nobody looks at.

use agentloop_tests::{check, check_console, finished, stuck, threw};

#[test]
fn a_promise_that_nothing_will_settle_is_stuck() {
    check("await new Promise(() => {})", stuck());
    check("return new Promise(() => {})", stuck());
    check("await Promise.race([])", stuck());
    check("let a, b; a = (async () => { await null; await b })(); b = (async () => { await a })(); await a", stuck());
    check("await tools.add({ x: 1, y: 2 }); await new Promise(() => {})", stuck());
}

#[test]
fn an_unhandled_rejection_is_told_on_the_console() {
    check_console(
        "Promise.reject('lost'); return 1",
        finished("1"),
        &["error: a promise was rejected and nothing handled it: lost"],
    );
    check_console(
        "(async () => { throw { code: 7 } })(); return 1",
        finished("1"),
        &["error: a promise was rejected and nothing handled it: { code: 7 }"],
    );
    check_console(
        "Promise.reject('lost'); await new Promise(() => {})",
        stuck(),
        &["error: a promise was rejected and nothing handled it: lost"],
    );
}

#[test]
fn a_rejection_that_is_handled_in_time_is_not_told() {
    check_console("Promise.reject(1).catch(() => {}); return 1", finished("1"), &[]);
    check_console("const p = Promise.reject(1); await null; p.catch(() => {}); return 1", finished("1"), &[]);
    check_console(
        "const p = tools.fail({}); await tools.add({ x: 1, y: 1 }); await p.catch(() => {}); return 1",
        finished("1"),
        &[],
    );
    check_console(
        "await Promise.reject(new RangeError('caught by nobody'))",
        threw("RangeError: caught by nobody"),
        &[],
    );
}

#[test]
fn a_flood_of_rejections_is_told_in_part() {
    let line = "error: a promise was rejected and nothing handled it: 1";
    check_console("for (let i = 0; i < 10_000; i++) Promise.reject(1); return 1", finished("1"), &[line; 8]);
}
