// Owns the hardening: removes what has power, then freezes every intrinsic, those that only syntax reaches included.
// Runs last of the prelude, before the image is taken. A failure here fails the build.
(function (markIntrinsic) {
    "use strict";
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, deleteProperty } = Reflect;
    const { defineProperty, freeze } = Object;

    function remove(object, ...names) {
        for (const name of names) {
            if (!deleteProperty(object, name)) throw new Error(`cannot remove ${name}`);
        }
    }

    // Shared memory and garbage collection are clocks; `eval` compiles.
    remove(globalThis, "eval", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance", "navigator");

    // The legacy escape hatches of two intrinsics.
    remove(RegExp.prototype, "compile");
    for (const name of ownKeys(RegExp)) {
        if (!["length", "name", "prototype", "escape", Symbol.species].includes(name)) remove(RegExp, name);
    }
    remove(Error, "prepareStackTrace", "captureStackTrace");

    // The four constructors that compile text, reachable from any function: each gives way to one that only refuses.
    // The prototype stays, so `f instanceof Function` holds.
    function inert(sample, name) {
        const prototype = getPrototypeOf(sample);
        const constructor = {
            [name]: function () {
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
        Object.setPrototypeOf(inert(sample, name), inertFunction);
    }

    // Freezes everything reachable from `roots` over prototypes, properties and accessors. A list, not recursion: no
    // object graph is too deep for it.
    const hardened = new WeakSet();
    const add = WeakSet.prototype.add.bind(hardened);
    const has = WeakSet.prototype.has.bind(hardened);
    function walk(roots, visit) {
        const queue = roots;
        for (let i = 0; i < queue.length; i++) {
            const object = queue[i];
            if (object === null || (typeof object !== "object" && typeof object !== "function") || has(object)) continue;
            add(object);
            queue[queue.length] = getPrototypeOf(object);
            const keys = ownKeys(object);
            for (let j = 0; j < keys.length; j++) {
                const property = getOwnPropertyDescriptor(object, keys[j]);
                if (property === undefined) continue;
                if ("value" in property) {
                    queue[queue.length] = property.value;
                } else {
                    queue[queue.length] = property.get;
                    queue[queue.length] = property.set;
                }
            }
            freeze(object);
            visit?.(object);
        }
    }

    // As in SES: freezes its argument transitively, and returns it.
    const harden = {
        harden(value) {
            walk([value]);
            return value;
        },
    }.harden;
    defineProperty(globalThis, "harden", { value: harden, writable: true, configurable: true });

    const hidden = [
        // Iterators, generators and their prototypes.
        [][Symbol.iterator](), ""[Symbol.iterator](), new Map().entries(), new Set().values(), "".matchAll(/(?:)/g),
        (function* () {})(), (async function* () {})(), [].values().map((x) => x), Iterator.from({ next() {} }),
        // A wrapped async-from-sync iterator has no path of its own; its prototypes hang off these.
        function () {}, function* () {}, async function () {}, async function* () {}, class {}, () => {},
        // %ThrowTypeError%, by way of a strict arguments object.
        getOwnPropertyDescriptor((function () { return arguments; })(), "callee").get,
    ].flatMap((object) => [getPrototypeOf(object), typeof object === "function" ? undefined : getPrototypeOf(getPrototypeOf(object))]);
    hidden.push(getOwnPropertyDescriptor((function () { return arguments; })(), "callee").get);

    // The global object itself stays open: a script may declare its own. What it holds is fixed.
    const globals = [];
    for (const name of ownKeys(globalThis)) {
        if (name === "globalThis") continue;
        const property = getOwnPropertyDescriptor(globalThis, name);
        if (!("value" in property)) throw new Error(`unexpected accessor: ${String(name)}`);
        globals.push(property.value);
        if (property.configurable) {
            // Configurable, so that `const URL = …` at the top of a script still declares a variable of that name.
            defineProperty(globalThis, name, { writable: false, enumerable: false });
        }
    }
    defineProperty(globalThis, "globalThis", { writable: false });
    walk([...globals, ...hidden], markIntrinsic);
})
