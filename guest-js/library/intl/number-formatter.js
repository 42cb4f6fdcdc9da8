// Owns the formatters behind Intl.NumberFormat: the number engine of formatjs, and in front of it a quick way for the
// plain cases (decimal, percent, currency; fraction digits; half-expand). What the quick way puts around and between
// the digits it learns from the engine.
import { NumberFormat as Engine } from "@formatjs/intl-numberformat";
import { currency, section } from "./data.js";
import { fixedText, group } from "./digits.js";
import { canonicalizeList, negotiate } from "./locale.js";
import { Cache, localesKey, NUMBER, optionsObject, readOptions, shapeOf, STRING } from "./options.js";

/** So that a cached text of digits cannot be asked of numbers that are written with an exponent. */
const PLAIN_NUMBER_MAX = 1e21;
const FRACTION_DIGITS_MAX = 400;

/** How the two values that are no texts are kept in the key of the cache. */
const GROUPING = { true: true, "": false };

function grouping(value) {
    if (value === true || value === "true") return "true";
    if (value === false || value === "false" || !value) return value === "false" ? "true" : "";
    const text = `${value}`;
    if (!["min2", "auto", "always"].includes(text)) {
        throw new RangeError(`Value ${text} out of range for Intl.NumberFormat options property useGrouping`);
    }
    return text;
}

export const DIGIT_OPTIONS = {
    minimumIntegerDigits: NUMBER,
    minimumFractionDigits: NUMBER,
    maximumFractionDigits: NUMBER,
    minimumSignificantDigits: NUMBER,
    maximumSignificantDigits: NUMBER,
    roundingIncrement: NUMBER,
    roundingMode: ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"],
    roundingPriority: ["auto", "morePrecision", "lessPrecision"],
    trailingZeroDisplay: ["auto", "stripIfInteger"],
};
const SHAPE = shapeOf({
    localeMatcher: ["lookup", "best fit"],
    numberingSystem: STRING,
    style: ["decimal", "percent", "currency", "unit"],
    currency: STRING,
    currencyDisplay: ["code", "symbol", "narrowSymbol", "name"],
    currencySign: ["standard", "accounting"],
    unit: STRING,
    unitDisplay: ["short", "narrow", "long"],
    notation: ["standard", "scientific", "engineering", "compact"],
    ...DIGIT_OPTIONS,
    compactDisplay: ["short", "long"],
    useGrouping: grouping,
    signDisplay: ["auto", "never", "always", "exceptZero", "negative"],
});

function engineData(dataLocale) {
    const known = Engine.localeData[dataLocale];
    if (known !== undefined) return known;
    const data = {
        nu: ["latn"],
        numbers: section(dataLocale, "number"),
        currencies: {},
        get units() {
            return section(dataLocale, "units");
        },
    };
    Engine.localeData[dataLocale] = data;
    return data;
}

const cache = new Cache();
/** Formatters that other formatters ask for. */
const internal = new Cache();

/** The formatter for these arguments of a constructor. Reads each option once. */
export function numberFormatter(locales, options) {
    const localesText = localesKey(locales);
    const requested = localesText === undefined ? canonicalizeList(locales) : undefined;
    const { values, key } = readOptions(optionsObject(options), SHAPE);
    const fullKey = `${localesText ?? requested.join(",")}\u0001${key}`;
    return cache.get(fullKey) ?? cache.set(fullKey, new Formatter(requested ?? canonicalizeList(locales), values));
}

/** For a supported locale and options of our own. */
export function internalNumberFormatter(locale, options) {
    const key = `${locale}\u0001${JSON.stringify(options)}`;
    return internal.get(key) ?? internal.set(key, new Formatter([locale], options));
}

function learn(engine, options, minimumGroupingDigits) {
    const { style, currencyDisplay, useGrouping } = options;
    const quick =
        (style === "decimal" || style === "percent" || (style === "currency" && currencyDisplay !== "name")) &&
        options.notation === "standard" &&
        options.signDisplay === "auto" &&
        options.minimumIntegerDigits === 1 &&
        options.roundingMode === "halfExpand" &&
        options.roundingIncrement === 1 &&
        options.trailingZeroDisplay === "auto" &&
        options.roundingPriority === "auto" &&
        options.maximumSignificantDigits === undefined &&
        useGrouping !== "min2";
    if (!quick) return undefined;
    const positive = engine.formatToParts(123456789.5);
    const negative = engine.formatToParts(-123456789.5);
    const number = (part) => ["integer", "group", "decimal", "fraction"].includes(part.type);
    const before = (parts) =>
        parts
            .slice(0, parts.findIndex(number))
            .map((part) => part.value)
            .join("");
    const after = (parts) =>
        parts
            .slice(parts.findLastIndex(number) + 1)
            .map((part) => part.value)
            .join("");
    const groups = positive.filter((part) => part.type === "integer").map((part) => part.value.length);
    const [secondary, primary] = groups.length > 1 ? groups.slice(-2) : [1, Infinity];
    return {
        shift: style === "percent" ? 2 : 0,
        fractionMin: options.minimumFractionDigits,
        fractionMax: options.maximumFractionDigits,
        separator: positive.find((part) => part.type === "group")?.value,
        decimal: positive.find((part) => part.type === "decimal")?.value,
        primary,
        secondary,
        groupFrom: primary + (useGrouping === "always" ? 1 : minimumGroupingDigits),
        positive: [before(positive), after(positive)],
        negative: [before(negative), after(negative)],
    };
}

class Formatter {
    #engine;
    #quick;
    #minimumGroupingDigits;
    #learned = false;
    /** The engine forgets the sign of a compact percentage, so it formats a unit of that name. */
    #isCompactPercent;
    #options;

    constructor(requested, values) {
        const { locale, dataLocale } = negotiate(requested, { nu: ["latn"] });
        const data = engineData(dataLocale);
        if (values.style === "currency" && values.currency === undefined) {
            throw new TypeError("Currency code is required with currency style.");
        }
        const code = values.currency?.toUpperCase();
        if (code !== undefined && /^[A-Z]{3}$/.test(code) && !Object.hasOwn(data.currencies, code)) {
            const known = currency(dataLocale, code);
            if (known !== undefined) data.currencies[code] = known;
        }
        const given = { ...values, useGrouping: GROUPING[values.useGrouping] ?? values.useGrouping };
        this.#isCompactPercent = values.style === "percent" && values.notation === "compact";
        if (this.#isCompactPercent) Object.assign(given, { style: "unit", unit: "percent", unitDisplay: "narrow" });
        this.#engine = new Engine(locale, given);
        this.#options = this.#engine.resolvedOptions();
        if (this.#isCompactPercent) {
            const { unit: _unit, unitDisplay: _unitDisplay, ...rest } = this.#options;
            this.#options = { ...rest, style: "percent" };
        }
        this.#minimumGroupingDigits = data.numbers.minimumGroupingDigits;
        this.locale = locale;
        this.dataLocale = dataLocale;
    }

    resolvedOptions() {
        return { ...this.#options };
    }

    /** For a number or a bigint quickly; for anything else as the engine does. */
    format(value) {
        const type = typeof value;
        if (this.#isCompactPercent) return this.#engine.format(this.#given(value));
        if (type !== "number" && type !== "bigint") return this.#engine.format(numeric(value));
        const isPlain = type === "bigint" || (value < PLAIN_NUMBER_MAX && value > -PLAIN_NUMBER_MAX);
        if (!isPlain) return this.#engine.format(value);
        if (!this.#learned) {
            this.#quick = learn(this.#engine, this.#options, this.#minimumGroupingDigits);
            this.#learned = true;
        }
        if (this.#quick === undefined) return this.#engine.format(value);
        return formatQuickly(value, this.#quick);
    }

    formatToParts(value) {
        return this.#percentParts(this.#engine.formatToParts(this.#given(value)));
    }

    formatRange(start, end) {
        return this.#engine.formatRange(this.#given(rangeNumeric(start)), this.#given(rangeNumeric(end)));
    }

    formatRangeToParts(start, end) {
        return this.#percentParts(
            this.#engine.formatRangeToParts(this.#given(rangeNumeric(start)), this.#given(rangeNumeric(end))),
        );
    }

    #given(value) {
        const number = numeric(value);
        return this.#isCompactPercent ? hundredfold(number) : number;
    }

    #percentParts(parts) {
        if (!this.#isCompactPercent) return parts;
        return parts.map((part) => (part.type === "unit" ? { ...part, type: "percentSign" } : part));
    }
}

/** Exactly, on the digits: 100 times 1.1 is 110.00000000000001 otherwise. */
function hundredfold(number) {
    if (typeof number === "bigint") return number * 100n;
    if (typeof number === "number" && (!Number.isFinite(number) || number === 0)) return number;
    const text = `${number}`.replace("+", (sign, at) => (at === 0 ? "" : sign));
    const isNegative = text.startsWith("-");
    const digits = fixedText(isNegative ? text.slice(1) : text, 2, 0, FRACTION_DIGITS_MAX);
    return isNegative ? `-${digits}` : digits;
}

function formatQuickly(value, quick) {
    const isNegative = value < 0 || Object.is(value, -0);
    const text = isNegative ? `${-value}` : `${value}`;
    const digits = fixedText(text, quick.shift, quick.fractionMin, quick.fractionMax);
    const dot = digits.indexOf(".");
    let integer = dot < 0 ? digits : digits.slice(0, dot);
    if (integer.length >= quick.groupFrom) integer = group(integer, quick.separator, quick.primary, quick.secondary);
    const [before, after] = isNegative ? quick.negative : quick.positive;
    return dot < 0 ? before + integer + after : before + integer + quick.decimal + digits.slice(dot + 1) + after;
}

const NUMERIC_TEXT_LENGTH_MAX = 400;

/** What a script passes, as a number, a bigint, or a text that is a number with more digits than a number has. */
function numeric(value) {
    if (typeof value === "number" || typeof value === "bigint") return value;
    const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
    const primitive = isObject ? toPrimitive(value) : value;
    if (typeof primitive === "bigint") return primitive;
    if (typeof primitive !== "string") return +primitive;
    const trimmed = primitive.trim();
    const exact = trimmed.length <= NUMERIC_TEXT_LENGTH_MAX && /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(trimmed);
    return exact ? trimmed : +primitive;
}

function toPrimitive(value) {
    const exotic = value[Symbol.toPrimitive];
    if (exotic === undefined || exotic === null) {
        for (const name of ["valueOf", "toString"]) {
            const method = value[name];
            const result = typeof method === "function" ? Reflect.apply(method, value, []) : value;
            if (result === null || (typeof result !== "object" && typeof result !== "function")) return result;
        }
    } else {
        const result = Reflect.apply(exotic, value, ["number"]);
        if (result === null || (typeof result !== "object" && typeof result !== "function")) return result;
    }
    throw new TypeError("Cannot convert object to primitive value");
}

function rangeNumeric(value) {
    if (value === undefined) throw new TypeError("start or end of a range is undefined");
    const number = numeric(value);
    if (Number.isNaN(number)) throw new RangeError("start or end of a range is not a number");
    return number;
}

const PLAIN = {
    shift: 0,
    fractionMin: 0,
    fractionMax: 3,
    separator: ",",
    decimal: ".",
    primary: 3,
    secondary: 3,
    groupFrom: 4,
    positive: ["", ""],
    negative: ["-", ""],
};

/** A number in the default locale without options: what `toLocaleString()` gives. */
export function formatPlainNumber(value) {
    if (value < PLAIN_NUMBER_MAX && value > -PLAIN_NUMBER_MAX) return formatQuickly(value, PLAIN);
    return numberFormatter(undefined, undefined).format(value);
}
