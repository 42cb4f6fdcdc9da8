//! Attack: replace a builtin that the bridge might use, before it makes a call or reads an answer.
//! Defence: two of them. Intrinsics are frozen, and the bridge uses its own captured ones, so that not even an own property
//! of the value in transit is consulted.

use agentloop_tests::{attack, check, finished, threw};

#[test]
fn what_serialises_a_call_cannot_be_replaced() {
    attack(
        "JSON.stringify = () => '\"forged\"'; return await tools.echo({ a: 1 })",
        finished("\"forged\""),
        threw("TypeError: 'stringify' is read-only"),
    );
    attack(
        "Object.prototype.toJSON = () => ({ forged: true }); return await tools.echo({ a: 1 })",
        finished("{\"forged\":true}"),
        threw("TypeError: object is not extensible"),
    );
    attack(
        "Array.prototype.push = () => 0; return await tools.echo({ a: 1 })",
        threw("SyntaxError: Unexpected end of JSON input"),
        threw("TypeError: 'push' is read-only"),
    );
    attack(
        "Array.prototype.join = () => '\"forged\"'; return await tools.echo({ a: 1 })",
        finished("\"forged\""),
        threw("TypeError: 'join' is read-only"),
    );
}

#[test]
fn what_reads_an_answer_cannot_be_replaced() {
    attack(
        "const parse = JSON.parse; let seen; JSON.parse = (text) => { seen = text; return parse(text) };
         await tools.echo({ secret: 1 }); return seen",
        finished("\"{\\\"secret\\\":1}\""),
        threw("TypeError: 'parse' is read-only"),
    );
    attack(
        "let seen = 0; Object.defineProperty(Object.prototype, 'then', { get() { seen++ } });
         await tools.echo({ a: 1 }); return seen > 0",
        finished("true"),
        threw("TypeError: object is not extensible"),
    );
}

#[test]
fn what_waits_for_an_answer_cannot_be_replaced() {
    attack(
        "let seen; const { then } = Promise.prototype;
         Promise.prototype.then = function (...rest) { seen = 'listened'; return Reflect.apply(then, this, rest) };
         await tools.echo({ a: 1 }).then((value) => value); return seen",
        finished("\"listened\""),
        threw("TypeError: 'then' is read-only"),
    );
    attack(
        "let seen; globalThis.Promise = class extends Promise { constructor(f) { seen = 'made'; super(f) } };
         await tools.echo({ a: 1 }); return seen",
        finished("\"made\""),
        threw("TypeError: 'Promise' is read-only"),
    );
}

#[test]
fn what_walks_the_final_value_cannot_be_replaced() {
    attack(
        "JSON.stringify = () => '\"forged\"'; return { a: 1 }",
        finished("\"forged\""),
        threw("TypeError: 'stringify' is read-only"),
    );
    check(
        "Map.prototype.forEach = (visit) => visit('forged', 'key'); return new Map([['a', 1]])",
        threw("TypeError: 'forEach' is read-only"),
    );
    check(
        "Array.prototype[Symbol.iterator] = function* () { yield 'forged' }; return [1]",
        threw("TypeError: 'Symbol.iterator' is read-only"),
    );
}

#[test]
fn own_properties_of_a_value_do_not_stand_in_for_the_builtins() {
    let own = |make: &str, names: &str| {
        format!(
            "const value = {make};
             for (const name of {names}) Object.defineProperty(value, name, {{ value: () => 'forged', enumerable: false }});
             value[Symbol.iterator] = function* () {{ yield 'forged' }};
             return [value, await tools.echo({{ value }})]"
        )
    };
    check(
        &own("new Map([['a', 1]])", "['forEach', 'entries', 'size', 'get']"),
        finished("[{\"a\":1},{\"value\":{\"a\":1}}]"),
    );
    check(&own("new Set([1, 2])", "['forEach', 'values', 'size', 'has']"), finished("[[1,2],{\"value\":[1,2]}]"));
    check(&own("new Uint8Array([1, 2])", "['length', 'join', 'forEach']"), finished("[[1,2],{\"value\":[1,2]}]"));
    check(&own("[1, 2]", "['map', 'join', 'forEach']"), finished("[[1,2],{\"value\":[1,2]}]"));
    check(
        &own(
            "Object.create({ inherited: 1 }, { own: { value: 1, enumerable: true } })",
            "['hasOwnProperty', 'toString']",
        ),
        finished("[{\"own\":1},{\"value\":{\"own\":1}}]"),
    );
}

#[test]
fn a_shadowed_global_is_the_scripts_own_affair() {
    check(
        "const JSON = null, Promise = null, Object = null, Reflect = null; return await tools.echo({ a: 1 })",
        finished("{\"a\":1}"),
    );
    check(
        "delete globalThis.Promise; delete globalThis.JSON; return await tools.echo({ a: 1 })",
        finished("{\"a\":1}"),
    );
}
