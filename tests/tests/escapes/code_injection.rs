//! Attack: turn text into code, which no reviewer of the script has seen; or close the function that it is spliced into.
//! Defence: `eval` is gone; the four constructors that compile, which every function leads to, only refuse; there are
//! no modules. Nothing is spliced: the text is compiled as it stands, as the body of an async function.

use crate::attack_unhardened;
use crate::refusals::{absent, no_compiler, no_import, no_import_from, no_modules, no_text};
use agentloop_tests::{attack, check, finished, syntax, threw};

/// Each of these gets 42 out of text where nothing defends against it, and here the same refusal.
#[track_caller]
fn compile_nothing(constructor: &str, scripts: &[&str]) {
    for script in scripts {
        attack(script, finished("42"), no_compiler(constructor));
    }
}

#[test]
fn eval_does_not_exist() {
    attack("return eval('6 * 7')", finished("42"), no_text("eval"));
    attack("return (0, eval)('6 * 7')", finished("42"), no_text("eval"));
    attack("return globalThis['ev' + 'al']('6 * 7')", finished("42"), threw("TypeError: not a function"));
    attack("return '6 * 7'.replace(/.*/, eval)", finished("\"42\""), no_text("eval"));
    attack("return require('vm').runInThisContext('6 * 7')", finished("42"), no_modules("require"));
    attack(
        "return typeof new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))",
        finished("\"object\""),
        no_text("WebAssembly"),
    );
    check("return new ShadowRealm().evaluate('6 * 7')", absent("ShadowRealm"));
}

#[test]
fn the_function_constructor_compiles_nothing() {
    compile_nothing(
        "Function",
        &[
            "return Function('return 6 * 7')()",
            "return new Function('a', 'return a')(42)",
            "return Function.prototype.constructor('return 6 * 7')()",
            "return Function`return 6 * 7`()",
            "return ((text) => Reflect.apply(Function, null, text))`return 6 * 7`()",
            "class A { static { A.x = Function('return 6 * 7')() } } return A.x",
            "return await Promise.resolve('return 6 * 7').then(Function).then((compiled) => compiled())",
            "return JSON.parse('[\"return 6 * 7\"]', (key, value) => key === '0' ? Function(value)() : value)[0]",
            "return +'6 * 7'.replace(/.+/, (text) => Function('return ' + text)())",
            "const source = String(function () { return 42 }); return Function('return ' + source)()()",
        ],
    );
}

#[test]
fn the_hidden_constructors_compile_nothing() {
    compile_nothing("Function", &["return (() => {}).constructor('return 6 * 7')()"]);
    compile_nothing("AsyncFunction", &["return (async () => {}).constructor('return 6 * 7')()"]);
    compile_nothing("GeneratorFunction", &["return (function* () {}).constructor('yield 6 * 7')().next().value"]);
    compile_nothing(
        "AsyncGeneratorFunction",
        &[
            "return (await (async function* () {}).constructor('yield 6 * 7')().next()).value",
            "const iterator = (async function* () {})();
             const found = Object.getPrototypeOf(iterator).constructor.constructor;
             return (await found('yield 6 * 7')().next()).value",
        ],
    );
}

#[test]
fn reflection_and_subclasses_do_not_bring_a_constructor_back() {
    compile_nothing(
        "Function",
        &[
            "return Reflect.construct((() => {}).constructor, ['return 6 * 7'])()",
            "return Reflect.construct(Function, ['return 6 * 7'], Object)()",
            "return Reflect.apply((() => {}).constructor, null, ['return 6 * 7'])()",
            "return Function.bind(null, 'return 6 * 7')()()",
            "return new Proxy(Function, {})('return 6 * 7')()",
            "class F extends Function {} return new F('return 6 * 7')()",
        ],
    );
    compile_nothing(
        "AsyncFunction",
        &[
            "const found = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(async () => {}), 'constructor').value;
             return await found('return 6 * 7')()",
            "class F extends (async () => {}).constructor { constructor() { super('return 6 * 7') } }
             return await new F()()",
        ],
    );
}

#[test]
fn what_the_host_gives_leads_to_no_constructor() {
    for given in ["tools.add", "console.log", "globalThis.constructor", "tools.add({ x: 1, y: 2 }).constructor"] {
        compile_nothing("Function", &[&format!("return {given}.constructor('return 6 * 7')()")]);
    }
    for given in ["setTimeout", "structuredClone", "URL", "new URL('a:b').searchParams.get", "Intl.NumberFormat"] {
        compile_nothing("Function", &[&format!("return {given}.constructor('return 6 * 7')()")]);
    }
    let thrown = "catch (error) { return error.constructor.constructor('return 6 * 7')() }";
    compile_nothing("Function", &[&format!("try {{ await tools.fail({{}}) }} {thrown}")]);
    compile_nothing("Function", &[&format!("try {{ null.x }} {thrown}")]);
    for given in ["z.string", "z.object({})", "harden", "toolSchemas.add.parse", "LiteralLoader"] {
        check(&format!("return {given}.constructor.constructor('return 6 * 7')()"), no_compiler("Function"));
    }
}

/// zod compiles a function for each shape of an object, and has a class that does so for anyone.
#[test]
fn the_compiler_of_zod_compiles_nothing() {
    attack_unhardened(
        "const doc = new z.core.Doc(['x']); doc.write('return x * 7'); return doc.compile()(6)",
        finished("42"),
        no_compiler("Function"),
    );
    let key = "'x\"]); globalThis.brokeOut = 42; //'";
    for switch in ["", "try { z.config({ jitless: false }) } catch {}"] {
        let script = format!(
            "{switch} z.object({{ [{key}]: z.number() }}).parse({{ [{key}]: 1 }}); return typeof globalThis.brokeOut"
        );
        check(&script, finished("\"undefined\""));
    }
}

#[test]
fn no_module_can_be_imported() {
    attack("return typeof (await import('fs')).readFileSync", finished("\"function\""), no_import("fs"));
    attack("return typeof (await import({ toString: () => 'fs' }))", finished("\"object\""), no_import("fs"));
    let data = "data:text/javascript,export default 6 * 7";
    attack(&format!("return (await import('{data}')).default"), finished("42"), no_import(data));
    for form in ["import fs from 'fs'; return fs", "import fs from 'fs'; export default fs", "import 'fs'"] {
        check(form, no_import_from("fs"));
    }
    let refusal = "TypeError: cannot import 'fs': there are no modules in the sandbox; what it offers is in `tools`";
    check("export * from 'fs'; export default 1", syntax(refusal));
}

#[test]
fn no_timer_takes_text() {
    for timer in ["setTimeout", "setInterval"] {
        let refusal = || threw(format!("TypeError: {timer} takes a function: text is not compiled in the sandbox"));
        check(&format!("{timer}('6 * 7')"), refusal());
        check(&format!("{timer}({{ toString: () => '6 * 7' }})"), refusal());
    }
    // The control: with a function it does run.
    check("return await new Promise((resolve) => setTimeout(() => resolve(6 * 7)))", finished("42"));
    check("queueMicrotask('6 * 7')", threw("TypeError: not a function"));
}

#[test]
fn a_template_and_a_pattern_of_replacement_stay_text() {
    check("return '__'.replace(/__/, \"$'$`$&${6 * 7}\")", finished("\"__${6 * 7}\""));
    check("return ((text) => text[0])`\\${6 * 7}`", finished("\"${6 * 7}\""));
    check("((text) => { text.raw[0] = 'forged' })`a`", threw("TypeError: '0' is read-only"));
}

#[test]
fn a_script_cannot_close_what_is_not_there() {
    let brace = || syntax("SyntaxError: unexpected token in expression: '}'");
    attack("}), globalThis.brokeOut = 42, (async function () { return globalThis.brokeOut", finished("42"), brace());
    check("})();(async()=>{", brace());
    check("return 1})(),(async()=>{", brace());
    check("}});({a(){", brace());
    check("return 1 } catch {} finally {", brace());
    check("*/ return 1 /*", syntax("SyntaxError: unexpected token in expression: '*'"));
    check("return `", syntax("SyntaxError: Unterminated template"));
    check("return '", syntax("SyntaxError: unexpected end of string"));
    check("/*", syntax("SyntaxError: Unterminated comment"));
}

#[test]
fn a_comment_at_the_end_and_a_zero_byte_swallow_nothing() {
    check("return 42 //", finished("42"));
    check("return 42 <!--", finished("42"));
    check("#!/usr/bin/env node\nreturn 42", finished("42"));
    check("return 42;\u{2028}//", finished("42"));
    check("return '\0' + 42", finished("\"\\u000042\""));
    check("return 1\0+ 41", syntax("SyntaxError: expecting ';'"));
}

#[test]
fn the_outside_of_the_body_is_out_of_reach() {
    check("return typeof arguments", finished("\"undefined\""));
    check("return new.target", syntax("SyntaxError: new.target only allowed within functions"));
    check("return import.meta", syntax("SyntaxError: import.meta only valid in module code"));
    check("super.x", syntax("SyntaxError: 'super' is only valid in a method"));
    attack(
        "return (function () { return this === undefined })() && (function f() { return f.caller })()",
        threw(
            "TypeError: 'caller', 'callee', and 'arguments' properties may not be accessed on strict mode functions or the arguments objects for calls to them",
        ),
        threw("TypeError: invalid property access"),
    );
}
