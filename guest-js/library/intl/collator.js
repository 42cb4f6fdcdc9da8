// Owns Intl.Collator as scripts see it, and `String.prototype.localeCompare`.
import { boundOnce, callable } from "./class.js";
import { compareAscii, comparison } from "./collation.js";
import { canonicalizeList, languageOf, negotiate } from "./locale.js";
import { BOOLEAN, Cache, localesKey, optionsObject, readOptions, shapeOf, STRING } from "./options.js";

const SHAPE = shapeOf({
    usage: ["sort", "search"],
    localeMatcher: ["lookup", "best fit"],
    collation: STRING,
    numeric: BOOLEAN,
    caseFirst: ["upper", "lower", "false"],
    sensitivity: ["base", "accent", "case", "variant"],
    ignorePunctuation: BOOLEAN,
});

const cache = new Cache();
const bound = boundOnce();
const compareByDefault = comparison({
    sensitivity: "variant",
    numeric: false,
    ignorePunctuation: false,
    caseFirst: "false",
});

function collator(locales, options) {
    const localesText = localesKey(locales);
    const requested = localesText === undefined ? canonicalizeList(locales) : undefined;
    const { values, key } = readOptions(optionsObject(options), SHAPE);
    const fullKey = `${localesText ?? requested.join(",")}\u0001${key}`;
    return cache.get(fullKey) ?? cache.set(fullKey, create(requested ?? canonicalizeList(locales), values));
}

function create(requested, values) {
    const asked = { kn: values.numeric === undefined ? undefined : `${values.numeric}`, kf: values.caseFirst };
    const { locale, dataLocale, kn, kf } = negotiate(
        requested,
        { kf: ["upper", "lower", "false"], kn: ["true", "false"] },
        asked,
    );
    const resolved = {
        locale,
        usage: values.usage ?? "sort",
        sensitivity: values.sensitivity ?? "variant",
        ignorePunctuation: values.ignorePunctuation ?? false,
        collation: "default",
        numeric: kn === "true",
        caseFirst: kf ?? "false",
    };
    return { resolved, compare: comparison({ ...resolved, isSpanish: languageOf(dataLocale) === "es" }) };
}

export const Collator = callable("Collator", collator, (of) => ({
    get compare() {
        const { compare } = of(this);
        return bound(this, () => (x, y) => compare(`${x}`, `${y}`));
    },
    resolvedOptions() {
        return { ...of(this).resolved };
    },
}));

export const stringMethods = {
    localeCompare(that) {
        if (this === undefined || this === null) {
            throw new TypeError("String.prototype.localeCompare called on null or undefined");
        }
        const [a, b] = [`${this}`, `${that}`];
        if (arguments[1] === undefined && arguments[2] === undefined) {
            return compareAscii(a, b) ?? compareByDefault(a, b);
        }
        return collator(arguments[1], arguments[2]).compare(a, b);
    },
};
