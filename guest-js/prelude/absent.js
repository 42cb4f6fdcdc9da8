// Owns what is said of a global that is not there: what to use instead, or which name was meant.
(function (native) {
    "use strict";
    const { nearest, listTools, globalNames } = native;
    const { hasOwn } = Object;
    const { ReferenceError } = globalThis;
    const slice = Function.prototype.call.bind(String.prototype.slice);

    const NAME_MAX = 128;

    const network = () => `network access is only through tools; ${listTools()}`;
    const modules = () => `there are no modules in the sandbox; ${listTools()}`;
    const files = () => `there are no files in the sandbox but through tools; ${listTools()}`;
    const page = () => "there is no page in the sandbox";
    const process = () => "there is no process and no environment in the sandbox; what a script may know is passed to it";
    const compiler = () => "text cannot be compiled in the sandbox; write the code itself";
    const collector = () => "garbage collection cannot be observed in the sandbox; use Map, Set or WeakMap";
    const threads = () => "there are no threads in the sandbox; use promises";

    // The value explains. Names as a program for Node or a browser would write them.
    const ABSENT = {
        __proto__: null,
        fetch: network, XMLHttpRequest: network, WebSocket: network, EventSource: network, Request: network, Response: network,
        Headers: network, FormData: network, axios: network, http: network, https: network, net: network,
        require: modules, module: modules, exports: modules, __dirname: files, __filename: files,
        fs: files, FileReader: files, File: files, Blob: files, localStorage: files, sessionStorage: files, indexedDB: files,
        process, os: process, child_process: process, Deno: process, Bun: process,
        eval: compiler, WebAssembly: compiler,
        WeakRef: collector, FinalizationRegistry: collector,
        SharedArrayBuffer: threads, Atomics: threads, Worker: threads, MessageChannel: threads,
        window: page, document: page, navigator: page, location: page, history: page, alert: page, prompt: page, confirm: page,
        requestAnimationFrame: page,
        Buffer: () => "use Uint8Array, TextEncoder and TextDecoder, btoa and atob",
        global: () => "use globalThis", self: () => "use globalThis",
        setImmediate: () => "use setTimeout(callback, 0) or queueMicrotask(callback)",
        print: () => "use console.log",
    };

    // A way out for who used a variable that is not there. Undefined: none is known.
    function explain(name) {
        return hasOwn(ABSENT, name) ? ABSENT[name]() : nearest(name, globalNames());
    }

    // Throws what reading an undeclared variable throws (ECMA-262, GetValue), with a way out.
    function throwNotDefined(name) {
        const shown = slice(name, 0, NAME_MAX);
        const text = explain(shown);
        throw new ReferenceError(`${shown} is not defined${text === undefined ? "" : `: ${text}`}`);
    }

    return { explain, throwNotDefined };
})
