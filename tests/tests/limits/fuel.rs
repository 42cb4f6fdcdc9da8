//! The meter: exact to the unit, per step and per call.

use agentloop_sandbox::{CALL_BYTE_FUEL, CALL_FUEL, LimitKind, Limits, Outcome, Tool, Toolbox};
use agentloop_tests::{Expect, block_on, check_with, engine, finished, limit, run, run_with, still_answers, threw};
use serde_json::Value;

const SCRIPT: &str =
    "let sum = 0; for (let i = 0; i < 1000; i++) sum += i; await tools.add({ x: sum, y: 1 }); return sum";

#[test]
fn what_it_uses_is_enough_and_one_unit_less_is_not() {
    let fuel = run(SCRIPT).usage.fuel;
    check_with(Limits { fuel_max: fuel, ..Limits::default() }, SCRIPT, finished("499500"));
    check_with(Limits { fuel_max: fuel - 1, ..Limits::default() }, SCRIPT, limit(LimitKind::Fuel, fuel - 1));
    check_with(Limits { fuel_max: 1, ..Limits::default() }, SCRIPT, limit(LimitKind::Fuel, 1));
}

#[test]
fn a_step_has_a_limit_of_its_own() {
    let steps = run(SCRIPT).usage.fuel_per_step();
    assert_eq!(steps.len(), 2);
    let most = steps.iter().copied().max().expect("there are steps");
    check_with(Limits { step_fuel_max: Some(most), ..Limits::default() }, SCRIPT, finished("499500"));
    let less = Limits { step_fuel_max: Some(most - 1), ..Limits::default() };
    check_with(less, SCRIPT, limit(LimitKind::StepFuel, most - 1));
}

#[test]
fn where_both_limits_would_stop_a_step_the_one_that_is_lower_is_named() {
    let limits = |fuel_max, step_fuel_max| Limits { fuel_max, step_fuel_max: Some(step_fuel_max), ..Limits::default() };
    check_with(limits(1_000_000, 2_000_000), "while (true);", limit(LimitKind::Fuel, 1_000_000));
    check_with(limits(2_000_000, 1_000_000), "while (true);", limit(LimitKind::StepFuel, 1_000_000));
}

#[test]
fn steps_add_up_to_the_run() {
    for script in [
        "1+1",
        SCRIPT,
        "for (let i = 0; i < 10; i++) await tools.echo({ i })",
        "await tools.panics({})",
        "while (true) await tools.math.add({ x: 1, y: 1 })",
        "throw 1",
        "}",
    ] {
        let usage = run(script).usage;
        assert_eq!(usage.fuel_per_step().iter().sum::<u64>(), usage.fuel, "{script}");
    }
    let exhausted = run_with(Limits { fuel_max: 3_000_000, ..Limits::default() }, "while (true);").usage;
    assert_eq!(exhausted.fuel_per_step().iter().sum::<u64>(), exhausted.fuel);
}

fn priced(price: u64, script: &str, fuel_max: u64) -> Outcome {
    let instant = Tool::instant("instant", "", |_: Value| Ok::<_, String>("answer")).expect("the name is good");
    let waiting = Tool::new("waiting", "", |_: Value| async { Ok::<_, String>("answer") }).expect("the name is good");
    let toolbox = Toolbox::new([instant.fuel_price(price), waiting.fuel_price(price)]).expect("the tools fit together");
    let limits = Limits { fuel_max, ..Limits::default() };
    let sandbox = engine().sandbox(toolbox, limits).expect("the limits can be enforced");
    block_on(sandbox.prepare(script).clock_ms(0).seed(0).finish()).expect("the host is well")
}

#[test]
fn a_call_costs_its_bytes_and_its_price_exactly() {
    for name in ["instant", "waiting"] {
        let script = format!("return await tools.{name}({{ a: 1 }})");
        let [free, dear] = [0, 1_000_000].map(|price| priced(price, &script, 100_000_000));
        let bytes = ("{\"a\":1}".len() + "\"answer\"".len()) as u64;
        assert_eq!(free.calls[0].fuel, CALL_FUEL + CALL_BYTE_FUEL * bytes);
        assert_eq!(dear.calls[0].fuel, free.calls[0].fuel + 1_000_000);
        assert_eq!(dear.usage.fuel, free.usage.fuel + 1_000_000);
        // The price is charged in the step that makes the call.
        assert_eq!(dear.usage.fuel_per_step()[0], free.usage.fuel_per_step()[0] + 1_000_000);
    }
}

#[test]
fn a_call_that_the_run_cannot_pay_is_not_made() {
    let outcome = priced(1_000_000, "return await tools.waiting({})", 900_000);
    assert_eq!(Expect::from(&outcome.ending), limit(LimitKind::Fuel, 900_000));
    assert_eq!(outcome.calls.len(), 0);
    let outcome = priced(u64::MAX, "return await tools.waiting({})", u64::MAX - 1);
    assert_eq!(Expect::from(&outcome.ending), limit(LimitKind::Fuel, u64::MAX - 1));
    still_answers();
}

#[test]
fn a_failed_call_costs_too() {
    let outcome = run("await tools.fail({ message: 'no' })");
    assert_eq!(Expect::from(&outcome.ending), threw("ToolError: no"));
    let bytes = ("{\"message\":\"no\"}".len() + "no".len()) as u64;
    assert_eq!(outcome.calls[0].fuel, CALL_FUEL + CALL_BYTE_FUEL * bytes);
}
