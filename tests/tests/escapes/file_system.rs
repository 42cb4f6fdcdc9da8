//! Attack: read or write a file of the host, in any of the ways that programs for Node, browsers or Deno have.
//! Defence: nothing in the realm opens a file. The component imports no file system (`tests/golden/component.txt`), there
//! are no modules to load one from, and an address such as `file:///etc/passwd` is text that nothing follows.

use crate::refusals::{
    absent, no_compiler, no_files, no_import, no_import_from, no_modules, no_network, no_process, no_text, no_tool,
};
use agentloop_tests::{attack, check, finished, syntax, threw};

#[test]
fn require_does_not_exist() {
    for script in [
        "return require('fs').existsSync('/etc/passwd')",
        "return require('node:fs').readFileSync('/etc/passwd', 'utf8').length > 0",
        "return require('fs').readdirSync('/').length > 0",
        "return require('fs').openSync('/etc/passwd') > 0",
        "return require.resolve('fs') === 'fs'",
    ] {
        attack(script, finished("true"), no_modules("require"));
    }
    attack("return typeof require('fs').readFileSync", finished("\"function\""), no_modules("require"));
    attack("return typeof require('wasi').WASI", finished("\"function\""), no_modules("require"));
    attack("return typeof require('module').createRequire", finished("\"function\""), no_modules("require"));
    attack("return typeof module.constructor._load('fs').readFileSync", finished("\"function\""), no_modules("module"));
    attack("return typeof globalThis.module?.constructor._load", finished("\"function\""), finished("\"undefined\""));
    attack(
        "return globalThis['req' + 'uire']('fs').existsSync('/etc/passwd')",
        finished("true"),
        threw("TypeError: not a function"),
    );
}

#[test]
fn no_module_of_files_can_be_imported() {
    for specifier in ["fs", "node:fs", "fs/promises", "node:path", "wasi", "module"] {
        attack(&format!("return typeof await import('{specifier}')"), finished("\"object\""), no_import(specifier));
    }
    check("return (await import('file:///etc/passwd')).default", no_import("file:///etc/passwd"));
    check("return (await import('/etc/passwd', { with: { type: 'text' } })).default", no_import("/etc/passwd"));
    for (form, specifier) in [
        ("import fs from 'node:fs'; return fs.readFileSync('/etc/passwd', 'utf8')", "node:fs"),
        ("import { readFileSync } from 'fs'; return readFileSync('/etc/passwd', 'utf8')", "fs"),
        ("import * as fs from 'fs'; return fs.readFileSync('/etc/passwd', 'utf8')", "fs"),
        ("import passwd from '/etc/passwd' with { type: 'text' }; return passwd", "/etc/passwd"),
    ] {
        check(form, no_import_from(specifier));
    }
}

#[test]
fn what_node_lays_out_for_files_is_not_there() {
    // `node -e` has its modules as globals.
    attack("return fs.existsSync('/etc/passwd')", finished("true"), no_files("fs"));
    attack("return typeof (await fs.promises.stat('/')).size", finished("\"number\""), no_files("fs"));
    attack("return typeof __filename", finished("\"string\""), finished("\"undefined\""));
    check("return __dirname", no_files("__dirname"));
    check("return __filename", no_files("__filename"));
    attack("return process.cwd().startsWith('/')", finished("true"), no_process("process"));
    attack("return typeof process.binding('fs').open", finished("\"function\""), no_process("process"));
    check("return process.getBuiltinModule('fs').existsSync('/')", no_process("process"));
    attack("return os.tmpdir().length > 0", finished("true"), no_process("os"));
}

#[test]
fn what_browsers_keep_files_in_is_not_there() {
    attack("return await new Blob(['kept']).text()", finished("\"kept\""), no_files("Blob"));
    attack("return new File(['kept'], 'name').name", finished("\"name\""), no_files("File"));
    attack("return typeof URL.createObjectURL", finished("\"function\""), finished("\"undefined\""));
    for name in ["FileReader", "localStorage", "sessionStorage", "indexedDB"] {
        check(name, no_files(name));
    }
    check("importScripts('/etc/passwd')", absent("importScripts"));
    check("document.cookie", crate::refusals::no_page("document"));
}

#[test]
fn what_other_engines_read_files_with_is_not_there() {
    check("Deno.readTextFileSync('/etc/passwd')", no_process("Deno"));
    check("Bun.file('/etc/passwd')", no_process("Bun"));
    for call in ["std.loadFile", "read", "load", "readFile"] {
        let name = call.split('.').next().expect("a path has a start");
        check(&format!("{call}('/etc/passwd')"), absent(name));
    }
}

#[test]
fn the_address_of_a_file_is_text() {
    attack("return new URL('file:///etc/passwd').pathname", finished("\"/etc/passwd\""), finished("\"/etc/passwd\""));
    attack("return require('fs').existsSync(new URL('file:///etc/passwd'))", finished("true"), no_modules("require"));
    check("return new URL('../../etc/passwd', 'file:///a/b/').href", finished("\"file:///etc/passwd\""));
    check("return await (await fetch('file:///etc/passwd')).text()", no_network("fetch"));
    check("return new URL('.', import.meta.url)", syntax("SyntaxError: import.meta only valid in module code"));
    for id in ["/etc/passwd", "../../etc/passwd", "file:///etc/passwd", "__proto__", "constructor"] {
        check(
            &format!("LiteralLoader('{id}')"),
            threw(format!("TypeError: there is no literal \"{id}\"; this run has none")),
        );
    }
}

#[test]
fn no_trick_compiles_its_way_to_a_file() {
    attack(
        "return [].concat.constructor('return require')()('fs').existsSync('/etc/passwd')",
        finished("true"),
        no_compiler("Function"),
    );
    attack(
        "return [].concat.constructor('return process')().cwd().startsWith('/')",
        finished("true"),
        no_compiler("Function"),
    );
    attack(
        "const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
         return typeof new WebAssembly.Instance(empty, { wasi_snapshot_preview1: {} })",
        finished("\"object\""),
        no_text("WebAssembly"),
    );
}

#[test]
fn an_error_names_no_file_of_the_host() {
    attack("return new Error('x').stack.includes('node:internal')", finished("true"), finished("false"));
    attack("return /[/\\\\]/.test(new Error('x').stack)", finished("true"), finished("false"));
    check("return new Error('x').stack.replace(/\\d+/g, 'N')", finished("\"    at <eval> (script.js:N:N)\\n\""));
    check("return z.string().safeParse(1).error.stack.includes('/')", finished("false"));
    check("try { null.x } catch (error) { return Reflect.ownKeys(error) }", finished("[\"message\"]"));
}

#[test]
fn a_file_is_reached_through_a_tool_or_not_at_all() {
    check("return await tools.fs.readFile({ path: '/etc/passwd' })", no_tool("fs"));
    // The control: a tool that is given gets the path, and it alone decides what that means.
    check("return await tools.echo({ path: '/etc/passwd' })", finished("{\"path\":\"/etc/passwd\"}"));
}
