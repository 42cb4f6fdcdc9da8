//! Attack: turn text into code, which no reviewer of the script has seen and no freeze has touched.
//! Defence: `eval` is gone; the four constructors that compile, which every function leads to, only refuse.

use agentloop_tests::{Expect, attack, check, finished, syntax, threw};

fn refusal_of(constructor: &str) -> Expect {
    threw(format!("TypeError: {constructor} cannot compile code: there is no eval in the sandbox"))
}

#[test]
fn eval_does_not_exist() {
    attack("return eval('6 * 7')", finished("42"), threw("ReferenceError: eval is not defined"));
    attack("return (0, eval)('6 * 7')", finished("42"), threw("ReferenceError: eval is not defined"));
    attack("return globalThis['ev' + 'al']('6 * 7')", finished("42"), threw("TypeError: not a function"));
}

#[test]
fn the_function_constructor_compiles_nothing() {
    attack("return Function('return 6 * 7')()", finished("42"), refusal_of("Function"));
    attack("return new Function('a', 'return a')(42)", finished("42"), refusal_of("Function"));
    attack("return Function.prototype.constructor('return 6 * 7')()", finished("42"), refusal_of("Function"));
}

#[test]
fn the_hidden_constructors_compile_nothing() {
    attack("return (() => {}).constructor('return 6 * 7')()", finished("42"), refusal_of("Function"));
    attack("return (async () => {}).constructor('return 6 * 7')()", finished("42"), refusal_of("AsyncFunction"));
    attack(
        "return (function* () {}).constructor('yield 6 * 7')().next().value",
        finished("42"),
        refusal_of("GeneratorFunction"),
    );
    attack(
        "return (await (async function* () {}).constructor('yield 6 * 7')().next()).value",
        finished("42"),
        refusal_of("AsyncGeneratorFunction"),
    );
}

#[test]
fn reflection_does_not_bring_a_constructor_back() {
    attack(
        "return Reflect.construct((() => {}).constructor, ['return 6 * 7'])()",
        finished("42"),
        refusal_of("Function"),
    );
    attack(
        "return Reflect.apply((() => {}).constructor, null, ['return 6 * 7'])()",
        finished("42"),
        refusal_of("Function"),
    );
    attack("return Function.bind(null, 'return 6 * 7')()()", finished("42"), refusal_of("Function"));
    attack("return new Proxy(Function, {})('return 6 * 7')()", finished("42"), refusal_of("Function"));
    attack(
        "const found = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(async () => {}), 'constructor').value;
         return await found('return 6 * 7')()",
        finished("42"),
        refusal_of("AsyncFunction"),
    );
}

#[test]
fn a_subclass_compiles_nothing() {
    attack("class F extends Function {} return new F('return 6 * 7')()", finished("42"), refusal_of("Function"));
    attack(
        "class F extends (async () => {}).constructor { constructor() { super('return 6 * 7') } } return await new F()()",
        finished("42"),
        refusal_of("AsyncFunction"),
    );
}

#[test]
fn what_the_host_gives_leads_to_no_constructor() {
    attack("return tools.add.constructor('return 6 * 7')()", finished("42"), refusal_of("Function"));
    attack("return console.log.constructor('return 6 * 7')()", finished("42"), refusal_of("Function"));
    attack(
        "return tools.add({ x: 1, y: 2 }).constructor.constructor('return 6 * 7')()",
        finished("42"),
        refusal_of("Function"),
    );
    attack(
        "try { await tools.fail({}) } catch (error) { return error.constructor.constructor('return 6 * 7')() }",
        finished("42"),
        refusal_of("Function"),
    );
    attack("return globalThis.constructor.constructor('return 6 * 7')()", finished("42"), refusal_of("Function"));
}

#[test]
fn no_module_can_be_imported() {
    attack(
        "return typeof (await import('fs')).readFileSync",
        finished("\"function\""),
        threw("TypeError: cannot import 'fs': there are no modules in the sandbox; what it offers is in `tools`"),
    );
    attack(
        "return (await import('data:text/javascript,export default 6 * 7')).default",
        finished("42"),
        threw(
            "TypeError: cannot import 'data:text/javascript,export default 6 * 7': there are no modules in the sandbox; \
             what it offers is in `tools`",
        ),
    );
    let refusal = "SyntaxError: there are no modules in the sandbox: remove the import; what it offers is in `tools`";
    check("import fs from 'fs'; return fs", syntax(refusal));
    check("import fs from 'fs'; export default fs", syntax(refusal));
    check(
        "export * from 'fs'; export default 1",
        syntax("TypeError: cannot import 'fs': there are no modules in the sandbox; what it offers is in `tools`"),
    );
}

#[test]
fn no_timer_takes_text() {
    check("setTimeout('6 * 7')", threw("TypeError: setTimeout takes a function: text is not compiled in the sandbox"));
    check(
        "setInterval('6 * 7')",
        threw("TypeError: setInterval takes a function: text is not compiled in the sandbox"),
    );
    // The control: with a function it does run.
    check("return await new Promise((resolve) => setTimeout(() => resolve(6 * 7)))", finished("42"));
    check("queueMicrotask('6 * 7')", threw("TypeError: not a function"));
}
