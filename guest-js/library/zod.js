// Owns `z`: zod 4 as it comes from its registry, with messages in English only.
import * as zod from "zod/v4";

// Arguments for the factories that do not work without.
const ARGUMENTS = {
    _default: [zod.string(), ""],
    _function: [],
    array: [zod.string()],
    catch: [zod.string(), ""],
    codec: [zod.string(), zod.string(), { decode: (value) => value, encode: (value) => value }],
    custom: [() => true],
    discriminatedUnion: ["t", [zod.object({ t: zod.literal("a") })]],
    enum: [["a"]],
    exactOptional: [zod.string()],
    file: [],
    intersection: [zod.object({}), zod.object({})],
    lazy: [() => zod.string()],
    literal: ["a"],
    map: [zod.string(), zod.string()],
    nonoptional: [zod.string()],
    nullable: [zod.string()],
    optional: [zod.string()],
    pipe: [zod.string(), zod.string()],
    prefault: [zod.string(), ""],
    preprocess: [(value) => value, zod.string()],
    promise: [zod.string()],
    readonly: [zod.string()],
    record: [zod.string(), zod.string()],
    refine: [() => true],
    set: [zod.string()],
    stringFormat: ["f", () => true],
    success: [zod.string()],
    templateLiteral: [["a"]],
    transform: [(value) => value],
    tuple: [[zod.string()]],
    union: [[zod.string()]],
    xor: [[zod.string()]],
};

// Classes that others are made from, and errors: no schema is an instance of one alone.
const ABSTRACT = ["ZodError", "ZodRealError", "ZodStringFormat", "ZodType"];

// zod completes its classes when they are first used, which is too late once they are frozen: each is used here.
function complete() {
    const made = new Set();
    for (const scope of [zod, zod.iso, zod.coerce]) {
        for (const [name, factory] of Object.entries(scope)) {
            if (typeof factory !== "function" || /^[A-Z]|Async$/.test(name)) continue;
            try {
                const schema = factory(...(ARGUMENTS[name] ?? []));
                if (schema?._zod) made.add(schema._zod.constr);
            } catch {
                // Not a factory of schemas; what is missing in the end is told below.
            }
        }
    }
    const isClass = (name) => /^Zod[A-Z]/.test(name) && typeof zod[name].init === "function";
    const missing = Object.keys(zod).filter((name) => isClass(name) && !made.has(zod[name]) && !ABSTRACT.includes(name));
    if (missing.length > 0) throw new Error(`zod has classes that nothing here completes: ${missing.join(", ")}`);
}

// A module's exports, and those of the modules among them, as plain properties, which can be frozen: the bundler makes getters
// of them.
function plain(exports, made) {
    // zod sets the `lastIndex` of its own regular expressions: what is frozen are others.
    if (exports instanceof RegExp) return new RegExp(exports);
    if (exports === null || typeof exports !== "object") return exports;
    const properties = Object.values(Object.getOwnPropertyDescriptors(exports));
    if (properties.length === 0 || properties.some((property) => property.get === undefined || property.set !== undefined)) {
        return exports;
    }
    if (!made.has(exports)) {
        const copy = {};
        made.set(exports, copy);
        for (const name of Object.keys(exports)) copy[name] = plain(exports[name], made);
    }
    return made.get(exports);
}

export default function install() {
    // Nothing in the realm compiles code, and zod need not try.
    zod.config({ jitless: true });
    zod.util.allowsEval.value;
    complete();
    Object.defineProperty(globalThis, "z", { value: plain(zod, new Map()), writable: true, configurable: true });
}
