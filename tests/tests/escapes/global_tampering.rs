//! Attack: replace, delete or redefine a global or a builtin, before the bridge makes a call with it or reads an answer.
//! Defence: what globals hold is frozen and cannot be assigned; bridge, libraries and refusals use what they captured
//! before any script existed. A script that shadows or removes a global changes what it sees itself, and nothing else.

use agentloop_tests::{attack, check, finished, threw};

#[test]
fn a_global_cannot_be_assigned() {
    for name in ["Array", "tools", "console", "URL", "structuredClone", "setTimeout", "globalThis", "Intl"] {
        let refusal = || threw(format!("TypeError: '{name}' is read-only"));
        attack(&format!("globalThis.{name} = 1; return {name}"), finished("1"), refusal());
        check(&format!("{name} = 1"), refusal());
        check(&format!("new Proxy(globalThis, {{}}).{name} = 1"), refusal());
    }
    for name in ["crypto", "z", "toolSchemas", "toolCalls", "LiteralLoader", "harden", "Promise", "undefined", "NaN"] {
        check(&format!("{name} = 1"), threw(format!("TypeError: '{name}' is read-only")));
    }
    check("const JSON = { stringify: () => 'mine' }; return JSON.stringify({ a: 1 })", finished("\"mine\""));
}

#[test]
fn what_a_global_holds_cannot_be_assigned_or_deleted() {
    for path in
        ["console.log", "Math.random", "Date.now", "URL.canParse", "Object.freeze", "Reflect.ownKeys", "tools.add"]
    {
        let (object, name) = path.split_once('.').expect("a path has a dot");
        attack(
            &format!("{path} = () => 'mine'; return await {path}({{}})"),
            finished("\"mine\""),
            threw(format!("TypeError: '{name}' is read-only")),
        );
        attack(
            &format!("delete {path}; return typeof Object.getOwnPropertyDescriptor({object}, '{name}')"),
            finished("\"undefined\""),
            threw("TypeError: could not delete property"),
        );
    }
    let closed = || threw("TypeError: object is not extensible");
    attack("crypto.randomUUID = () => 'mine'; return crypto.randomUUID()", finished("\"mine\""), closed());
    attack("performance.now = () => 'mine'; return performance.now()", finished("\"mine\""), closed());
    attack("globalThis.__proto__.x = 1; return x", finished("1"), closed());
    check("tools.other = 1", closed());
    check("toolSchemas.add = 1", closed());
    check("Object.defineProperty(toolSchemas, 'add', { value: 1 })", closed());
    check("z.string = () => 'mine'", threw("TypeError: 'string' is read-only"));
    check("delete z.string", threw("TypeError: could not delete property"));
}

/// Everything that can be reached over properties, accessors, what they answer, and prototypes: frozen, but for the
/// global object and the list that collects the script's own calls.
#[test]
fn everything_that_can_be_reached_is_frozen() {
    check(
        "const seen = new Set([globalThis]), open = [];
         const queue = Reflect.ownKeys(globalThis).map((key) => [globalThis[key], String(key)]);
         for (const made of [function* () {}, async () => {}, async function* () {}, [].values(), ''.matchAll(/x/g)]) {
             queue.push([Object.getPrototypeOf(made), String(made)]);
         }
         while (queue.length > 0) {
             const [object, path] = queue.pop();
             if (Object(object) !== object || seen.has(object)) continue;
             seen.add(object);
             if (!Object.isFrozen(object)) open.push(path);
             queue.push([Object.getPrototypeOf(object), `${path}.__proto__`]);
             for (const key of Reflect.ownKeys(object)) {
                 const { value, get, set } = Object.getOwnPropertyDescriptor(object, key);
                 const name = `${path}.${String(key)}`;
                 queue.push([value, name], [get, `get ${name}`], [set, `set ${name}`]);
                 try { if (get !== undefined) queue.push([object[key], name]) } catch {}
             }
         }
         return open.slice(0, 10)",
        finished("[\"toolCalls\"]"),
    );
}

#[test]
fn what_serialises_a_call_cannot_be_replaced() {
    let forged = || finished("\"forged\"");
    for (script, unprotected, refusal) in [
        ("JSON.stringify = () => '\"forged\"'", forged(), "'stringify' is read-only"),
        ("Array.prototype.join = () => '\"forged\"'", forged(), "'join' is read-only"),
        ("Array.prototype.push = () => 0", threw("SyntaxError: Unexpected end of JSON input"), "'push' is read-only"),
        (
            "Object.prototype.toJSON = () => ({ forged: true })",
            finished("{\"forged\":true}"),
            "object is not extensible",
        ),
    ] {
        let script = format!("{script}; return await tools.echo({{ a: 1 }})");
        attack(&script, unprotected, threw(format!("TypeError: {refusal}")));
    }
}

#[test]
fn what_reads_and_awaits_an_answer_cannot_be_replaced() {
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
fn what_is_defined_over_a_global_is_seen_by_the_script_alone() {
    let mine = || finished("\"mine\"");
    attack(
        "Object.defineProperty(globalThis, 'tools', { value: { add: () => 'mine' } }); return tools.add()",
        mine(),
        mine(),
    );
    attack("globalThis.__defineGetter__('Map', () => 'mine'); return Map", mine(), mine());
    attack("let tools = { add: () => 'mine' }; return tools.add()", mine(), mine());
    let gone = || finished("\"undefined\"");
    attack("delete globalThis.console; return typeof console", gone(), gone());
    attack(
        "let seen; const { parse } = JSON;
         const forged = { parse, stringify: String };
         Object.defineProperty(globalThis, 'JSON', { get: () => { seen = 'asked'; return forged } });
         await tools.raw({ json: '1' }).catch(() => {}); return seen",
        finished("asked"),
        finished("null"),
    );
    check(
        "const JSON = null, Promise = null, Object = null, Reflect = null; return await tools.echo({ a: 1 })",
        finished("{\"a\":1}"),
    );
    check(
        "delete globalThis.Promise; delete globalThis.JSON; return await tools.echo({ a: 1 })",
        finished("{\"a\":1}"),
    );
    check("Object.freeze(globalThis); return await tools.echo({ a: 1 })", finished("{\"a\":1}"));
    check("Object.setPrototypeOf(globalThis, null); return await tools.echo({ a: 1 })", finished("{\"a\":1}"));
}

/// Every global is a trap that tells who springs it, but for `globalThis`: zod keeps its settings there, and the names
/// that a script may have meant are looked up in it.
#[test]
fn nothing_looks_a_global_up_while_a_script_runs() {
    let traps = "const it = { ...Object.getOwnPropertyDescriptors(globalThis) };
         for (const key of Reflect.ownKeys(it)) it[key] = it[key].value;
         const { globalThis: outer, Reflect: { ownKeys, defineProperty } } = it, asked = [];
         for (const key of ownKeys(it)) {
             if (key === 'globalThis') continue;
             defineProperty(outer, key, { get: () => { asked[asked.length] = key; return it[key] } });
         }";
    for uses in [
        "await it.tools.fail({}).catch(() => {}); it.tools.add.call(1, 2, 3)",
        "await it.tools.echo({ a: new it.Map([['b', 1n]]) }); it.toolSchemas.echo.parse({}); it.LiteralLoader('x')",
        "try { it.tools.nothing } catch {} undeclared",
        "new it.URL('https://user@exämple.com:81/a/../b?x=1#h').searchParams.append('a', 'b')",
        "new it.Intl.NumberFormat('en', { style: 'percent' }).format(1); new it.Date(0).toLocaleString()",
        "it.structuredClone({ a: [1, new it.Map([[1, /x/]]), new it.Error('x')] })",
        "new it.TextDecoder().decode(new it.TextEncoder().encode('é')); it.atob(it.btoa('x')); it.crypto.randomUUID()",
        "it.AbortSignal.any([it.AbortSignal.timeout(1)]).addEventListener('abort', () => {})",
        "it.clearTimeout(it.setInterval(() => {}, 1)); await new it.Promise((resolve) => it.setTimeout(resolve, 1.5))",
        "try { it.setTimeout('text') } catch {} (() => {}).constructor('text')",
        "it.console.log('%d', 1, [{ a: new it.Error('x') }]); it.console.table([{ a: 1 }]); it.console.time('x')",
        "it.z.object({ a: it.z.email(), b: it.z.array(it.z.iso.date()) }).safeParse({ a: 1, b: [1] }).error.message",
    ] {
        check(&format!("{traps} try {{ {uses} }} catch {{}} return asked"), finished("[]"));
    }
}

#[test]
fn what_walks_the_final_value_cannot_be_replaced() {
    attack(
        "JSON.stringify = () => '\"forged\"'; return { a: 1 }",
        finished("\"forged\""),
        threw("TypeError: 'stringify' is read-only"),
    );
    for (script, name) in [
        ("Map.prototype.forEach = (visit) => visit('forged', 'key'); return new Map([['a', 1]])", "forEach"),
        ("Array.prototype[Symbol.iterator] = function* () { yield 'forged' }; return [1]", "Symbol.iterator"),
    ] {
        check(script, threw(format!("TypeError: '{name}' is read-only")));
    }
}
