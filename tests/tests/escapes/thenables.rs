//! Attack: an object with a `then`, or a constructor with a species, that a promise hands its value to.
//! Defence: the realm's own promises cannot be changed; what a script does with objects of its own stays within it.

use agentloop_sandbox::{LimitKind, Limits};
use agentloop_tests::{attack, check, finished, limit, stuck, threw};

#[test]
fn the_species_of_an_intrinsic_is_fixed() {
    for constructor in ["Promise", "Array", "Map", "RegExp", "ArrayBuffer"] {
        attack(
            &format!("return Object.getOwnPropertyDescriptor({constructor}, Symbol.species).configurable"),
            finished("true"),
            finished("false"),
        );
        check(
            &format!("return Reflect.defineProperty({constructor}, Symbol.species, {{ value: Object }})"),
            finished("false"),
        );
    }
    check("Promise[Symbol.species] = Object", threw("TypeError: no setter for property"));
}

#[test]
fn a_species_of_the_scripts_own_sees_only_what_the_script_has_anyway() {
    // The promise of a call belongs to the script: it may listen to it in any way it likes.
    let script = "let seen;
        const call = tools.echo({ a: 1 });
        call.constructor = { [Symbol.species]: function (executor) { executor((value) => { seen = value }, () => {}) } };
        call.then((value) => value);
        await tools.echo({});
        return seen";
    attack(script, finished("{\"a\":1}"), finished("{\"a\":1}"));
}

#[test]
fn a_result_with_a_then_is_data() {
    attack(
        "return await tools.raw({ json: '{\"then\":\"call me\"}' })",
        finished("{\"then\":\"call me\"}"),
        finished("{\"then\":\"call me\"}"),
    );
    check(
        "return await tools.echo({ then: [1], catch: 2, finally: 3 })",
        finished("{\"catch\":2,\"finally\":3,\"then\":[1]}"),
    );
}

#[test]
fn arguments_that_are_thenable_are_not_called() {
    check(
        "let called = 0; const value = { then() { called++ }, a: 1 };
         return [await tools.echo(value), called]",
        finished("[{\"a\":1},0]"),
    );
}

#[test]
fn a_thenable_as_the_value_is_adopted_once() {
    check("return { then(resolve) { resolve('adopted') } }", finished("\"adopted\""));
    check("return { then(resolve, reject) { resolve(1); resolve(2); reject(3); throw 4 } }", finished("1"));
    check("return { then(_, reject) { reject(new RangeError('no')) } }", threw("RangeError: no"));
    check("return { get then() { throw new TypeError('trap') } }", threw("TypeError: trap"));
}

#[test]
fn a_thenable_that_never_settles_is_stuck() {
    check("return { then() {} }", stuck());
    check("await { then() {} }", stuck());
}

#[test]
fn a_thenable_that_answers_with_itself_ends_with_its_fuel() {
    let limits = Limits { fuel_max: 100_000_000, ..Limits::default() };
    agentloop_tests::check_with(
        limits,
        "const thenable = { then(resolve) { resolve(thenable) } }; await thenable",
        limit(LimitKind::Fuel, 100_000_000),
    );
}
