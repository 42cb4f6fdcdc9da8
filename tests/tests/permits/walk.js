// Names every object that can be reached in a realm and gives its properties, in the terms of permits.txt. LIBRARIES are the
// names whose parts are not looked at.
const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
const prototypeOf = (value) => getPrototypeOf(value);
const asyncGenerator = prototypeOf(async function* () {});
const hidden = {
    "%ArrayIteratorPrototype%": prototypeOf([][Symbol.iterator]()),
    "%StringIteratorPrototype%": prototypeOf(""[Symbol.iterator]()),
    "%MapIteratorPrototype%": prototypeOf(new Map().entries()),
    "%SetIteratorPrototype%": prototypeOf(new Set().values()),
    "%RegExpStringIteratorPrototype%": prototypeOf("".matchAll(/(?:)/g)),
    "%IteratorHelperPrototype%": prototypeOf([].values().map((x) => x)),
    "%WrapForValidIteratorPrototype%": prototypeOf(Iterator.from({ next() {} })),
    "%GeneratorFunction%": prototypeOf(function* () {}).constructor,
    "%AsyncFunction%": prototypeOf(async function () {}).constructor,
    "%AsyncGeneratorFunction%": asyncGenerator.constructor,
    "%AsyncIteratorPrototype%": prototypeOf(asyncGenerator.prototype),
    "%TypedArray%": prototypeOf(Uint8Array),
    "%ThrowTypeError%": getOwnPropertyDescriptor((function () { return arguments; })(), "callee").get,
    "%IteratorConcatPrototype%": prototypeOf(Iterator.concat([])),
    "%IteratorZipPrototype%": prototypeOf(Iterator.zip([])),
};
const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
const shown = (key) => (typeof key === "symbol" ? `@@${key.description.replace(/^Symbol\./, "")}` : key);
const found = new Map();
const name = (value, path) => {
    if (isObject(value) && !found.has(value)) found.set(value, path);
};

name(globalThis, "globalThis");
const roots = [...ownKeys(globalThis).filter((key) => key !== "tools").map((key) => [shown(key), globalThis[key]]), ...Object.entries(hidden)];
for (const [path, value] of roots) name(value, path);
for (const [path, value] of roots) if (typeof value === "function") name(value.prototype, `${path}.prototype`);

const realm = {};
for (const [object, path] of found) {
    const keys = ownKeys(object).map(shown).filter((key) => path !== "globalThis" || key !== "tools");
    if (LIBRARIES.includes(path)) {
        realm[path] = ["*"];
        continue;
    }
    if (typeof object !== "function" || keys.some((key) => key !== "length" && key !== "name")) realm[path] = keys;
    name(getPrototypeOf(object), `${path}.[[Prototype]]`);
    for (const key of ownKeys(object)) {
        if (object === globalThis && key === "tools") continue;
        const { value, get, set } = getOwnPropertyDescriptor(object, key);
        const child = `${path === "globalThis" ? "" : `${path}.`}${shown(key)}`;
        name(value, child);
        name(get, `get ${child}`);
        name(set, `set ${child}`);
    }
}
return realm;
