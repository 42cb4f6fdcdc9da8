// Owns the end of everything that compiles text. Runs before any library is loaded, so that none keeps a compiler.
(function () {
    "use strict";
    const { getPrototypeOf, deleteProperty } = Reflect;
    const { defineProperty, setPrototypeOf } = Object;
    const { TypeError } = globalThis;

    // The four constructors that compile text, reachable from any function: each gives way to one that only refuses.
    // The prototype stays, so `f instanceof Function` holds.
    function inert(sample, name) {
        const prototype = getPrototypeOf(sample);
        const constructor = {
            [name]: function (text) {
                throw new TypeError(`${name} cannot compile code: there is no eval in the sandbox`);
            },
        }[name];
        defineProperty(constructor, "prototype", { value: prototype, writable: false });
        defineProperty(prototype, "constructor", { value: constructor });
        return constructor;
    }
    const inertFunction = inert(function () {}, "Function");
    defineProperty(globalThis, "Function", { value: inertFunction });
    for (const [sample, name] of [
        [function* () {}, "GeneratorFunction"],
        [async function () {}, "AsyncFunction"],
        [async function* () {}, "AsyncGeneratorFunction"],
    ]) {
        setPrototypeOf(inert(sample, name), inertFunction);
    }
    deleteProperty(globalThis, "eval");
})
