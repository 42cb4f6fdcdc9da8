//! Depth: of calls, of source text, of values. All of it ends as an exception that a script can catch.

use agentloop_sandbox::Limits;
use agentloop_tests::{Expect, check_with, finished, syntax, threw};
use std::time::Duration;

const OVERFLOW: &str = "RangeError: Maximum call stack size exceeded";

/// Some of this takes seconds, and more of them on a busy machine: fuel alone bounds it here.
#[track_caller]
fn check(script: &str, expect: Expect) {
    let hour = Duration::from_secs(60 * 60);
    check_with(Limits { guest_time_max: hour, wall_time_max: hour, ..Limits::default() }, script, expect);
}

#[track_caller]
fn overflows(script: &str) {
    check(script, threw(OVERFLOW));
    check(&format!("try {{ {script} }} catch (error) {{ return error instanceof RangeError }}"), finished("true"));
}

#[test]
fn calls_that_call_themselves() {
    overflows("const f = () => f(); f()");
    overflows("const f = (...rest) => f(...rest.slice(0, 9), 1); f()");
    overflows("const o = { get a() { return this.a } }; o.a");
    overflows("const o = { toString() { return `${this}` } }; `${o}`");
    overflows("const p = new Proxy({}, { get: (target, key, self) => self[key] }); p.x");
    overflows("class A { constructor() { new A() } } new A()");
    overflows("const f = () => [1, 2].map(f); f()");
    overflows("const f = () => [2, 1].sort(f); f()");
    overflows("const f = () => 'a'.replace(/a/, f); f()");
    overflows("const f = () => JSON.stringify({ toJSON: f }); f()");
    overflows("const f = () => JSON.parse('1', f); f()");
    overflows("const f = function* () { yield* f() }; f().next()");
    overflows("const f = () => Reflect.apply(f, null, []); f()");
    overflows(
        "let f = () => {}; for (let i = 0; i < 50_000; i++) f = Object.defineProperty(f.bind(), 'name', { value: '' }); f()",
    );
    overflows("let p = {}; for (let i = 0; i < 100_000; i++) p = new Proxy(p, {}); p.x");
}

#[test]
fn an_async_function_that_awaits_itself() {
    check("const f = async () => { await f() }; await f()", threw(OVERFLOW));
}

#[test]
fn source_text_that_nests() {
    let nests = [("[", "]"), ("(", ")"), ("{", "}"), ("a?", ":1"), ("`${", "}`"), ("new ", "x"), ("(()=>", ")")];
    for (open, close) in nests {
        let script = open.repeat(20_000) + &close.repeat(20_000);
        check(&script, syntax(OVERFLOW));
    }
    check(&("!".repeat(200_000) + "1"), syntax(OVERFLOW));
}

#[test]
fn a_regular_expression_that_nests() {
    check("new RegExp('('.repeat(100_000) + ')'.repeat(100_000))", threw("SyntaxError: too many captures"));
    check("new RegExp('(?:'.repeat(100_000) + ')'.repeat(100_000))", threw("SyntaxError: stack overflow"));
}

#[test]
fn values_that_nest() {
    let deep = "let value = []; for (let i = 0; i < 200_000; i++) value = [value];";
    check(&format!("{deep} return 'made and freed'"), finished("\"made and freed\""));
    check(&format!("{deep} JSON.stringify(value)"), threw(OVERFLOW));
    check(&format!("{deep} String(value)"), threw(OVERFLOW));
    check(&format!("{deep} console.log(value)"), finished("null"));
    check(&format!("{} harden(value); return 'frozen'", deep.replace("200_000", "50_000")), finished("\"frozen\""));
    check("JSON.parse('['.repeat(100_000))", threw(OVERFLOW));
    let linked = "let value = null; for (let i = 0; i < 200_000; i++) value = { next: value };";
    check(&format!("{linked} return 'made and freed'"), finished("\"made and freed\""));
    let chain = "let promise = Promise.resolve(1); for (let i = 0; i < 100_000; i++) promise = promise.then((x) => x);";
    check(&format!("{chain} return await promise"), finished("1"));
    let prototypes = "let value = {}; for (let i = 0; i < 100_000; i++) value = Object.create(value);";
    check(&format!("{prototypes} return value.x"), finished("null"));
}
