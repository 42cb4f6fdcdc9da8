// Owns what the shim asks JavaScript to do. It uses intrinsics captured here, before any script exists, and touches
// nothing of a script's object but what it must: an own property named `size`, `then` or `entries` changes nothing.
(function (native) {
    "use strict";
    const { submit, toolNames, closest, distance } = native;
    const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
    const { create, freeze, defineProperty } = Object;
    const { TypeError } = globalThis;
    const uncurry = (method) => (self, ...rest) => apply(method, self, rest);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);

    const split = uncurry(String.prototype.split);
    const includes = uncurry(Array.prototype.includes);
    const indexOf = uncurry(Array.prototype.indexOf);
    const filter = uncurry(Array.prototype.filter);
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

    const LISTED_MAX = 20;
    const NAME_MAX = 128;

    // The tool that was most likely meant: by its whole name, or by the last segment of it.
    function closestTool(asked) {
        const known = toolNames();
        const lasts = [];
        for (let i = 0; i < known.length; i++) {
            const segments = split(known[i], ".");
            lasts[i] = segments[segments.length - 1];
        }
        const whole = closest(asked, known);
        const last = closest(asked, lasts);
        if (last === undefined) return whole;
        return whole !== undefined && distance(asked, whole) <= distance(asked, last) ? whole : known[indexOf(lasts, last)];
    }

    function listTools() {
        const known = toolNames();
        if (known.length === 0) return "this run has no tools";
        let names = known[0];
        for (let i = 1; i < known.length && i < LISTED_MAX; i++) names += `, ${known[i]}`;
        return `there are: ${names}${known.length > LISTED_MAX ? ", …" : ""}`;
    }

    // What to say of a tool that is not there: the nearest that is, or all of them.
    function suggestion(asked) {
        const best = closestTool(asked);
        return best === undefined ? listTools() : `did you mean tools.${best}?`;
    }

    // What to say of a variable that is not there, if anything is near: a tool, or one of `names`.
    function nearest(asked, names) {
        const tool = closestTool(asked);
        if (tool !== undefined && distance(asked, tool) <= 1) return `did you mean tools.${tool}?`;
        const name = closest(asked, names);
        if (name !== undefined) return `did you mean ${name}?`;
        return tool === undefined ? undefined : `did you mean tools.${tool}?`;
    }

    // Those of the realm and those of the script.
    const globalNames = () => filter(ownKeys(globalThis), (key) => typeof key === "string");

    // The prototype of every namespace of tools: only a name that is not there is looked up here. Names that JavaScript
    // or a debugger looks up by itself are simply absent.
    const silent = ["then", "toJSON", "toString", "valueOf", "constructor", "inspect", "__proto__"];
    const missing = new Proxy(freeze(create(null)), freeze({
        get(_, key) {
            if (typeof key === "symbol" || includes(silent, key)) return undefined;
            const asked = slice(key, 0, NAME_MAX);
            throw new TypeError(`there is no tool "${asked}"; ${suggestion(asked)}`);
        },
    }));

    // What finds tools, for a script whose author was not told of all of them. No own properties of `tools`: nobody who
    // lists the tools wants to see them.
    function argument(method, first, name, options) {
        if (typeof first === "object" && first !== null) return first;
        if (typeof first !== "string" || (options !== undefined && (typeof options !== "object" || options === null))) {
            throw new TypeError(`tools.${method} takes a text${method === "$search" ? " and { limit }" : ""}`);
        }
        return { ...options, [name]: first };
    }
    const finding = freeze(create(missing, {
        $search: {
            value: freeze({ $search: (query, options) => submit("$search", argument("$search", query, "query", options)) }.$search),
        },
        $describe: {
            value: freeze({ $describe: (name) => submit("$describe", argument("$describe", name, "name")) }.$describe),
        },
    }));

    // Where a script may end the task that it is part of, it does so with a value, not with an object around it.
    function offerFinish(tools) {
        const finish = freeze({ finish: (value) => tools.finish({ value }) }.finish);
        defineProperty(globalThis, "finish", { value: finish, writable: true, configurable: true });
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

    return {
        finding, missing, offerFinish, mapEntries, setValues, typedValues, plain, toolErrorPrototype: ToolError.prototype,
        // For other parts of the prelude.
        nearest, listTools, globalNames, suggestion, hasTool: (name) => includes(toolNames(), name),
    };
})
