//! The promise that record and replay stand on: the same component, script, environment and settlements, in the same
//! batches, do the same thing to the last unit of fuel.

use agentloop_sandbox::{Engine, Limits, Outcome};
use agentloop_tests::{Expect, block_on, engine, toolbox};

/// Everything of an outcome but its clocks.
#[derive(Debug, PartialEq)]
struct Trace {
    ending: Expect,
    console: Vec<String>,
    calls: Vec<String>,
    fuel_per_step: Vec<u64>,
    memory_peak_bytes: usize,
    bytes: (u64, u64),
}

impl From<Outcome> for Trace {
    fn from(outcome: Outcome) -> Self {
        Self {
            ending: Expect::from(&outcome.ending),
            console: outcome.console.iter().map(|line| format!("{line:?}")).collect(),
            calls: outcome
                .calls
                .iter()
                .map(|call| format!("{} {} {:?} {:?} {}", call.id, call.tool, call.arguments, call.status, call.fuel))
                .collect(),
            fuel_per_step: outcome.usage.fuel_per_step(),
            memory_peak_bytes: outcome.usage.memory_peak_bytes,
            bytes: (outcome.usage.bytes_in, outcome.usage.bytes_out),
        }
    }
}

fn trace(engine: &Engine, script: &str) -> Trace {
    let limits = Limits { fuel_max: 2_000_000_000, ..Limits::default() };
    let sandbox = engine.sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    let run = sandbox.prepare(script).clock_ms(1_234_567).seed(42);
    Trace::from(block_on(run.finish()).expect("the host is well"))
}

const SCRIPTS: &[&str] = &[
    "1+1",
    "return [Date.now(), new Date().toISOString(), Math.random(), Math.random()]",
    "const all = await Promise.all([3, 1, 2].map((ms) => tools.slow({ ms }))); console.log(all); return all",
    "const map = new Map(); for (let i = 0; i < 10_000; i++) map.set('k' + Math.random(), {}); return [...map.keys()].slice(0, 9)",
    "const object = {}; for (let i = 0; i < 5_000; i++) object[Math.random()] = i; return Object.keys(object).length",
    "const list = Array.from({ length: 5_000 }, Math.random); return list.sort()[7]",
    "try { await tools.fail({}) } catch (error) { return error.stack }",
    "return await tools.panics({})",
    "console.log(new Error('x').stack, new Map([[{}, 1]]), Symbol('s')); throw new RangeError('end')",
    "const all = []; while (true) all.push({ a: all.length })",
    "while (true);",
    "const f = () => f(); f()",
    "const all = []; for (let i = 0; i < 200; i++) all.push(tools.math.add({ x: i, y: Math.random() })); return (await Promise.all(all)).at(-1)",
    "return new WeakMap([[{}, 1]]) instanceof WeakMap",
    "await new Promise(() => {})",
    "}",
];

#[test]
fn two_runs_are_equal_to_the_unit_of_fuel() {
    for script in SCRIPTS {
        assert_eq!(trace(engine(), script), trace(engine(), script), "{script}");
    }
}

#[test]
fn what_ran_before_on_the_same_instance_slot_changes_nothing() {
    let alone: Vec<Trace> = SCRIPTS.iter().map(|script| trace(engine(), script)).collect();
    for (script, alone) in SCRIPTS.iter().zip(&alone).rev() {
        trace(engine(), "globalThis.left = 'x'.repeat(1 << 20); const all = []; while (true) all.push(left.slice(1))");
        assert_eq!(&trace(engine(), script), alone, "{script}");
    }
}

#[test]
fn two_engines_are_equal_too() {
    let other = Engine::new().expect("a second engine fits this process");
    for script in SCRIPTS {
        assert_eq!(trace(engine(), script), trace(&other, script), "{script}");
    }
}

#[test]
fn another_seed_or_another_clock_is_another_run() {
    let sandbox = engine().sandbox(toolbox().clone(), Limits::default()).expect("the limits can be enforced");
    let run = |clock_ms, seed| {
        let run = sandbox.prepare("[Date.now(), Math.random()]").clock_ms(clock_ms).seed(seed);
        Trace::from(block_on(run.finish()).expect("the host is well")).ending
    };
    assert_eq!(run(1, 1), run(1, 1));
    assert_ne!(run(1, 1), run(1, 2));
    assert_ne!(run(1, 1), run(2, 1));
}
