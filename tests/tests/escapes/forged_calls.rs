//! Attack: settle a call oneself, settle another's, or make one that the host did not see.
//! Defence: ids and the functions that take them live in the shim; a script holds promises only.

use agentloop_tests::{attack, check, finished, run, threw};

#[test]
fn a_pending_call_cannot_be_settled_by_the_script() {
    attack(
        "const pending = tools.echo({ a: 1 }); __calls[0].resolve('forged'); return await pending",
        finished("\"forged\""),
        threw("ReferenceError: __calls is not defined"),
    );
}

#[test]
fn the_functions_of_the_contract_have_no_name_in_the_realm() {
    let names = ["submit", "settle", "start", "write", "__calls", "bridge", "cabi_realloc", "agentloop"];
    check(&format!("return {}.filter((name) => name in globalThis)", serde_json::json!(names)), finished("[]"));
    check("submit(0, 'add', '{}')", threw("ReferenceError: submit is not defined"));
}

#[test]
fn every_call_is_seen_by_the_host_once_and_in_order() {
    let outcome = run(
        "const add = tools.add.bind({ id: 99 });
         await Promise.all([add({ x: 1, y: 2 }), tools.math.add({ x: 3, y: 4 }), Reflect.apply(tools.echo, 7, [{ id: 0 }])]);
         return 1",
    );
    let calls: Vec<(u32, &str, &str)> = outcome
        .calls
        .iter()
        .map(|call| (call.id, call.tool.as_str(), call.arguments.as_ref().expect("it is kept").get()))
        .collect();
    let expected = [(0, "add", "{\"x\":1,\"y\":2}"), (1, "math.add", "{\"x\":3,\"y\":4}"), (2, "echo", "{\"id\":0}")];
    assert_eq!(calls, expected);
}

#[test]
fn answers_reach_the_call_that_asked() {
    check(
        "const waits = Array.from({ length: 50 }, (_, i) => tools.slow({ ms: 100 - i }));
         const answers = await Promise.all(waits);
         return answers.every((ms, i) => ms === 100 - i)",
        finished("true"),
    );
}

#[test]
fn a_tool_can_be_neither_exchanged_nor_constructed() {
    attack(
        "tools.add = () => 'forged'; return await tools.add({ x: 1, y: 2 })",
        finished("\"forged\""),
        threw("TypeError: 'add' is read-only"),
    );
    check("delete tools.add", threw("TypeError: could not delete property"));
    check("new tools.add({ x: 1, y: 2 })", threw("TypeError: not a constructor"));
    check(
        "return [typeof tools.add.prototype, Object.isFrozen(tools.add), Object.isFrozen(tools.math)]",
        finished("[\"undefined\",true,true]"),
    );
}

#[test]
fn a_call_with_more_than_its_arguments_is_not_made() {
    check(
        "await tools.add({ x: 1, y: 2 }, { id: 7 })",
        threw("TypeError: tools.add takes one object with its arguments, got 2 values"),
    );
    assert_eq!(run("tools.add({ x: 1, y: 2 }, 7)").calls.len(), 0);
}
