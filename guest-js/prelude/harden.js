// Owns `harden`, and the walk behind it that also freezes the intrinsics.
(function (native) {
    "use strict";
    const { isHardened, setHardened } = native;
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { defineProperty, freeze, preventExtensions } = Object;
    const { Set } = globalThis;
    const uncurry = (method) => Function.prototype.call.bind(method);
    const [setAdd, setHas, setForEach] = ["add", "has", "forEach"].map((key) => uncurry(Set.prototype[key]));
    const typedTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);

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

    // Freezes everything that `stack` leads to over prototypes, properties and accessors, but for what `isDone` says. A list,
    // not recursion: no object graph is too deep for it.
    function freezeAll(stack, isDone, setDone) {
        for (let count = stack.length; count > 0;) {
            const object = stack[--count];
            if (!isObject(object) || isDone(object)) continue;
            if (typedTag(object) === undefined) freeze(object);
            else freezeTyped(object);
            stack[count++] = getPrototypeOf(object);
            const keys = ownKeys(object);
            for (let i = 0; i < keys.length; i++) {
                const property = getOwnPropertyDescriptor(object, keys[i]);
                if (property === undefined) continue;
                stack[count++] = "value" in property ? property.value : property.get;
                stack[count++] = property.set;
            }
            setDone(object);
        }
    }

    // As in SES: freezes its argument transitively, and returns it. What fails half way is tried again by the next call.
    const { harden } = {
        harden(value) {
            const done = new Set();
            freezeAll([value], (object) => isHardened(object) || setHas(done, object), (object) => setAdd(done, object));
            setForEach(done, setHardened);
            return value;
        },
    };
    defineProperty(globalThis, "harden", { value: harden, writable: true, configurable: true });

    return { freezeAll };
})
