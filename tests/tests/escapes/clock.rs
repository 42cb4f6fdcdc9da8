//! Attack: measure time, or find entropy, to tell runs apart or to read a side channel.
//! Defence: the clock is one reading taken before the run; the generator is seeded from outside.

use agentloop_tests::{attack, check, finished, run};

const AT_START: &str = "1700000000000";

#[test]
fn the_clock_stands_still_while_the_script_computes() {
    attack(
        "const start = Date.now(); for (let i = 0; i < 5e7; i++); return Date.now() === start",
        finished("false"),
        finished("true"),
    );
    check(
        "return [Date.now(), +new Date(), new Date().toISOString()]",
        finished(format!("[{AT_START},{AT_START},\"2023-11-14T22:13:20.000Z\"]")),
    );
}

#[test]
fn the_clock_stands_still_while_the_script_waits() {
    check("await tools.slow({ ms: 60_000 }).catch(() => {}); return Date.now()", finished(AT_START));
}

#[test]
fn no_time_zone_is_disclosed() {
    check(
        "return [new Date().getTimezoneOffset(), new Date(2020, 0, 1).toISOString()]",
        finished("[0,\"2020-01-01T00:00:00.000Z\"]"),
    );
}

#[test]
fn random_numbers_come_from_the_seed_only() {
    let script = "return [Math.random(), Math.random(), [3, 1, 2].sort(() => Math.random() - 0.5)]";
    let values: Vec<String> = (0..3)
        .map(|_| run(script).value::<serde_json::Value>().expect("it finishes").expect("it is JSON").to_string())
        .collect();
    assert_eq!(values[0], values[1]);
    assert_eq!(values[0], values[2]);
    attack(
        "return crypto.randomUUID() === '14eaa7d1-421d-4d8f-9aa5-48bb8da9f11a'",
        finished("false"),
        finished("true"),
    );
}

#[test]
fn the_order_of_a_map_and_of_keys_depends_on_nothing_outside() {
    let script = "const keys = {}; for (let i = 0; i < 1000; i++) keys['k' + (i * 7919) % 1009] = i; return Object.keys(keys).join()";
    let one = run(script).value::<String>().expect("it finishes").expect("it is a string");
    let two = run(script).value::<String>().expect("it finishes").expect("it is a string");
    assert_eq!(one, two);
}

#[test]
fn nothing_else_tells_time() {
    check(
        "return [performance.now(), typeof Atomics, typeof SharedArrayBuffer, console.time('x'), console.timeEnd('x')]",
        finished("[0,\"undefined\",\"undefined\",null,null]"),
    );
}
