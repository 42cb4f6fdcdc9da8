// Owns what can be learnt of an object without running a line of the script's code: no getter is called and no trap of
// a Proxy is reached. For showing values to people; what it says of an object decides nothing.
(function (native) {
    "use strict";
    const { classOf, proxyTarget } = native;
    const { getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
    const { hasOwn } = Object;
    const uncurry = Function.prototype.bind.bind(Function.prototype.call);
    const getter = (prototype, name) => uncurry(getOwnPropertyDescriptor(prototype, name).get);
    const objectPrototype = Object.prototype;
    const functionPrototype = Function.prototype;
    const slice = uncurry(String.prototype.slice);
    const split = uncurry(String.prototype.split);
    const hasText = uncurry(String.prototype.includes);
    const startsWith = uncurry(String.prototype.startsWith);
    const replaceAll = uncurry(String.prototype.replaceAll);
    const sourceOf = uncurry(Function.prototype.toString);
    const stackOf = getter(Error.prototype, "stack");
    const typedTag = getter(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
    const { toStringTag } = Symbol;

    // Longer chains of prototypes are cut, longer names as well.
    const CHAIN_MAX = 100;
    const LAYERS_MAX = 2;
    const NAME_MAX = 200;
    const STACK_MAX = 10_000;

    // One sample of each kind that is shown in a way of its own.
    const kinds = {
        array: classOf([]),
        map: classOf(new Map()),
        set: classOf(new Set()),
        weakMap: classOf(new WeakMap()),
        weakSet: classOf(new WeakSet()),
        promise: classOf(Promise.resolve()),
        proxy: classOf(new Proxy({}, {})),
        error: classOf(new Error()),
        date: classOf(new Date(0)),
        regexp: classOf(/(?:)/),
        buffer: classOf(new ArrayBuffer(0)),
        view: classOf(new DataView(new ArrayBuffer(0))),
        number: classOf(Object(0)),
        string: classOf(Object("")),
        boolean: classOf(Object(false)),
        bigint: classOf(Object(0n)),
        symbol: classOf(Object(Symbol.iterator)),
        arguments: classOf((function () { return arguments; })()),
        sloppyArguments: classOf(Function("return arguments")()),
        nativeFunction: classOf(parseInt),
        generatorFunction: classOf(function* () {}),
        asyncFunction: classOf(async function () {}),
        asyncGeneratorFunction: classOf(async function* () {}),
    };

    const functionTypes = {
        [kinds.generatorFunction]: "GeneratorFunction",
        [kinds.asyncFunction]: "AsyncFunction",
        [kinds.asyncGeneratorFunction]: "AsyncGeneratorFunction",
    };

    // What a class is called where its constructor is of no help.
    const ownNames = {
        [kinds.array]: "Array", [kinds.map]: "Map", [kinds.set]: "Set", [kinds.weakMap]: "WeakMap",
        [kinds.weakSet]: "WeakSet", [kinds.promise]: "Promise", [kinds.error]: "Error", [kinds.date]: "Date",
        [kinds.regexp]: "RegExp", [kinds.buffer]: "ArrayBuffer", [kinds.view]: "DataView", [kinds.number]: "Number",
        [kinds.string]: "String", [kinds.boolean]: "Boolean", [kinds.bigint]: "BigInt", [kinds.symbol]: "Symbol",
    };

    function clip(name) {
        return name.length > NAME_MAX ? `${slice(name, 0, NAME_MAX)}...` : name;
    }

    function isObject(value) {
        return typeof value === "function" || (typeof value === "object" && value !== null);
    }

    // The object behind any Proxies; undefined if one of them was revoked.
    function unwrap(object) {
        let target = object;
        while (target !== undefined && classOf(target) === kinds.proxy) target = proxyTarget(target);
        return target;
    }

    function property(object, key) {
        return classOf(object) === kinds.proxy ? undefined : getOwnPropertyDescriptor(object, key);
    }

    function ownValue(object, key) {
        return property(object, key)?.value;
    }

    function prototypeOf(object) {
        return classOf(object) === kinds.proxy ? null : getPrototypeOf(object);
    }

    // A value that is inherited; undefined if it would take a getter or a Proxy to tell.
    function inherited(object, key) {
        let holder = object;
        for (let i = 0; holder !== null && i < CHAIN_MAX; i++) {
            const found = property(holder, key);
            if (found !== undefined) return found.value;
            holder = prototypeOf(holder);
        }
        return undefined;
    }

    function inheritsFrom(object, prototype) {
        let holder = object;
        for (let i = 0; holder !== null && i < CHAIN_MAX; i++) {
            holder = prototypeOf(holder);
            if (holder === prototype) return true;
        }
        return false;
    }

    function isEmpty(object) {
        return classOf(object) !== kinds.proxy && ownKeys(object).length === 0;
    }

    function fallbackName(object) {
        return ownNames[classOf(object)] ?? typedTag(object) ?? (typeof object === "function" ? "Function" : "Object");
    }

    // The name of the nearest constructor; null if there is no prototype. A chain of prototypes that none made is told
    // as such.
    function className(object, layer = 0) {
        const first = prototypeOf(object);
        if (first === objectPrototype) return "Object";
        let holder = first;
        for (let i = 0; holder !== null && i < CHAIN_MAX; i++) {
            if (holder === objectPrototype) return "Object";
            if (holder === functionPrototype) return "Function";
            const constructor = ownValue(holder, "constructor");
            if (typeof constructor === "function") {
                const name = ownValue(constructor, "name");
                const prototype = ownValue(constructor, "prototype");
                const isIts = prototype === holder || inheritsFrom(object, prototype);
                if (typeof name === "string" && name !== "" && isIts) return clip(name);
            }
            holder = prototypeOf(holder);
        }
        if (first === null) return null;
        const name = fallbackName(object);
        if (layer > LAYERS_MAX) return `${name} <Complex prototype>`;
        return `${name} <${className(first, layer + 1) ?? `[Object: null prototype]${isEmpty(first) ? " {}" : ""}`}>`;
    }

    // The value of `Symbol.toStringTag`, unless it is shown as a property anyway.
    function tagOf(object) {
        const first = prototypeOf(object);
        if (first === objectPrototype && !hasOwn(object, toStringTag)) return "";
        const typed = typedTag(object);
        if (typed !== undefined) return typed;
        const tag = inherited(object, toStringTag);
        if (typeof tag !== "string" || property(object, toStringTag)?.enumerable) return "";
        return clip(tag);
    }

    // `Foo [tag] `, as the text before the brace.
    function prefix(name, tag, fallback, size = "") {
        if (name === null) {
            const type = `[${fallback}${size}: null prototype] `;
            return tag !== "" && fallback !== tag ? `${type}[${tag}] ` : type;
        }
        return tag !== "" && name !== tag ? `${name}${size} [${tag}] ` : `${name}${size} `;
    }

    function nameOf(callable) {
        const name = ownValue(callable, "name");
        return typeof name === "string" && name !== "" ? clip(name) : undefined;
    }

    function classText(callable, name, tag) {
        let text = `class ${nameOf(callable) ?? "(anonymous)"}`;
        if (name !== "Function" && name !== null) text += ` [${name}]`;
        if (tag !== "" && name !== tag) text += ` [${tag}]`;
        if (name === null) return `[${text} extends [null prototype]]`;
        const parent = prototypeOf(callable);
        const parentName = parent === null ? undefined : inherited(parent, "name");
        if (typeof parentName === "string" && parentName !== "") text += ` extends ${clip(parentName)}`;
        return `[${text}]`;
    }

    function functionText(callable, name, tag) {
        const kind = classOf(callable);
        const isClass = kind !== kinds.nativeFunction && startsWith(sourceOf(callable), "class");
        if (isClass) return classText(callable, name, tag);
        const type = functionTypes[kind] ?? "Function";
        const own = nameOf(callable);
        const called = own === undefined ? " (anonymous)" : `: ${own}`;
        let text = `[${type}${name === null ? " (null prototype)" : ""}${called}]`;
        if (name !== type && name !== null) text += ` ${name}`;
        return tag !== "" && name !== tag ? `${text} [${tag}]` : text;
    }

    // Frames of the script, as it names them; those of the prelude and of native functions say nothing to its author.
    function scriptFrames(error) {
        const own = property(error, "stack");
        const stack = own === undefined ? stackOf(error) : own.value;
        if (typeof stack !== "string") return "";
        const lines = split(slice(stack, 0, STACK_MAX), "\n");
        let text = "";
        for (let i = 0; i < lines.length; i++) {
            if (hasText(lines[i], "script.js:") || hasText(lines[i], "script-")) text += `\n${replaceAll(lines[i], "<eval>", "script")}`;
        }
        return text;
    }

    // What an error says first. The class is named as well if the `name` of the error does not tell it.
    function errorHead(error, className, tag) {
        const own = inherited(error, "name");
        const name = typeof own === "string" ? clip(own) : "Error";
        const text = inherited(error, "message");
        const message = typeof text === "string" ? slice(text, 0, STACK_MAX) : "";
        const type = slice(prefix(className, tag, name === "" ? "Error" : name), 0, -1);
        const isPlain = className === null || slice(name, -5) === "Error";
        const shown = !isPlain || name === type ? name : hasText(type, name) ? type : `${type} [${name}]`;
        return shown === "" || message === "" ? shown + message : `${shown}: ${message}`;
    }

    const objects = {
        kinds, clip, isObject, unwrap, property, ownValue, inherited, className, tagOf, prefix, fallbackName,
        functionText, scriptFrames, errorHead,
    };
    return { objects };
})
