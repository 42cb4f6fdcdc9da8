//! Sizes and nesting of what crosses the boundary: the limit itself is allowed, one more is not.

use agentloop_sandbox::{LimitKind, Limits, Refusal};
use agentloop_tests::{check, check_with, finished, limit, refused, threw};

#[test]
fn the_script() {
    let limits = || Limits { script_bytes_max: 20, ..Limits::default() };
    check_with(limits(), "return 1234567890123", finished("1234567890123"));
    check_with(limits(), "return 12345678901234", refused(Refusal::TooLarge { bytes: 21, bytes_max: 20 }));
    check(&" ".repeat(10 << 20), refused(Refusal::TooLarge { bytes: 10 << 20, bytes_max: 256 << 10 }));
    check("", refused(Refusal::Empty));
}

#[test]
fn the_value() {
    let limits = || Limits { value_bytes_max: 100, ..Limits::default() };
    check_with(limits(), "return 'x'.repeat(98)", finished(format!("\"{}\"", "x".repeat(98))));
    check_with(limits(), "return 'x'.repeat(99)", limit(LimitKind::Value, 100));
    // Bytes, not characters.
    check_with(limits(), "return 'é'.repeat(49)", finished(format!("\"{}\"", "é".repeat(49))));
    check_with(limits(), "return 'é'.repeat(50)", limit(LimitKind::Value, 100));
    check("return 'x'.repeat(2 ** 20 - 1)", limit(LimitKind::Value, 1 << 20));
}

#[test]
fn the_arguments_of_a_call() {
    let limits = || Limits { arguments_bytes_max: 100, ..Limits::default() };
    check_with(limits(), "return (await tools.echo({ a: 'x'.repeat(92) })).a.length", finished("92"));
    check_with(
        limits(),
        "return (await tools.echo({ a: 'x'.repeat(93) })).a.length",
        threw("ToolError: the arguments of `echo` are 101 bytes of JSON, 100 are allowed"),
    );
    check_with(
        limits(),
        "try { await tools.echo('x'.repeat(99)) } catch (error) { return error.kind }",
        finished("\"too_large\""),
    );
}

#[test]
fn the_result_of_a_call() {
    let limits = || Limits { result_bytes_max: 100, ..Limits::default() };
    check_with(limits(), "return (await tools.big({ bytes: 100 })).length", finished("98"));
    check_with(
        limits(),
        "return (await tools.big({ bytes: 101 })).length",
        threw("ToolError: the result of `big` is 101 bytes of JSON, 100 are allowed"),
    );
}

/// A script with an array of this depth in `value`.
fn nested(depth: usize) -> String {
    format!("let value = []; for (let i = 1; i < {depth}; i++) value = [value];")
}

#[test]
fn the_nesting_of_a_value() {
    check(&format!("{} return value", nested(128)), finished("[".repeat(128) + &"]".repeat(128)));
    check(&format!("{} return value", nested(129)), threw("TypeError: the result: it is nested more than 128 deep"));
}

#[test]
fn the_nesting_of_arguments() {
    check(&format!("{} return (await tools.echo(value)).length", nested(128)), finished("1"));
    let refusal = "TypeError: the arguments: it is nested more than 128 deep";
    check(&format!("{} await tools.echo(value)", nested(129)), threw(refusal));
    check(&format!("{} await tools.echo(value)", nested(100_000)), threw(refusal));
}

#[test]
fn the_nesting_of_a_result() {
    check("return (await tools.deep({ levels: 128 })).length", finished("1"));
    check("await tools.deep({ levels: 129 })", threw("ToolError: the result of `deep` is nested more than 128 deep"));
}

#[test]
fn a_cycle_is_named_not_followed() {
    check(
        "const a = { b: [] }; a.b.push(a); return a",
        threw("TypeError: the result at .b[0]: it refers back to an object that contains it (a cycle)"),
    );
    check("const a = []; return [a, a, { a }]", finished("[[],[],{\"a\":[]}]"));
}
