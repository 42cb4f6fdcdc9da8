// Owns the hardening: the realm becomes what permits.txt says, then every intrinsic is frozen, those that only syntax reaches
// included. Runs last of the prelude, before the image is taken. A failure here fails the build.
(function (native) {
    "use strict";
    const { isHardened, markIntrinsic, mutable, permits, freezeAll } = native;
    const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, deleteProperty } = Reflect;
    const { defineProperty } = Object;
    const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

    // Intrinsics that no global leads to, by their names in ECMA-262; the last two have none there.
    const asyncGenerator = getPrototypeOf(async function* () {});
    const HIDDEN = {
        "%ArrayIteratorPrototype%": getPrototypeOf([][Symbol.iterator]()),
        "%StringIteratorPrototype%": getPrototypeOf(""[Symbol.iterator]()),
        "%MapIteratorPrototype%": getPrototypeOf(new Map().entries()),
        "%SetIteratorPrototype%": getPrototypeOf(new Set().values()),
        "%RegExpStringIteratorPrototype%": getPrototypeOf("".matchAll(/(?:)/g)),
        "%IteratorHelperPrototype%": getPrototypeOf([].values().map((x) => x)),
        "%WrapForValidIteratorPrototype%": getPrototypeOf(Iterator.from({ next() {} })),
        "%GeneratorFunction%": getPrototypeOf(function* () {}).constructor,
        "%AsyncFunction%": getPrototypeOf(async function () {}).constructor,
        "%AsyncGeneratorFunction%": asyncGenerator.constructor,
        "%AsyncIteratorPrototype%": getPrototypeOf(asyncGenerator.prototype),
        "%TypedArray%": getPrototypeOf(Uint8Array),
        "%ThrowTypeError%": getOwnPropertyDescriptor((function () { return arguments; })(), "callee").get,
        "%IteratorConcatPrototype%": getPrototypeOf(Iterator.concat([])),
        "%IteratorZipPrototype%": getPrototypeOf(Iterator.zip([])),
    };

    const shown = (key) => (typeof key === "symbol" ? `@@${key.description.replace(/^Symbol\./, "")}` : key);

    // `name: property property …`, or `name: *` for a library's own objects, whose parts are not listed.
    const allowed = new Map();
    for (const line of permits.replaceAll("\n    ", " ").split("\n")) {
        const [, name, properties] = /^([^#:]+): (.*)$/.exec(line) ?? [];
        if (name !== undefined) allowed.set(name, properties.split(" "));
    }

    // Everything that can be reached, each under the first name that leads to it.
    const found = new Map();
    function name(value, text) {
        if (isObject(value) && !found.has(value)) found.set(value, text);
    }

    function prune(object, path) {
        const listed = allowed.get(path);
        const isLibrary = listed?.[0] === "*" || path.endsWith(".*");
        const keys = listed ?? ["length", "name"];
        const prefix = isLibrary ? `${path.replace(/\.\*$/, "")}.*` : path;
        for (const key of ownKeys(object)) {
            if (!isLibrary && !keys.includes(shown(key)) && !deleteProperty(object, key)) {
                throw new Error(`${path} has ${shown(key)}, which is not in permits.txt and cannot be removed`);
            }
        }
        const there = ownKeys(object).map(shown);
        const missing = isLibrary || listed === undefined ? [] : keys.filter((key) => !there.includes(key));
        if (missing.length > 0) throw new Error(`${path} has no ${missing.join(", ")}: take it out of permits.txt`);
        name(getPrototypeOf(object), isLibrary ? prefix : `${path}.[[Prototype]]`);
        for (const key of ownKeys(object)) {
            const { value, get, set } = getOwnPropertyDescriptor(object, key);
            const child = isLibrary ? prefix : `${path === "globalThis" ? "" : `${path}.`}${shown(key)}`;
            name(value, child);
            name(get, isLibrary ? prefix : `get ${child}`);
            name(set, isLibrary ? prefix : `set ${child}`);
        }
    }

    function checkNames() {
        const names = [...found.values()];
        for (const path of allowed.keys()) {
            if (!names.includes(path)) throw new Error(`nothing is called ${path}: take it out of permits.txt`);
        }
    }

    name(globalThis, "globalThis");
    const isListed = (key) => allowed.get("globalThis").includes(shown(key));
    const roots = ownKeys(globalThis).filter(isListed).map((key) => [shown(key), globalThis[key]]);
    roots.push(...ownKeys(HIDDEN).map((key) => [key, HIDDEN[key]]));
    for (const [path, value] of roots) name(value, path);
    for (const [path, value] of roots) if (typeof value === "function") name(value.prototype, `${path}.prototype`);
    for (const [object, path] of found) prune(object, path);
    checkNames();
    // What is made from here on is a part of the image, and takes the place of these names.
    found.clear();

    // The global object itself stays open: a script may declare its own. What it holds is fixed.
    const globals = [];
    for (const key of ownKeys(globalThis)) {
        if (key === "globalThis") continue;
        const property = getOwnPropertyDescriptor(globalThis, key);
        if (!("value" in property)) throw new Error(`unexpected accessor: ${shown(key)}`);
        if (!mutable.includes(property.value)) globals.push(property.value);
        if (property.configurable) {
            // Configurable, so that `const URL = …` at the top of a script still declares a variable of that name.
            defineProperty(globalThis, key, { writable: false, enumerable: false });
        }
    }
    defineProperty(globalThis, "globalThis", { writable: false });
    freezeAll([...globals, ...ownKeys(HIDDEN).map((key) => HIDDEN[key])], isHardened, markIntrinsic);
})
