// Owns how options are read: each property once, in the order of ECMA-402, coerced at once; and a cache of what was
// built from them, so that `toLocaleString` in a loop builds nothing.

const { create } = Object;

/** The options argument of a constructor, as ECMA-402 coerces it. */
export function optionsObject(options) {
    if (options === undefined) return undefined;
    if (options === null) throw new TypeError("Cannot convert undefined or null to object");
    return Object(options);
}

/** For the constructors that were added later: they take only objects. */
export function strictOptionsObject(options) {
    if (options === undefined) return undefined;
    if (options === null || (typeof options !== "object" && typeof options !== "function")) {
        throw new TypeError("Options must be an object");
    }
    return options;
}

const stringOf = (value) => `${value}`;
/** How the values of a property are read. An array lists the strings that are allowed. */
export const STRING = stringOf;
export const BOOLEAN = (value) => !!value;
export const NUMBER = (value) => +value;

/**
 * Reads the properties that `shape` lists. Returns the values that are there, and a text that is the same for the same
 * values. A value that is not allowed is a RangeError, as it is for every engine.
 */
export function readOptions(options, shape) {
    const values = create(null);
    if (options === undefined) return { values, key: "" };
    let key = "";
    for (let i = 0; i < shape.length; i++) {
        const { name, type } = shape[i];
        const raw = options[name];
        if (raw === undefined) continue;
        const value = typeof type === "function" ? type(raw, name) : stringOf(raw);
        if (typeof type !== "function" && !type.includes(value)) {
            throw new RangeError(`Value ${value} out of range for Intl options property ${name}`);
        }
        values[name] = value;
        key += `${i}:${value}\u0000`;
    }
    return { values, key };
}

export function shapeOf(entries) {
    return Object.entries(entries).map(([name, type]) => ({ name, type }));
}

const CACHE_ENTRIES_MAX = 48;

/** A bounded map from text to what `build` makes. The oldest entry gives way. */
export class Cache {
    #entries = new Map();

    get(key) {
        return this.#entries.get(key);
    }

    set(key, value) {
        if (this.#entries.size >= CACHE_ENTRIES_MAX) {
            for (const oldest of this.#entries.keys()) {
                this.#entries.delete(oldest);
                break;
            }
        }
        this.#entries.set(key, value);
        return value;
    }
}

/** A text for the locales argument when it is the usual one; otherwise its canonical list decides. */
export function localesKey(locales) {
    return typeof locales === "string" ? locales : locales === undefined ? "" : undefined;
}
