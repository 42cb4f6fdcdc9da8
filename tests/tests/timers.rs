//! Timers: a wait that the host serves. Time of the host is paused here, so nothing waits; what a script sees of time is
//! its own clock, which only timers move.

use agentloop_sandbox::{CancellationToken, LimitKind, Limits, TIMER_FUEL};
use agentloop_tests::{
    Expect, block_on, cancelled, check, check_console, check_with, engine, finished, limit, run, stuck, threw, toolbox,
};
use std::time::Duration;

#[test]
fn timers_fire_in_the_order_they_are_due_with_their_arguments() {
    check(
        "const log = [];
         setTimeout((a, b) => log.push(a + b), 30, 'c', 1);
         setTimeout(() => log.push('a'), 10);
         setTimeout(() => log.push('b'), 10);
         setTimeout(() => log.push('0'));
         await new Promise((resolve) => setTimeout(resolve, 40));
         return log",
        finished(r#"["0","a","b","c1"]"#),
    );
}

#[test]
fn jobs_that_a_timer_made_run_before_the_next_timer() {
    check(
        "const log = [];
         setTimeout(() => { log.push(1); Promise.resolve().then(() => log.push(2)) }, 5);
         setTimeout(() => log.push(3), 5);
         await new Promise((resolve) => setTimeout(resolve, 6));
         return log",
        finished("[1,2,3]"),
    );
}

#[test]
fn a_cleared_timer_does_not_fire() {
    check(
        "let fired = 0;
         const first = setTimeout(() => { clearTimeout(second); fired++ }, 5);
         const second = setTimeout(() => { fired += 10 }, 5);
         clearTimeout(setTimeout(() => { fired += 100 }, 1));
         clearTimeout(12345); clearTimeout(); clearInterval('x');
         await new Promise((resolve) => setTimeout(resolve, 20));
         return fired",
        finished("1"),
    );
}

#[test]
fn an_interval_repeats_until_its_callback_clears_it() {
    check(
        "return await new Promise((resolve) => {
             let turns = 0;
             const timer = setInterval(() => { if (++turns === 3) { clearInterval(timer); resolve(turns) } }, 100);
         })",
        finished("3"),
    );
}

#[test]
fn the_clock_moves_with_timers_and_with_nothing_else() {
    check(
        "const start = Date.now();
         for (let i = 0; i < 1e5; i++);
         await tools.slow({ ms: 5000 });
         const computed = Date.now() - start;
         await new Promise((resolve) => setTimeout(resolve, 250));
         return [computed, Date.now() - start]",
        finished("[0,250]"),
    );
}

#[test]
fn a_race_with_a_timer_ends_a_wait_for_a_tool() {
    check(
        "return await Promise.race([tools.never({}), new Promise((resolve) => setTimeout(resolve, 50, 'late'))])",
        finished("\"late\""),
    );
}

#[test]
fn what_a_callback_throws_is_told_and_the_run_goes_on() {
    check_console(
        "setTimeout(() => { throw new RangeError('lost') }, 1);
         await new Promise((resolve) => setTimeout(resolve, 2));
         return 1",
        finished("1"),
        &["error: the callback of a timer threw: RangeError: lost\n    at <anonymous> (script.js:1:26)"],
    );
}

#[test]
fn text_is_not_a_callback() {
    check("setTimeout('6 * 7')", threw("TypeError: setTimeout takes a function: text is not compiled in the sandbox"));
    check("setInterval({}, 1)", threw("TypeError: setInterval takes a function: text is not compiled in the sandbox"));
}

#[test]
fn a_delay_that_is_no_number_or_out_of_range_is_none_or_the_longest() {
    check(
        "const start = Date.now();
         for (const delay of [undefined, -5, NaN, 'x', null, { valueOf() { return 0.9 } }]) {
             await new Promise((resolve) => setTimeout(resolve, delay));
         }
         return Date.now() - start",
        finished("0"),
    );
    let limits = Limits { wall_time_max: Duration::from_secs(60), ..Limits::default() };
    check_with(limits, "await new Promise((r) => setTimeout(r, 1e300))", limit(LimitKind::WallTime, 60_000));
}

#[test]
fn timers_are_counted() {
    let limits = |timers_max| Limits { timers_max, ..Limits::default() };
    let script = "for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 1)); return 1";
    check_with(limits(10), script, finished("1"));
    check_with(limits(9), script, threw("RangeError: this run has had all the timers it may have"));
    check_with(limits(0), "return typeof setTimeout", finished("\"function\""));
    // A cleared timer was one all the same: else a loop of both would have no end but fuel.
    let cleared = "for (let i = 0; i < 10; i++) clearTimeout(setTimeout(() => {}, 1)); return 1";
    check_with(limits(9), cleared, threw("RangeError: this run has had all the timers it may have"));
}

#[test]
fn a_timer_costs_fuel() {
    let none = run("const f = () => {}; f(f, 1); return 1").usage.fuel;
    let one = run("const f = () => {}; setTimeout(f, 1); return 1").usage.fuel;
    assert!(one - none > TIMER_FUEL, "{one} - {none}");
}

#[test]
fn a_run_that_has_cleared_its_last_timer_is_stuck() {
    check("const timer = setTimeout(() => {}, 5); clearTimeout(timer); await new Promise(() => {})", stuck());
    check("setTimeout(() => {}, 5); await new Promise(() => {})", stuck());
}

#[test]
fn a_script_that_ends_leaves_its_timers_behind() {
    check("setInterval(() => {}, 1); return 'done'", finished("\"done\""));
}

#[test]
fn a_run_that_waits_for_a_timer_can_be_cancelled() {
    let token = CancellationToken::new();
    let sandbox = engine().sandbox(toolbox().clone(), Limits::default()).unwrap();
    let run = sandbox.prepare("await new Promise((resolve) => setTimeout(resolve, 60_000))").cancel_on(token.clone());
    let outcome = block_on(async move {
        let cancel = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            token.cancel();
        };
        tokio::join!(run.finish(), cancel).0.unwrap()
    });
    assert_eq!(Expect::from(&outcome.ending), cancelled());
}
