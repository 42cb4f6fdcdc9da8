// Owns `Intl` and the locale-sensitive methods of numbers, dates, strings and arrays: English in full, German, French
// and Spanish, and the time zones of IANA. The default locale is en-US and the default time zone UTC, wherever the
// host is. The objects of the packages below stay in closures: a script sees only the constructors defined here.
import { arrayMethods, typedArrayMethods, typedArrayPrototype } from "./intl/array.js";
import { Collator, stringMethods } from "./intl/collator.js";
import { currencyCodes } from "./intl/data.js";
import { DateTimeFormat, dateMethods } from "./intl/date.js";
import { ListFormat } from "./intl/list.js";
import { canonicalizeList } from "./intl/locale.js";
import { Locale } from "./intl/locale-object.js";
import { bigintMethods, NumberFormat, numberMethods } from "./intl/number.js";
import { PluralRules } from "./intl/plural.js";
import { RelativeTimeFormat } from "./intl/relative-time.js";
import { timeZoneNames } from "./intl/time-zone.js";

const UNITS = [
    "acre",
    "bit",
    "byte",
    "celsius",
    "centimeter",
    "day",
    "degree",
    "fahrenheit",
    "fluid-ounce",
    "foot",
    "gallon",
    "gigabit",
    "gigabyte",
    "gram",
    "hectare",
    "hour",
    "inch",
    "kilobit",
    "kilobyte",
    "kilogram",
    "kilometer",
    "liter",
    "megabit",
    "megabyte",
    "meter",
    "microsecond",
    "mile",
    "mile-scandinavian",
    "milliliter",
    "millimeter",
    "millisecond",
    "minute",
    "month",
    "nanosecond",
    "ounce",
    "percent",
    "petabyte",
    "pound",
    "second",
    "stone",
    "terabit",
    "terabyte",
    "week",
    "yard",
    "year",
];
const SUPPORTED = {
    calendar: () => ["gregory", "iso8601"],
    collation: () => [],
    currency: currencyCodes,
    numberingSystem: () => ["latn"],
    timeZone: timeZoneNames,
    unit: () => [...UNITS],
};

const functions = {
    getCanonicalLocales(locales) {
        return canonicalizeList(locales);
    },
    supportedValuesOf(key) {
        const name = `${key}`;
        if (!Object.hasOwn(SUPPORTED, name)) throw new RangeError(`Invalid key : ${name}`);
        return SUPPORTED[name]();
    },
};

export default function install() {
    const hidden = (object, name, value) =>
        Object.defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });
    const Intl = {};
    const constructors = {
        Collator,
        DateTimeFormat,
        ListFormat,
        Locale,
        NumberFormat,
        PluralRules,
        RelativeTimeFormat,
    };
    for (const [name, value] of Object.entries({ ...functions, ...constructors })) hidden(Intl, name, value);
    Object.defineProperty(Intl, Symbol.toStringTag, {
        value: "Intl",
        writable: false,
        enumerable: false,
        configurable: true,
    });
    hidden(globalThis, "Intl", Intl);
    for (const [prototype, methods] of [
        [Number.prototype, numberMethods],
        [BigInt.prototype, bigintMethods],
        [Date.prototype, dateMethods],
        [String.prototype, stringMethods],
        [Array.prototype, arrayMethods],
        [typedArrayPrototype, typedArrayMethods],
    ]) {
        for (const [name, method] of Object.entries(methods)) hidden(prototype, name, method);
    }
    warmUp();
    return {};
}

/** What nearly every run that formats anything would do first is done once, at build. */
function warmUp() {
    (0.5).toLocaleString("en-US", { style: "currency", currency: "USD" });
    new Date(0).toLocaleString("en-US");
}
