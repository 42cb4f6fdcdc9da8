//! Attack: learn about the process and the machine around the sandbox, end it, signal it, start another one, use it up.
//! Defence: nothing in the realm stands for a process. Clock, randomness, time zone and locale are the run's own, errors
//! show frames of the script only, and whatever can multiply draws on a limit.

use crate::refusals::{absent, no_compiler, no_import, no_modules, no_process, no_text, no_threads};
use agentloop_tests::{attack, check, finished, threw};

#[test]
fn the_process_does_not_exist() {
    attack("return typeof process", finished("\"object\""), finished("\"undefined\""));
    attack("return typeof process.env", finished("\"object\""), no_process("process"));
    for script in [
        "return typeof process.env.PATH === 'string'",
        "return process.pid > 0",
        "return process.argv.length > 0",
        "return process.memoryUsage().rss > 0",
        "return process.hrtime().length === 2",
        "return process.binding('spawn_sync').spawn instanceof Object",
        "return process.dlopen instanceof Object",
        "process.mainModule = 1; return process.mainModule === 1",
        "process.nextTick(() => {}); return true",
    ] {
        attack(script, finished("true"), no_process("process"));
    }
    attack("return 'process' in globalThis", finished("true"), finished("false"));
    attack("return typeof globalThis.process?.env", finished("\"object\""), finished("\"undefined\""));
    attack("const { process } = globalThis; return typeof process", finished("\"object\""), finished("\"undefined\""));
    attack("return typeof os.hostname()", finished("\"string\""), no_process("os"));
    for call in ["Deno.env.get('PATH')", "Deno.exit(1)", "Bun.env.PATH", "Bun.spawn(['sh'])"] {
        check(call, no_process(call.split('.').next().expect("a path has a start")));
    }
    for call in ["std.exit(1)", "std.getenv('PATH')", "quit(1)", "exit(1)", "scriptArgs"] {
        check(call, absent(call.split(['.', '(']).next().expect("a call has a name")));
    }
}

#[test]
fn the_process_cannot_be_ended_or_signalled() {
    attack(
        "process.stdout.write('finished \"gone\"\\n'); process.exit(1)",
        finished("\"gone\""),
        no_process("process"),
    );
    attack("return process.kill(process.pid, 0)", finished("true"), no_process("process"));
    attack(
        "process.on('SIGTERM', () => {}); return process.listenerCount('SIGTERM')",
        finished("1"),
        no_process("process"),
    );
    attack(
        "process.on('uncaughtException', () => {}); return process.listenerCount('uncaughtException')",
        finished("1"),
        no_process("process"),
    );
    check("process.abort()", no_process("process"));
    check("process.getBuiltinModule('child_process')", no_process("process"));
    check("debugger; return 42", finished("42"));
}

#[test]
fn no_other_process_or_thread_can_be_started() {
    attack("return String(require('child_process').execSync('echo 42'))", finished("\"42\\n\""), no_modules("require"));
    attack(
        "return String((await import('node:child_process')).execSync('echo 42'))",
        finished("\"42\\n\""),
        no_import("node:child_process"),
    );
    attack("return String(child_process.execSync('echo 42'))", finished("\"42\\n\""), no_process("child_process"));
    for module in ["worker_threads", "cluster", "inspector", "v8", "repl"] {
        attack(&format!("return typeof require('{module}')"), finished("\"object\""), no_modules("require"));
        attack(&format!("return typeof await import('{module}')"), finished("\"object\""), no_import(module));
    }
    check("new Worker('process.exit()', { eval: true })", no_threads("Worker"));
    check("new SharedWorker('x')", absent("SharedWorker"));
    attack(
        "return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)",
        finished("\"timed-out\""),
        no_threads("Atomics"),
    );
    attack("return typeof WebAssembly.instantiate", finished("\"function\""), no_text("WebAssembly"));
}

#[test]
fn no_constructor_leads_to_the_process() {
    for path in [
        "Function",
        "(() => {}).constructor",
        "globalThis.constructor.constructor",
        "tools.add.constructor",
        "console.log.constructor",
        "new Error().constructor.constructor",
        "new URL('a:b').searchParams.constructor.constructor",
    ] {
        attack(&format!("return {path}('return process.pid')() > 0"), finished("true"), no_compiler("Function"));
    }
    let inspected =
        "[Symbol.for('nodejs.util.inspect.custom')]: (depth, options, inspect) => { seen = typeof inspect }";
    attack(
        &format!("let seen; require('util').inspect({{ {inspected} }}); return seen"),
        finished("\"function\""),
        no_modules("require"),
    );
    check(&format!("let seen; console.log({{ {inspected} }}); return seen"), finished("null"));
}

#[test]
fn a_stack_holds_frames_of_the_script_and_no_way_into_them() {
    let closed = || threw("TypeError: object is not extensible");
    attack(
        "Error.prepareStackTrace = (_, frames) => typeof frames[0].getThis; return new Error().stack",
        finished("\"function\""),
        closed(),
    );
    attack(
        "Object.defineProperty(Error, 'prepareStackTrace', { value: (_, frames) => frames.length > 0 });
         return new Error().stack",
        finished("true"),
        closed(),
    );
    attack(
        "const held = {}; Error.captureStackTrace(held); return /node:internal/.test(held.stack)",
        finished("true"),
        finished("false"),
    );
    attack(
        "return await tools.fail({}).catch(({ stack }) => /process|node:internal/.test(stack))",
        finished("true"),
        finished("false"),
    );
    check(
        "return (function f() { try { null.x } catch ({ stack }) { return stack.replace(/\\d+/g, 'N') } })()",
        finished("\"    at f (script.js:N:N)\\n    at <eval> (script.js:N:N)\\n\""),
    );
}

#[test]
fn clock_randomness_and_place_are_not_those_of_the_host() {
    attack("process.env.TZ = 'Asia/Tokyo'; return new Date(0).getHours()", finished("9"), no_process("process"));
    check(
        "const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions();
         return [timeZone, locale, new Date(0).getTimezoneOffset(), new Date(0).getHours()]",
        finished("[\"UTC\",\"en-US\",0,0]"),
    );
    attack("return performance.now() > 0", finished("true"), finished("false"));
    check(
        "return [performance.now(), performance.timeOrigin, Date.now()]",
        finished("[0,1700000000000,1700000000000]"),
    );
    for gone in ["performance.eventLoopUtilization", "performance.timerify", "crypto.subtle?.digest"] {
        attack(&format!("return typeof {gone}"), finished("\"function\""), finished("\"undefined\""));
    }
    // Of the seed, which the host gives.
    check("return crypto.randomUUID()", finished("\"14eaa7d1-421d-4d8f-9aa5-48bb8da9f11a\""));
    check("return [...crypto.getRandomValues(new Uint8Array(4))]", finished("[209,167,234,20]"));
    check("navigator.hardwareConcurrency", crate::refusals::no_page("navigator"));
}

#[test]
fn timers_that_start_timers_come_to_an_end() {
    let refusal = || threw("RangeError: this run has had all the timers it may have");
    attack(
        "for (let i = 0; i < 10_001; i++) setTimeout(() => {}); return 'spawned'",
        finished("\"spawned\""),
        refusal(),
    );
    check("for (;;) setInterval(() => {})", refusal());
    check(
        "return await new Promise((_, reject) => {
             const spawn = () => { try { setTimeout(spawn); setTimeout(spawn) } catch (error) { reject(error) } };
             spawn();
         })",
        refusal(),
    );
    attack("return typeof setImmediate", finished("\"function\""), finished("\"undefined\""));
}
