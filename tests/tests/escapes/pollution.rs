//! Attack: change a prototype that every object shares, so that code which trusts it does something else.
//! Defence: every intrinsic is frozen. The same assignments on objects of the script's own go through.

use agentloop_tests::{attack, check, finished, threw};

#[test]
fn object_prototype_takes_no_property() {
    let refusal = || threw("TypeError: object is not extensible");
    attack("Object.prototype.x = 1; return ({}).x", finished("1"), refusal());
    attack("({}).__proto__.x = 1; return ({}).x", finished("1"), refusal());
    attack("({}).constructor.prototype.x = 1; return ({}).x", finished("1"), refusal());
    attack("const key = '__proto__'; ({})[key].x = 1; return ({}).x", finished("1"), refusal());
    attack("Object.defineProperty(Object.prototype, 'x', { value: 1 }); return ({}).x", finished("1"), refusal());
    attack("Object.assign(Object.prototype, { x: 1 }); return ({}).x", finished("1"), refusal());
    attack("({}).__defineGetter__.call(Object.prototype, 'x', () => 1); return ({}).x", finished("1"), refusal());
    attack("return [Reflect.set(Object.prototype, 'x', 1), ({}).x]", finished("[true,1]"), finished("[false,null]"));
    check("const own = Object.create({}); Object.getPrototypeOf(own).x = 1; return own.x", finished("1"));
}

#[test]
fn methods_of_intrinsics_cannot_be_replaced() {
    for path in [
        "Array.prototype.map",
        "String.prototype.split",
        "Map.prototype.get",
        "Promise.prototype.then",
        "Function.prototype.call",
        "RegExp.prototype.exec",
        "JSON.stringify",
        "JSON.parse",
        "Object.keys",
        "Promise.resolve",
        "Math.max",
        "Reflect.apply",
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
    attack(
        "Object.setPrototypeOf(Array.prototype, { x: 1 }); return [].x",
        finished("1"),
        threw("TypeError: object is not extensible"),
    );
    attack(
        "Array.prototype.__proto__ = { x: 1 }; return [].x",
        finished("1"),
        threw("TypeError: object is not extensible"),
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
    attack(
        &format!("{merge} merge({{}}, JSON.parse('{{\"__proto__\":{{\"x\":1}}}}')); return ({{}}).x"),
        finished("1"),
        threw("TypeError: object is not extensible"),
    );
    attack(
        &format!(
            "{merge} merge({{}}, JSON.parse('{{\"constructor\":{{\"prototype\":{{\"x\":1}}}}}}')); return ({{}}).x"
        ),
        finished("1"),
        threw("TypeError: object is not extensible"),
    );
    check(
        &format!("{merge} return merge({{ a: {{ b: 1 }} }}, {{ a: {{ c: 2 }} }})"),
        finished("{\"a\":{\"b\":1,\"c\":2}}"),
    );
}

#[test]
fn the_prototypes_that_only_syntax_reaches_are_frozen_too() {
    for sample in ["function* () {}", "async function () {}", "async function* () {}"] {
        let script = format!("Object.getPrototypeOf({sample}).x = 1; return ({sample}).x");
        attack(
            &script.replace(sample, &format!("({sample})")),
            finished("1"),
            threw("TypeError: object is not extensible"),
        );
    }
    for sample in
        ["[].values()", "''[Symbol.iterator]()", "new Map().entries()", "new Set().values()", "'a'.matchAll(/a/g)"]
    {
        let script = format!("Object.getPrototypeOf({sample}).x = 1; return ({sample}).x");
        attack(&script, finished("1"), threw("TypeError: object is not extensible"));
    }
}
