// Owns what the shim asks JavaScript to do. It uses intrinsics captured here, before any script exists, and touches
// nothing of a script's object but what it must: an own property named `size`, `then` or `entries` changes nothing.
(function (submit) {
    "use strict";
    const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { create, freeze, defineProperty } = Object;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);

    const split = uncurry(String.prototype.split);
    const push = uncurry(Array.prototype.push);
    const forEachMap = uncurry(Map.prototype.forEach);
    const forEachSet = uncurry(Set.prototype.forEach);
    const numberOf = uncurry(Number.prototype.valueOf);
    const stringOf = uncurry(String.prototype.valueOf);
    const booleanOf = uncurry(Boolean.prototype.valueOf);
    const bigintOf = uncurry(BigInt.prototype.valueOf);
    const toStringTag = uncurry(Object.prototype.toString);
    const slice = uncurry(String.prototype.slice);
    const typedLength = getter(getPrototypeOf(Uint8Array.prototype), "length");
    const regexpSource = getter(RegExp.prototype, "source");
    const regexpFlags = getter(RegExp.prototype, "flags");

    class ToolError extends Error {
        constructor(message, options) {
            super(message, options);
            defineProperty(this, "kind", { value: "failed", writable: true, configurable: true });
        }
    }
    defineProperty(ToolError.prototype, "name", { value: "ToolError", writable: true, configurable: true });
    defineProperty(globalThis, "ToolError", { value: ToolError, writable: true, configurable: true });

    function callable(name, last) {
        // A method: it has no `prototype` and cannot be constructed.
        const holder = {
            [last](argument, ...more) {
                if (more.length > 0) {
                    throw new TypeError(`tools.${name} takes one object with its arguments, got ${more.length + 1} values`);
                }
                return submit(name, argument === undefined ? {} : argument);
            },
        };
        return freeze(holder[last]);
    }

    // Names come sorted and checked from the host; dots nest. No namespace is a function as well.
    function makeTools(names) {
        const root = create(null);
        const namespaces = [root];
        for (let i = 0; i < names.length; i++) {
            const segments = split(names[i], ".");
            const last = segments.length - 1;
            let node = root;
            for (let j = 0; j < last; j++) {
                if (node[segments[j]] === undefined) {
                    node[segments[j]] = create(null);
                    push(namespaces, node[segments[j]]);
                }
                node = node[segments[j]];
            }
            node[segments[last]] = callable(names[i], segments[last]);
        }
        for (let i = 0; i < namespaces.length; i++) freeze(namespaces[i]);
        return root;
    }

    function mapEntries(map) {
        const entries = [];
        forEachMap(map, (value, key) => push(entries, key, value));
        return entries;
    }

    function setValues(set) {
        const values = [];
        forEachSet(set, (value) => push(values, value));
        return values;
    }

    function typedValues(array) {
        const values = [];
        const length = typedLength(array);
        for (let i = 0; i < length; i++) push(values, array[i]);
        return values;
    }

    const unboxers = [numberOf, stringOf, booleanOf, bigintOf];

    // Objects that JSON.stringify would turn into `{}` without a word.
    function plain(object) {
        for (let i = 0; i < unboxers.length; i++) {
            try {
                return unboxers[i](object);
            } catch {
                // Not of this kind.
            }
        }
        const tag = slice(toStringTag(object), 8, -1);
        switch (tag) {
            case "RegExp":
                return `/${regexpSource(object)}/${regexpFlags(object)}`;
            case "Object":
            case "Arguments":
            case "Module":
                return undefined;
            case "Generator":
            case "AsyncGenerator":
                return { refusal: `it is a ${tag}; spread it into an array: [...value]` };
        }
        if (slice(tag, -8) === "Iterator" || slice(tag, -8) === "r Helper") {
            return { refusal: "it is an iterator; spread it into an array: [...value]" };
        }
        return { refusal: `it is of type ${tag}, which has no JSON form; convert it first` };
    }

    return { makeTools, mapEntries, setValues, typedValues, plain, toolErrorPrototype: ToolError.prototype };
})
