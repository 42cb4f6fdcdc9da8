// Owns `harden`, and the walk behind it that also freezes the intrinsics.
(function () {
    "use strict";
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { defineProperty, freeze, preventExtensions } = Object;
    const { Set } = globalThis;
    const uncurry = (method) => Function.prototype.call.bind(method);
    const [setAdd, setHas, setForEach] = ["add", "has", "forEach"].map((key) => uncurry(Set.prototype[key]));
    const typedTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);

    const hardened = new WeakSet();
    const add = WeakSet.prototype.add.bind(hardened);
    const has = WeakSet.prototype.has.bind(hardened);

    const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
    const isIndex = (key) => typeof key === "string" && `${key >>> 0}` === key;

    // The elements of a typed array cannot be frozen (ECMA-262, TypedArray [[DefineOwnProperty]]); the rest is.
    function freezeTyped(array) {
        preventExtensions(array);
        const keys = ownKeys(array);
        for (let i = 0; i < keys.length; i++) {
            if (isIndex(keys[i])) continue;
            const property = getOwnPropertyDescriptor(array, keys[i]);
            const fixed = "value" in property ? { writable: false, configurable: false } : { configurable: false };
            defineProperty(array, keys[i], fixed);
        }
    }

    // Freezes everything that `queue` leads to over prototypes, properties and accessors. A list, not recursion: no object
    // graph is too deep for it. What fails half way is tried again by the next call.
    function freezeAll(queue, visit) {
        const done = new Set();
        for (let i = 0; i < queue.length; i++) {
            const object = queue[i];
            if (!isObject(object) || has(object) || setHas(done, object)) continue;
            setAdd(done, object);
            if (typedTag(object) === undefined) freeze(object);
            else freezeTyped(object);
            queue[queue.length] = getPrototypeOf(object);
            const keys = ownKeys(object);
            for (let j = 0; j < keys.length; j++) {
                const property = getOwnPropertyDescriptor(object, keys[j]);
                if (property === undefined) continue;
                queue[queue.length] = "value" in property ? property.value : property.get;
                queue[queue.length] = property.set;
            }
            visit?.(object);
        }
        setForEach(done, add);
    }

    // As in SES: freezes its argument transitively, and returns it.
    const { harden } = {
        harden(value) {
            freezeAll([value]);
            return value;
        },
    };
    defineProperty(globalThis, "harden", { value: harden, writable: true, configurable: true });

    return { freezeAll };
})
