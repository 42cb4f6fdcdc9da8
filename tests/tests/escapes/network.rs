//! Attack: open a connection, or make something else open one: leak what the script has seen, reach what the host can.
//! Defence: nothing in the realm opens a connection. The component imports no socket (`tests/golden/component.txt`), the
//! host's crate opens none, and the classes that describe requests are absent too: no code believes that it sent one.

use crate::refusals::{
    absent, no_compiler, no_import, no_import_from, no_modules, no_network, no_page, no_process, no_threads, no_tool,
};
use agentloop_tests::{attack, check, finished, threw};

#[test]
fn fetch_does_not_exist() {
    attack("return typeof fetch", finished("\"function\""), finished("\"undefined\""));
    attack("return await (await fetch('data:,sent')).text()", finished("\"sent\""), no_network("fetch"));
    // Nothing listens on port 2: the machine refuses the connection that Node does open.
    attack(
        "return await fetch('http://127.0.0.1:2/').catch((error) => error.cause.code)",
        finished("\"ECONNREFUSED\""),
        no_network("fetch"),
    );
    attack(
        "return await (await globalThis.fetch('data:,sent')).text()",
        finished("\"sent\""),
        threw("TypeError: globalThis.fetch is not a function"),
    );
    attack(
        "const { fetch: get } = globalThis; return await (await get('data:,sent')).text()",
        finished("\"sent\""),
        threw("TypeError: get is not a function"),
    );
    attack(
        "return await (await globalThis['fet' + 'ch']('data:,sent')).text()",
        finished("\"sent\""),
        threw("TypeError: not a function"),
    );
    attack("return typeof (() => {}).constructor('return fetch')()", finished("\"function\""), no_compiler("Function"));
}

#[test]
fn what_describes_a_request_does_not_exist() {
    attack("return new Request('http://a.b/').url", finished("\"http://a.b/\""), no_network("Request"));
    attack("return new Response('sent').status", finished("200"), no_network("Response"));
    attack("return new Headers({ a: 'b' }).get('a')", finished("\"b\""), no_network("Headers"));
    attack("return new FormData().has('a')", finished("false"), no_network("FormData"));
    for name in ["ReadableStream", "CompressionStream"] {
        attack(&format!("return typeof {name}"), finished("\"function\""), finished("\"undefined\""));
    }
}

#[test]
fn the_sockets_of_node_do_not_exist() {
    // `node -e` has its modules as globals.
    let refused = ".on('error', ({ code }) => resolve(code)))";
    for (module, call) in [("net", "net.connect(2, '127.0.0.1')"), ("http", "http.get('http://127.0.0.1:2/')")] {
        attack(
            &format!("return await new Promise((resolve) => {call}{refused}"),
            finished("\"ECONNREFUSED\""),
            no_network(module),
        );
        attack(
            &format!("const {module} = require('{module}'); return await new Promise((resolve) => {call}{refused}"),
            finished("\"ECONNREFUSED\""),
            no_modules("require"),
        );
    }
    attack("return typeof https.request", finished("\"function\""), no_network("https"));
    attack("return typeof require('dgram').createSocket", finished("\"function\""), no_modules("require"));
    attack("return typeof require('dns').lookup", finished("\"function\""), no_modules("require"));
    attack("return typeof dns.lookup", finished("\"function\""), absent("dns"));
    attack("return typeof tls.connect", finished("\"function\""), absent("tls"));
    attack("return typeof process.binding('tcp_wrap').TCP", finished("\"function\""), no_process("process"));
    for module in ["net", "node:https", "node:http2", "dns", "dgram", "tls"] {
        attack(&format!("return typeof await import('{module}')"), finished("\"object\""), no_import(module));
    }
}

#[test]
fn the_connections_of_a_browser_do_not_exist() {
    for name in ["XMLHttpRequest", "WebSocket", "EventSource"] {
        check(&format!("new {name}('http://127.0.0.1:2/')"), no_network(name));
    }
    check("navigator.sendBeacon('http://127.0.0.1:2/', 'secret')", no_page("navigator"));
    check("location.href = 'http://127.0.0.1:2/?secret'", no_page("location"));
    check("window.open('http://127.0.0.1:2/?secret')", no_page("window"));
    check("document.createElement('img').src = 'http://127.0.0.1:2/?secret'", no_page("document"));
    for name in ["Image", "RTCPeerConnection", "WebTransport", "open", "caches"] {
        check(&format!("new {name}('http://127.0.0.1:2/')"), absent(name));
    }
    attack("return typeof BroadcastChannel", finished("\"function\""), finished("\"undefined\""));
    attack("return typeof new MessageChannel().port1", finished("\"object\""), no_threads("MessageChannel"));
    check("new Worker('http://127.0.0.1:2/')", no_threads("Worker"));
}

#[test]
fn the_clients_that_scripts_know_do_not_exist() {
    check("await axios.get('http://127.0.0.1:2/')", no_network("axios"));
    for name in ["undici", "superagent", "jQuery"] {
        check(&format!("await {name}.get('http://127.0.0.1:2/')"), absent(name));
    }
    check("Deno.connect({ port: 2 })", no_process("Deno"));
    check("Bun.connect({ port: 2 })", no_process("Bun"));
}

#[test]
fn no_code_comes_over_the_network() {
    attack("return (await import('data:text/javascript,export default 42')).default", finished("42"), {
        no_import("data:text/javascript,export default 42")
    });
    for specifier in ["http://127.0.0.1:2/x.js", "https://esm.sh/lodash", "npm:lodash", "jsr:@std/http"] {
        check(&format!("return (await import('{specifier}')).default"), no_import(specifier));
    }
    check("import _ from 'https://esm.sh/lodash'; return _", no_import_from("https://esm.sh/lodash"));
}

#[test]
fn an_address_is_text_and_a_signal_stops_nothing_but_the_script() {
    // Nothing looks a name up: what is not written in the address is not found out.
    for (address, host) in [("http://localhost:2/", "localhost:2"), ("http://0x7f.1/", "127.0.0.1")] {
        let told = || finished(format!("\"{host}\""));
        attack(&format!("return new URL('{address}').host"), told(), told());
    }
    check("return z.url().parse('http://127.0.0.1:2/')", finished("\"http://127.0.0.1:2/\""));
    check(
        "const signal = AbortSignal.timeout(1);
         return await new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason.name)))",
        finished("\"TimeoutError\""),
    );
}

#[test]
fn a_fetch_of_the_scripts_own_is_its_own_affair() {
    let mine = || finished("\"mine\"");
    attack("globalThis.fetch = () => 'mine'; return fetch('http://127.0.0.1:2/')", mine(), mine());
    check("fetch = () => 'mine'", no_network("fetch"));
}

#[test]
fn the_network_is_reached_through_a_tool_or_not_at_all() {
    check("return await tools.fetch({ url: 'http://127.0.0.1:2/' })", no_tool("fetch"));
    check("return await tools['http.get']({ url: 'http://127.0.0.1:2/' })", no_tool("http.get"));
    // The control: a tool that is given gets the address, and it alone decides what that means.
    check("return await tools.echo({ url: 'http://127.0.0.1:2/' })", finished("{\"url\":\"http://127.0.0.1:2/\"}"));
}
