//! Memory bombs. One test, in a fixed order, alone in its process: what one bomb leaves behind would be seen here.
//!
//! Each bomb ends in its exact way, the engine answers at once, and when all have gone off the process holds what it held
//! before, within [`TOLERANCE_BYTES`]: the pool keeps at most 256 KiB of each of 64 instances that were used before.

use agentloop_sandbox::{LimitKind, Limits};
use agentloop_tests::{Expect, check_with, finished, limit, resident_bytes, threw};

const MEMORY_BYTES: u64 = 32 << 20;

/// About half of one bomb: bombs that leaked, each or together, would be far above.
const TOLERANCE_BYTES: usize = 16 << 20;

fn limits() -> Limits {
    Limits { memory_bytes_max: MEMORY_BYTES as usize, fuel_max: 20_000_000_000, ..Limits::default() }
}

fn exceeded() -> Expect {
    limit(LimitKind::Memory, MEMORY_BYTES)
}

/// Bombs that nothing catches.
const BOMBS: &[(&str, &str)] = &[
    ("a string that doubles", "let text = 'x'; while (true) text = (text + text).toUpperCase()"),
    ("a string that is repeated", "return 'x'.repeat(500_000_000)"),
    ("a string that is padded", "return 'x'.padEnd(500_000_000, 'yz')"),
    ("strings that are kept", "const all = []; for (let i = 0;; i++) all.push(String(i).repeat(100))"),
    ("an array that grows", "const all = []; while (true) all.push(all.length)"),
    ("an array that is filled", "return new Array(50_000_000).fill(0)"),
    ("arrays that nest", "let all = []; while (true) all = [all, all]"),
    ("an array that is spread", "let all = [1]; while (true) all = [...all, ...all]"),
    ("BigInts that are kept", "const all = []; while (true) all.push(1n << 100_000n)"),
    ("a Map", "const map = new Map(); for (let i = 0;; i++) map.set(i, i)"),
    ("a Set of objects", "const set = new Set(); while (true) set.add({})"),
    ("one typed array", "return new Uint8Array(500_000_000).length"),
    ("many typed arrays", "const all = []; while (true) all.push(new Float64Array(10_000))"),
    ("a buffer that is resized", "new ArrayBuffer(8, { maxByteLength: 500_000_000 }).resize(500_000_000)"),
    ("many small objects", "const all = []; while (true) all.push({ a: 1, b: { c: [1] } })"),
    ("a linked list", "let list = null; while (true) list = { list }"),
    ("many properties", "const object = {}; for (let i = 0;; i++) object['key' + i] = i"),
    ("many symbols", "const all = []; while (true) all.push(Symbol('x'))"),
    ("many closures", "const all = []; while (true) all.push(() => all)"),
    ("many promises", "const all = []; while (true) all.push(new Promise(() => {}))"),
    ("many microtasks", "while (true) queueMicrotask(() => {})"),
    ("a value that is encoded", "return Array.from({ length: 100 }, () => 'x'.repeat(1_000_000))"),
    ("arguments that are encoded", "await tools.echo(Array.from({ length: 100 }, () => 'x'.repeat(1_000_000)))"),
    ("text that is parsed", "return JSON.parse('[' + '{\"a\":[]},'.repeat(1_000_000) + '1]').length"),
    ("a split", "return 'x'.repeat(5_000_000).split('').length"),
    ("results that are kept", "const all = []; while (true) all.push(await tools.big({ bytes: 4_000_000 }))"),
];

#[test]
fn every_bomb_ends_at_the_limit_and_its_memory_comes_back() {
    check_with(
        limits(),
        "return 'a first run: what the process needs once'",
        finished("\"a first run: what the process needs once\""),
    );
    check_with(limits(), BOMBS[0].1, exceeded());
    let before = resident_bytes();
    let mut wrong = Vec::new();
    for (what, script) in BOMBS {
        let outcome = agentloop_tests::run_with(limits(), script);
        let ending = Expect::from(&outcome.ending);
        if ending != exceeded() || outcome.usage.memory_peak_bytes as u64 > MEMORY_BYTES {
            wrong.push(format!("{what}: {ending:?}, {} bytes at most", outcome.usage.memory_peak_bytes));
        }
        agentloop_tests::still_answers();
    }
    assert_eq!(wrong, Vec::<String>::new());
    what_is_caught_is_an_exception_and_the_script_goes_on();
    let after = resident_bytes();
    assert!(after <= before + TOLERANCE_BYTES, "{before} bytes before, {after} bytes after");
}

/// The engine's own exception comes first, where there is memory left to make it.
fn what_is_caught_is_an_exception_and_the_script_goes_on() {
    check_with(
        limits(),
        "try { new Uint8Array(500_000_000) } catch (error) { return [error.name, error.message] }",
        finished("[\"InternalError\",\"out of memory\"]"),
    );
    check_with(limits(), "try { 'x'.repeat(500_000_000) } catch { } return 'still here'", finished("\"still here\""));
    check_with(
        limits(),
        "const all = []; try { while (true) all.push(new Uint8Array(1 << 20)) } catch { all.length = 0 } return 'x'.repeat(10).length",
        finished("10"),
    );
    // Catching it again and again is a loop like any other.
    check_with(
        Limits { fuel_max: 100_000_000, ..limits() },
        "const all = []; for (;;) try { all.push(new Uint8Array(1 << 20)) } catch { }",
        limit(LimitKind::Fuel, 100_000_000),
    );
    // Two halves are joined when they are read: this one takes no memory until it is too long for any string.
    check_with(limits(), "let text = 'x'; while (true) text += text", threw("InternalError: string too long"));
    // Too large for any memory: refused before it is asked for.
    check_with(limits(), "new ArrayBuffer(2 ** 53)", threw("RangeError: invalid array index"));
    check_with(limits(), "'x'.repeat(2 ** 40)", threw("RangeError: string too long"));
    check_with(limits(), "2n ** 10_000_000_000n", threw("RangeError: BigInt is too large"));
}
