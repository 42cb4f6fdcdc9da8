// Owns the shape of the constructors of Intl: attributes, names, lengths and tags as ECMA-402 has them.
import { canonicalizeList, supportedLocales } from "./locale.js";
import { optionsObject } from "./options.js";

const { create, defineProperty, getOwnPropertyDescriptors } = Object;

/** `supportedLocalesOf` of one constructor. */
function supportedLocalesOf() {
    return {
        supportedLocalesOf(locales) {
            const requested = canonicalizeList(locales);
            const matcher = optionsObject(arguments[1])?.localeMatcher;
            if (matcher !== undefined && !["lookup", "best fit"].includes(`${matcher}`)) {
                throw new RangeError("localeMatcher must be `lookup` or `best fit`");
            }
            return supportedLocales(requested);
        },
    }.supportedLocalesOf;
}

/** Gives a constructor what all have. Returns it. */
export function finish(constructor) {
    defineProperty(constructor, "length", { value: 0, writable: false, enumerable: false, configurable: true });
    defineProperty(constructor, "supportedLocalesOf", {
        value: supportedLocalesOf(),
        writable: true,
        enumerable: false,
        configurable: true,
    });
    const tag = `Intl.${constructor.name}`;
    defineProperty(constructor.prototype, Symbol.toStringTag, {
        value: tag,
        writable: false,
        enumerable: false,
        configurable: true,
    });
    return constructor;
}

/**
 * A constructor that works without `new` as well. `initialise` makes what an instance stands for; `of` returns it, and
 * throws for any other object. `members` holds methods and accessors of the prototype.
 */
export function callable(name, initialise, membersOf) {
    const slots = new WeakMap();
    const constructor = {
        [name]: function (locales, options) {
            const self = new.target === undefined ? create(constructor.prototype) : this;
            slots.set(self, initialise(locales, options));
            return self;
        },
    }[name];
    const of = (self) => {
        const slot = typeof self === "object" && self !== null ? slots.get(self) : undefined;
        if (slot === undefined) throw new TypeError(`this is not an Intl.${name}`);
        return slot;
    };
    const members = getOwnPropertyDescriptors(membersOf(of));
    for (const key of Object.keys(members)) {
        defineProperty(constructor.prototype, key, { ...members[key], enumerable: false });
    }
    defineProperty(constructor, "prototype", { writable: false });
    return finish(constructor);
}

/** The function that an accessor such as `format` hands out: it has no name and stays the same for an instance. */
export function boundOnce() {
    const bound = new WeakMap();
    return (self, make) => {
        let method = bound.get(self);
        if (method === undefined) {
            method = make();
            defineProperty(method, "name", { value: "", writable: false, enumerable: false, configurable: true });
            bound.set(self, method);
        }
        return method;
    };
}
