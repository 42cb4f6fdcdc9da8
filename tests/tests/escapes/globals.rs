//! Attack: use whatever happens to lie around in the global scope.
//! Defence: the globals are a closed list, and so is everything that can be reached from them
//! (`guest-js/prelude/permits.txt`, which `permits.rs` compares with the realm).

use agentloop_tests::{attack, check, finished};

#[test]
fn nothing_of_node_of_a_browser_or_of_quickjs_is_there() {
    let names = [
        "process",
        "require",
        "module",
        "Buffer",
        "fetch",
        "XMLHttpRequest",
        "WebSocket",
        "Worker",
        "window",
        "self",
        "global",
        "document",
        "navigator",
        "localStorage",
        "std",
        "os",
        "bjson",
        "scriptArgs",
        "print",
        "gc",
        "Deno",
        "Bun",
    ];
    check(&format!("{}.filter((name) => name in globalThis)", serde_json::json!(names)), finished("[]"));
}

#[test]
fn nothing_compiles_or_shares_or_watches_memory() {
    for name in ["WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry"] {
        let script = format!("return typeof {name} !== 'undefined'");
        attack(&script, finished("true"), finished("false"));
    }
    check("[typeof ShadowRealm, typeof Compartment]", finished("[\"undefined\",\"undefined\"]"));
}

/// Walks everything that can be reached over properties, accessors and prototypes, and names every function whose name
/// the list of suspects holds.
const WALK: &str = "
const suspects = SUSPECTS;
const seen = new Set([SKIPPED]), found = [];
const queue = [globalThis, [].values(), new Map().values(), ''.matchAll(/x/g)];
queue.push((function* () {})(), (async function* () {})());
while (queue.length > 0) {
    const object = queue.pop();
    if (Object(object) !== object || seen.has(object)) continue;
    seen.add(object);
    queue.push(Object.getPrototypeOf(object));
    for (const key of Reflect.ownKeys(object)) {
        const { value, get, set } = Object.getOwnPropertyDescriptor(object, key);
        queue.push(value, get, set);
        if (suspects.includes(key)) found.push(key);
    }
}
return found.sort()";

fn walk(skipped: &str, suspects: &str) -> String {
    WALK.replace("SKIPPED", skipped).replace("SUSPECTS", suspects)
}

#[test]
fn the_functions_of_the_bridge_cannot_be_reached_over_any_path() {
    let suspects = "['submit', 'markIntrinsic', 'makeTools', 'mapEntries', 'reportUnhandled', 'settle', 'start',
        'takeLiterals', 'makeCollected', 'throwNotDefined', 'listTools', 'freezeAll', 'startTimer', 'inspect']";
    check(&walk("", suspects), finished("[]"));
    // Classes of zod have methods of these names.
    check(&walk("z", "['describe', 'write']"), finished("[]"));
    // The walk does reach what a script may have.
    check(
        &walk("", "['add', 'log', 'harden']"),
        finished("[\"add\",\"add\",\"add\",\"add\",\"add\",\"harden\",\"log\",\"log\"]"),
    );
}
