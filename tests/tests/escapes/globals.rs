//! Attack: use whatever happens to lie around in the global scope.
//! Defence: the globals are a closed list, and so is everything that can be reached from them.

use agentloop_tests::{attack, check, finished, threw};

/// Every global there is. Anything new is a visible difference here.
const GLOBALS: &[&str] = &[
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "InternalError",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "String",
    "SuppressedError",
    "Symbol",
    "Symbol(Symbol.toStringTag)",
    "SyntaxError",
    "ToolError",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakSet",
    "clearInterval",
    "clearTimeout",
    "console",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "globalThis",
    "harden",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "queueMicrotask",
    "setInterval",
    "setTimeout",
    "tools",
    "undefined",
    "unescape",
];

#[test]
fn the_globals_are_this_list_and_no_more() {
    let list = serde_json::to_string(GLOBALS).expect("names have a JSON form");
    check("Reflect.ownKeys(globalThis).map(String).sort()", finished(list));
}

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
        "crypto",
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
    attack("return typeof process.env", finished("\"object\""), threw("ReferenceError: process is not defined"));
    attack(
        "return typeof require('fs').readFileSync",
        finished("\"function\""),
        threw("ReferenceError: require is not defined"),
    );
    attack("return typeof fetch", finished("\"function\""), finished("\"undefined\""));
}

#[test]
fn nothing_compiles_or_shares_or_watches_memory() {
    for name in ["WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance"] {
        let script = format!("return typeof {name} !== 'undefined'");
        attack(&script, finished("true"), finished("false"));
    }
    check(
        "[typeof ShadowRealm, typeof Intl, typeof Compartment]",
        finished("[\"undefined\",\"undefined\",\"undefined\"]"),
    );
}

/// Walks everything that can be reached over properties, accessors and prototypes, and names every function whose name
/// the list of suspects holds.
const WALK: &str = "
const suspects = SUSPECTS;
const seen = new Set(), found = [];
const queue = [globalThis, (function* () {})(), (async function* () {})(), [].values(), new Map().values(), ''.matchAll(/x/g)];
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

#[test]
fn the_functions_of_the_bridge_cannot_be_reached_over_any_path() {
    let suspects = "['submit', 'write', 'markIntrinsic', 'makeTools', 'mapEntries', 'describe', 'reportUnhandled', 'settle', 'start']";
    check(&WALK.replace("SUSPECTS", suspects), finished("[]"));
    // The walk does reach what a script may have.
    check(
        &WALK.replace("SUSPECTS", "['add', 'log', 'harden']"),
        finished("[\"add\",\"add\",\"add\",\"add\",\"harden\",\"log\",\"log\"]"),
    );
}

#[test]
fn a_global_cannot_be_replaced_but_can_be_shadowed() {
    attack("globalThis.Array = 1; return Array", finished("1"), threw("TypeError: 'Array' is read-only"));
    attack("globalThis.tools = 1; return tools", finished("1"), threw("TypeError: 'tools' is read-only"));
    check("Promise = 1", threw("TypeError: 'Promise' is read-only"));
    check("console.log = 1", threw("TypeError: 'log' is read-only"));
    check("tools.add = 1", threw("TypeError: 'add' is read-only"));
    check("tools.other = 1", threw("TypeError: object is not extensible"));
    check("const JSON = { stringify: () => 'mine' }; return JSON.stringify({ a: 1 })", finished("\"mine\""));
}
