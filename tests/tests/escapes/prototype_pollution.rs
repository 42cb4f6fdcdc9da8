//! Attack: change a prototype that every object shares, so that code which trusts it does something else.
//! Defence: every intrinsic is frozen, those of the libraries included, and what makes objects out of data makes own
//! properties. The same assignments on objects of the script's own go through.

use agentloop_tests::{Expect, attack, check, finished, threw};

fn closed() -> Expect {
    threw("TypeError: object is not extensible")
}

#[test]
fn object_prototype_takes_no_property() {
    for script in [
        "Object.prototype.x = 1; return ({}).x",
        "({}).__proto__.x = 1; return ({}).x",
        "({}).constructor.prototype.x = 1; return ({}).x",
        "const key = '__proto__'; ({})[key].x = 1; return ({}).x",
        "Object.defineProperty(Object.prototype, 'x', { value: 1 }); return ({}).x",
        "Object.assign(Object.prototype, { x: 1 }); return ({}).x",
        "({}).__defineGetter__.call(Object.prototype, 'x', () => 1); return ({}).x",
        "class P { static { Object.prototype.x = 1 } } return ({}).x",
        "class P { static { this.__proto__.x = 1 } } return (() => {}).x",
    ] {
        attack(script, finished("1"), closed());
    }
    attack("return [Reflect.set(Object.prototype, 'x', 1), ({}).x]", finished("[true,1]"), finished("[false,null]"));
    attack(
        "Error.captureStackTrace(Object.prototype); return typeof ({}).stack",
        finished("\"string\""),
        finished("\"undefined\""),
    );
    attack("Object.prototype[Symbol.toPrimitive] = () => 42; return +{}", finished("42"), closed());
    attack("Object.prototype[Symbol.iterator] = function* () { yield 1 }; return [...{}]", finished("[1]"), closed());
    check("const own = Object.create({}); Object.getPrototypeOf(own).x = 1; return own.x", finished("1"));
}

#[test]
fn methods_of_intrinsics_cannot_be_replaced() {
    for path in [
        "Array.prototype.map",
        "String.prototype.split",
        "Map.prototype.get",
        "Promise.prototype.then",
        "Promise.prototype.finally",
        "Function.prototype.call",
        "RegExp.prototype.exec",
        "Error.prototype.toString",
        "JSON.stringify",
        "JSON.parse",
        "Object.keys",
        "Promise.resolve",
        "Math.max",
        "Reflect.apply",
        "TextEncoder.prototype.encode",
        "URL.prototype.toString",
        "Intl.NumberFormat.prototype.formatToParts",
        "AbortController.prototype.abort",
    ] {
        let name = path.rsplit('.').next().expect("a path has an end");
        // The original comes back at once: Node needs it to report.
        let script =
            format!("const was = {path}; {path} = () => 'mine'; const said = {path}(); {path} = was; return said");
        attack(&script, finished("\"mine\""), threw(format!("TypeError: '{name}' is read-only")));
    }
    check("const own = { map: 1 }; own.map = () => 'mine'; return own.map()", finished("\"mine\""));
}

#[test]
fn a_prototype_cannot_be_exchanged() {
    attack("Object.setPrototypeOf(Array.prototype, { x: 1 }); return [].x", finished("1"), closed());
    attack("Array.prototype.__proto__ = { x: 1 }; return [].x", finished("1"), closed());
    attack(
        "const { set } = Object.getOwnPropertyDescriptor(Object.prototype, '__proto__');
         set.call(Array.prototype, { x: 1 }); return [].x",
        finished("1"),
        closed(),
    );
    attack(
        "return [Reflect.setPrototypeOf(Function.prototype, { x: 1 }), (() => {}).x]",
        finished("[true,1]"),
        finished("[false,null]"),
    );
    check("const own = {}; Object.setPrototypeOf(own, { x: 1 }); return own.x", finished("1"));
}

#[test]
fn a_careless_merge_pollutes_nothing() {
    let merge = "
        const merge = (into, from) => {
            for (const key of Object.keys(from)) {
                if (typeof from[key] !== 'object') into[key] = from[key];
                else merge(into[key] ??= {}, from[key]);
            }
            return into;
        };";
    for json in ["{\"__proto__\":{\"x\":1}}", "{\"constructor\":{\"prototype\":{\"x\":1}}}"] {
        attack(&format!("{merge} merge({{}}, JSON.parse('{json}')); return ({{}}).x"), finished("1"), closed());
        attack(
            &format!("{merge} merge({{}}, await tools.raw({{ json: '{json}' }})); return ({{}}).x"),
            finished("1"),
            closed(),
        );
    }
    attack(
        "const set = {};
         for (const [key, value] of new URLSearchParams('__proto__[x]=1')) {
             const [, outer, inner] = /(.*)\\[(.*)\\]/.exec(key);
             (set[outer] ??= {})[inner] = value;
         }
         return ({}).x",
        finished("\"1\""),
        closed(),
    );
    check(
        &format!("{merge} return merge({{ a: {{ b: 1 }} }}, {{ a: {{ c: 2 }} }})"),
        finished("{\"a\":{\"b\":1,\"c\":2}}"),
    );
}

/// Each makes an object from data with the key `__proto__`: its own keys, what it inherits, and what every object does.
#[test]
fn a_proto_key_of_data_is_a_key() {
    let data = "const data = JSON.parse('{\"__proto__\":{\"x\":1}}')";
    let told = "return [Object.keys(made), made.x, ({}).x]";
    for make in ["data", "{ ...data }", "structuredClone(data)", "Object.fromEntries(Object.entries(data))"] {
        let expect = || finished("[[\"__proto__\"],null,null]");
        attack(&format!("{data}; const made = {make}; {told}"), expect(), expect());
    }
    check(&format!("{data}; const made = await tools.echo(data); {told}"), finished("[[\"__proto__\"],null,null]"));
    check(
        &format!("{data}; const made = toolSchemas.echo.parse(data); {told}"),
        finished("[[\"__proto__\",\"toolName\"],null,null]"),
    );
    // `Object.assign` assigns, as the specification has it: the object that it is given inherits, no other.
    let assigned = || finished("[[],1,null]");
    attack(&format!("{data}; const made = Object.assign({{}}, data); {told}"), assigned(), assigned());
    // zod leaves such a key out.
    for schema in ["z.looseObject({})", "z.record(z.string(), z.any())", "z.object({ ['__proto__']: z.any() })"] {
        check(&format!("{data}; const made = {schema}.parse(data); {told}"), finished("[[],null,null]"));
    }
}

#[test]
fn the_prototypes_that_only_syntax_reaches_are_frozen_too() {
    for sample in ["(function* () {})", "(async function () {})", "(async function* () {})"] {
        attack(&format!("Object.getPrototypeOf({sample}).x = 1; return ({sample}).x"), finished("1"), closed());
    }
    for sample in [
        "[].values()",
        "''[Symbol.iterator]()",
        "new Map().entries()",
        "new Set().values()",
        "'a'.matchAll(/a/g)",
        "new URLSearchParams().entries()",
    ] {
        attack(&format!("Object.getPrototypeOf({sample}).x = 1; return ({sample}).x"), finished("1"), closed());
        attack(
            &format!("Object.getPrototypeOf(Object.getPrototypeOf({sample})).x = 1; return ({sample}).x"),
            finished("1"),
            closed(),
        );
    }
}

#[test]
fn the_prototypes_of_the_web_and_of_the_libraries_are_frozen_too() {
    for sample in [
        "new URL('a:b')",
        "new TextEncoder()",
        "new AbortController().signal",
        "new EventTarget()",
        "new Intl.NumberFormat('en')",
        "new Intl.NumberFormat('en').formatToParts(1)[0]",
        "console",
        "crypto",
        "performance",
    ] {
        attack(&format!("Object.getPrototypeOf({sample}).x = 1; return {sample}.x"), finished("1"), closed());
    }
    for sample in ["z.string()", "z", "new ToolError('x')", "toolCalls"] {
        check(&format!("Object.getPrototypeOf({sample}).x = 1"), closed());
    }
}

#[test]
fn what_arrives_from_outside_leads_to_frozen_prototypes() {
    attack("(await tools.raw({ json: '{}' })).__proto__.x = 1; return ({}).x", finished("1"), closed());
    attack("(await tools.echo({ a: [] })).a.__proto__.x = 1; return [].x", finished("1"), closed());
    attack(
        "try { await tools.fail({}) } catch (error) { error.__proto__.x = 1; return error.x }",
        finished("1"),
        closed(),
    );
    attack("const call = tools.echo({}); call.__proto__.x = 1; return call.x", finished("1"), closed());
}
