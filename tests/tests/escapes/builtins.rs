//! Attack: give a value in transit properties of its own that are named like the builtins which read it.
//! Defence: the bridge uses builtins that it captured, so that not even an own property of the value is consulted.

use agentloop_tests::{check, finished};

fn own(make: &str, names: &str) -> String {
    format!(
        "const value = {make};
         for (const name of {names}) Object.defineProperty(value, name, {{ value: () => 'forged', enumerable: false }});
         value[Symbol.iterator] = function* () {{ yield 'forged' }};
         return [value, await tools.echo({{ value }})]"
    )
}

#[test]
fn own_properties_of_a_value_do_not_stand_in_for_the_builtins() {
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
