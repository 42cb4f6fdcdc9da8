//! Loops, wherever one can hide: each burns the fuel of the run and ends as such.

use agentloop_sandbox::{LimitKind, Limits};
use agentloop_tests::{check_with, finished, limit, run};

const FUEL: u64 = 50_000_000;

#[track_caller]
fn burns_out(script: &str) {
    let limits = Limits { fuel_max: FUEL, ..Limits::default() };
    check_with(limits, script, limit(LimitKind::Fuel, FUEL));
}

#[test]
fn a_plain_loop() {
    burns_out("while (true);");
    burns_out("for (;;) { try { throw 1 } catch { continue } finally { continue } }");
    burns_out("for (const _ of (function* () { while (true) yield 1 })());");
}

#[test]
fn a_loop_in_a_getter_of_the_value() {
    burns_out("return { get a() { while (true); } }");
    burns_out("return { toJSON() { while (true); } }");
    burns_out("return { then() { while (true); } }");
    burns_out("return { get then() { while (true); } }");
}

#[test]
fn a_loop_in_a_getter_of_the_arguments() {
    burns_out("await tools.echo({ get a() { while (true); } })");
    burns_out("await tools.echo({ toJSON() { while (true); } })");
    burns_out("await tools.echo(new Proxy({}, { ownKeys() { while (true); } }))");
}

#[test]
fn a_loop_in_a_proxy_trap_of_the_value() {
    for trap in ["get", "ownKeys", "getOwnPropertyDescriptor"] {
        burns_out(&format!("return new Proxy({{ a: 1 }}, {{ {trap}() {{ while (true); }} }})"));
    }
    burns_out("let o = {}; const p = new Proxy(o, { getPrototypeOf() { while (true); } }); return p instanceof Array");
}

#[test]
fn a_loop_in_what_is_thrown() {
    burns_out("const e = new Error('x'); Object.defineProperty(e, 'message', { get() { while (true); } }); throw e");
    burns_out("class Endless extends Error { get name() { while (true); } } throw new Endless()");
}

#[test]
fn a_loop_in_what_is_logged() {
    burns_out("console.log('%s', { toString() { while (true); } })");
    burns_out("console.log('%j', { toJSON() { while (true); } })");
    burns_out("console.log({ __proto__: new Proxy({}, { getPrototypeOf() { while (true); } }) } instanceof Error)");
}

#[test]
fn a_regular_expression_that_backtracks_forever() {
    burns_out("/^(a+)+$/.test('a'.repeat(60) + 'b')");
    burns_out("/^(?:a|a|ab?)*$/.test('a'.repeat(60) + 'c')");
    burns_out("'x'.repeat(50).replace(/(x+x+)+y/g, '')");
}

#[test]
fn a_long_way_to_a_property() {
    let chain = "let o = {}; for (let i = 0; i < 20_000; i++) o = Object.create(o);";
    burns_out(&format!("{chain} while (true) o.absent"));
    burns_out(&format!("{chain} while (true) o.absent = 1, delete o.absent"));
    // No jump and no call in which the interpreter would look at its fuel.
    burns_out(&format!("{chain} {}", "o.absent;".repeat(10_000)));
    check_with(Limits::default(), &format!("{chain} return o.absent === undefined"), finished("true"));
}

#[test]
fn calls_without_a_loop() {
    burns_out("const twice = n => n ? twice(n - 1) + twice(n - 1) : 1; twice(60)");
    let getter =
        "get twice() { if (!this.n) return 1; this.n--; const sum = this.twice + this.twice; this.n++; return sum }";
    burns_out(&format!("const o = {{ n: 60, {getter} }}; o.twice"));
    burns_out("class A { constructor(n) { this.a = n ? [new A(n - 1), new A(n - 1)].length : 0 } } new A(60)");
}

#[test]
fn microtasks_that_beget_microtasks() {
    burns_out("const again = () => Promise.resolve().then(again); await again()");
    burns_out("const again = () => queueMicrotask(again); again(); await new Promise(() => {})");
    burns_out("(async () => { for (;;) await null })(); await new Promise(() => {})");
}

#[test]
fn a_loop_inside_the_engine_itself() {
    burns_out("Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)");
    burns_out("Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => {})");
    burns_out("Array.prototype.reverse.call({ length: 2 ** 53 - 1 })");
    burns_out("[3, 2, 1].sort(() => { while (true); })");
    burns_out("JSON.stringify([], () => { while (true); })");
    burns_out("'abc'.replace(/b/, () => { while (true); })");
    burns_out("const object = {}; object.toString = () => { while (true); }; `${object}`");
    burns_out("class A { static [Symbol.hasInstance]() { while (true); } } 1 instanceof A");
}

#[test]
fn bulk_operations_whose_length_costs() {
    burns_out("const bytes = new Uint8Array(16 << 20); while (true) bytes.fill(1)");
    burns_out("const bytes = new Uint8Array(16 << 20); while (true) bytes.copyWithin(1, 0)");
    burns_out("const bytes = new Uint8Array(8 << 20), more = new Uint8Array(8 << 20); while (true) bytes.set(more)");
    burns_out("const bytes = new Uint8Array(8 << 20); while (true) bytes.slice()");
    burns_out("const text = 'x'.repeat(4 << 20); while (true) text.toUpperCase()");
    burns_out("const text = 'x'.repeat(4 << 20); while (true) text.indexOf('y')");
    burns_out("while (true) 'xy'.repeat(1 << 20)");
    burns_out("let n = 3n ** 100_000n; while (true) n * n");
}

#[test]
fn ten_times_the_length_costs_about_ten_times_the_fuel() {
    let fuel = |script: &str| run(script).usage.fuel as f64;
    let nothing = fuel("const bytes = new Uint8Array(10 << 20); return 0");
    for operation in ["bytes.fill(1, 0, N)", "bytes.copyWithin(0, 1, N)", "bytes.slice(0, N)"] {
        let script = |n: usize| {
            format!("const bytes = new Uint8Array(10 << 20); {}; return 0", operation.replace('N', &n.to_string()))
        };
        let (one, ten) = (fuel(&script(1 << 20)) - nothing, fuel(&script(10 << 20)) - nothing);
        assert!((5.0..20.0).contains(&(ten / one)), "{operation}: {one} and {ten}");
    }
}
