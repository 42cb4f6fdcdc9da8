// Owns the formatters behind Intl.DateTimeFormat: options to a pattern, and a moment to the parts of a pattern.
import { fieldsOf } from "./calendar.js";
import { section } from "./data.js";
import {
    bestPattern,
    candidatesOf,
    fieldsOfSkeleton,
    glue,
    joinPattern,
    splitPattern,
    withDayPeriod,
} from "./date-pattern.js";
import { formatRangeParts } from "./date-range.js";
import { canonicalizeList, negotiate } from "./locale.js";
import { BOOLEAN, Cache, localesKey, NUMBER, optionsObject, readOptions, shapeOf, STRING } from "./options.js";
import { timeZone } from "./time-zone.js";
import { zoneName } from "./zone-name.js";

const WIDTHS = ["narrow", "short", "long"];
const DIGITS = ["2-digit", "numeric"];
const STYLES = ["full", "long", "medium", "short"];
const HOUR_CYCLES = ["h11", "h12", "h23", "h24"];
const COMPONENTS = {
    weekday: WIDTHS,
    era: WIDTHS,
    year: DIGITS,
    month: ["2-digit", "numeric", ...WIDTHS],
    day: DIGITS,
    dayPeriod: WIDTHS,
    hour: DIGITS,
    minute: DIGITS,
    second: DIGITS,
    fractionalSecondDigits: fractionDigits,
    timeZoneName: ["short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"],
};
const SHAPE = shapeOf({
    localeMatcher: ["lookup", "best fit"],
    calendar: STRING,
    numberingSystem: STRING,
    hour12: BOOLEAN,
    hourCycle: HOUR_CYCLES,
    timeZone: STRING,
    ...COMPONENTS,
    formatMatcher: ["basic", "best fit"],
    dateStyle: STYLES,
    timeStyle: STYLES,
});
const DATE_COMPONENTS = ["weekday", "year", "month", "day"];
const TIME_COMPONENTS = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];
const LENGTHS = {
    E: { short: 3, long: 4, narrow: 5 },
    G: { short: 1, long: 4, narrow: 5 },
    y: { numeric: 1, "2-digit": 2 },
    M: { numeric: 1, "2-digit": 2, short: 3, long: 4, narrow: 5 },
    d: { numeric: 1, "2-digit": 2 },
    B: { short: 1, long: 4, narrow: 5 },
};
const LETTERS = { weekday: "E", era: "G", year: "y", month: "M", day: "d", minute: "m", second: "s" };
const ZONE_FIELDS = {
    short: { letter: "z", length: 1 },
    long: { letter: "z", length: 4 },
    shortOffset: { letter: "O", length: 1 },
    longOffset: { letter: "O", length: 4 },
    shortGeneric: { letter: "v", length: 1 },
    longGeneric: { letter: "v", length: 4 },
};
const CYCLE_LETTERS = { h11: "K", h12: "h", h23: "H", h24: "k" };
const TIME_VALUE_MAX = 8.64e15;

function fractionDigits(value) {
    const digits = NUMBER(value);
    if (!(digits >= 1 && digits <= 3)) throw new RangeError("fractionalSecondDigits value is out of range.");
    return Math.floor(digits);
}

const cache = new Cache();

/**
 * The formatter for these arguments. `required` and `defaults` are those of ECMA-402: which components count (`date`,
 * `time`, `any`), and which stand in when none of them is asked for.
 */
export function dateFormatter(locales, options, required = "any", defaults = "date") {
    const localesText = localesKey(locales);
    const requested = localesText === undefined ? canonicalizeList(locales) : undefined;
    const { values, key } = readOptions(optionsObject(options), SHAPE);
    const fullKey = `${localesText ?? requested.join(",")}\u0001${required}${defaults}\u0001${key}`;
    const known = cache.get(fullKey);
    if (known !== undefined) return known;
    return cache.set(fullKey, new Formatter(requested ?? canonicalizeList(locales), values, required, defaults));
}

const candidates = new Map();
function patternCandidates(dataLocale, data) {
    let list = candidates.get(dataLocale);
    if (list === undefined) candidates.set(dataLocale, (list = candidatesOf(data)));
    return list;
}

function withDefaults(values, required, defaults) {
    const counted = { date: DATE_COMPONENTS, time: TIME_COMPONENTS, any: [...DATE_COMPONENTS, ...TIME_COMPONENTS] }[
        required
    ];
    const { dateStyle, timeStyle } = values;
    if (dateStyle !== undefined || timeStyle !== undefined) {
        const component = Object.keys(COMPONENTS).find((name) => values[name] !== undefined);
        const style = dateStyle === undefined ? "timeStyle" : "dateStyle";
        if (component !== undefined) throw new TypeError(`Can't set option ${component} when ${style} is used`);
        if (required === "date" && timeStyle !== undefined) throw new TypeError("Invalid option : timeStyle");
        if (required === "time" && dateStyle !== undefined) throw new TypeError("Invalid option : dateStyle");
        return values;
    }
    if (counted.some((name) => values[name] !== undefined)) return values;
    const added = { date: ["year", "month", "day"], time: ["hour", "minute", "second"] };
    const names = defaults === "all" ? [...added.date, ...added.time] : added[defaults];
    return { ...values, ...Object.fromEntries(names.map((name) => [name, "numeric"])) };
}

function hourCycleOf(values, fromTag, data) {
    if (values.hour12 === true) return data.hourCycle === "h11" ? "h11" : "h12";
    if (values.hour12 === false) return "h23";
    return values.hourCycle ?? fromTag ?? data.hourCycle;
}

/** The fields that components ask for. */
function fieldsOfComponents(values, letter) {
    const fields = {};
    for (const [name, kind] of Object.entries(LETTERS)) {
        if (values[name] === undefined) continue;
        fields[kind] = { letter: kind, length: LENGTHS[kind]?.[values[name]] ?? (values[name] === "2-digit" ? 2 : 1) };
    }
    if (values.hour !== undefined) {
        fields.H = {
            letter: letter === "K" ? "h" : letter === "k" ? "H" : letter,
            length: values.hour === "2-digit" ? 2 : 1,
        };
    }
    if (values.dayPeriod !== undefined && fields.H?.letter !== "H") {
        fields.B = { letter: "B", length: LENGTHS.B[values.dayPeriod] };
    }
    if (values.timeZoneName !== undefined) fields.z = ZONE_FIELDS[values.timeZoneName];
    return withDayPeriod(fields);
}

class Formatter {
    constructor(requested, read, required, defaults) {
        if (read.calendar !== undefined && !/^[a-z0-9]{3,8}(-[a-z0-9]{3,8})*$/i.test(read.calendar)) {
            throw new RangeError(`Invalid calendar : ${read.calendar}`);
        }
        const values = withDefaults(read, required, defaults);
        const { locale, dataLocale, hc, ca } = negotiate(
            requested,
            { ca: ["gregory", "iso8601"], hc: HOUR_CYCLES, nu: ["latn"] },
            { ca: values.calendar?.toLowerCase(), hc: values.hour12 === undefined ? values.hourCycle : undefined },
        );
        this.locale = locale;
        this.dataLocale = dataLocale;
        this.calendar = ca ?? "gregory";
        this.data = section(dataLocale, "date");
        this.candidates = patternCandidates(dataLocale, this.data);
        this.zone = timeZone(values.timeZone);
        this.values = values;
        this.hourCycle = hourCycleOf(values, hc, this.data);
        const letter = CYCLE_LETTERS[this.hourCycle];
        this.hourLetter = letter;
        this.decimal = section(dataLocale, "number").symbols.latn.decimal;
        const { dateStyle, timeStyle } = values;
        const styled = dateStyle !== undefined || timeStyle !== undefined;
        this.fields = styled ? undefined : fieldsOfComponents(values, letter);
        this.pattern = this.finishPattern(
            styled ? this.stylePattern(dateStyle, timeStyle, letter) : this.componentPattern(),
        );
        this.parts = splitPattern(this.pattern);
        // What is one string has an ordinary space before AM and PM, as the engines that models know print it; parts
        // do not.
        this.plainParts = this.parts.map((part) =>
            part.literal === undefined ? part : { literal: part.literal.replaceAll("\u202f", " ") },
        );
        this.fields ??= fieldsOfSkeleton(this.pattern);
    }

    componentPattern() {
        const { fractionalSecondDigits } = this.values;
        if (Object.keys(this.fields).length === 0) return "S".repeat(fractionalSecondDigits);
        return bestPattern(this.fields, this.candidates, this.data);
    }

    stylePattern(dateStyle, timeStyle, letter) {
        const { dateFormat, timeFormat } = this.data;
        const date = dateStyle === undefined ? undefined : dateFormat[dateStyle];
        if (timeStyle === undefined) return date;
        let time = timeFormat[timeStyle];
        const fields = fieldsOfSkeleton(time);
        const isTwelve = letter === "h" || letter === "K";
        if (isTwelve !== (fields.H.letter === "h")) {
            const { B: _, ...rest } = fields;
            const wanted = withDayPeriod({ ...rest, H: { letter: isTwelve ? "h" : "H", length: 1 } });
            time = bestPattern(wanted, this.candidates, this.data);
        }
        return date === undefined ? time : glue(date, time, dateStyle, this.data);
    }

    /** The letter of the hour cycle, and fractions of a second, which no pattern of CLDR has. */
    finishPattern(pattern) {
        const letter = CYCLE_LETTERS[this.hourCycle];
        const { fractionalSecondDigits } = this.values;
        const parts = splitPattern(pattern).flatMap((part) => {
            if (part.letter === undefined) return [part];
            if ("hHkK".includes(part.letter)) return [{ ...part, letter }];
            if (part.letter !== "s" || fractionalSecondDigits === undefined) return [part];
            return [part, { literal: this.decimal }, { letter: "S", length: fractionalSecondDigits }];
        });
        return joinPattern(parts);
    }

    /** A time value; throws for what is no time. */
    static timeOf(value) {
        const time = typeof value === "number" ? value : +value;
        if (!(time >= -TIME_VALUE_MAX && time <= TIME_VALUE_MAX)) throw new RangeError("Invalid time value");
        return Math.trunc(time) + 0;
    }

    localFields(time) {
        const { offset, daylight } = this.zone.at(Math.floor(time / 1000));
        return { ...fieldsOf(time + offset * 1000), offset, daylight };
    }

    format(value) {
        const fields = this.localFields(Formatter.timeOf(value));
        let result = "";
        for (const part of this.plainParts) result += part.literal ?? this.fieldText(part, fields);
        return result;
    }

    partsOf(value) {
        return this.partsOfPattern(this.parts, this.localFields(Formatter.timeOf(value)));
    }

    partsOfPattern(parts, fields) {
        return parts.map((part) =>
            part.literal === undefined
                ? { type: PART_TYPES[part.letter], value: this.fieldText(part, fields) }
                : { type: "literal", value: part.literal },
        );
    }

    /** The pattern for other fields than this formatter's. */
    patternFor(fields) {
        return splitPattern(this.finishPattern(bestPattern(fields, this.candidates, this.data)));
    }

    rangeParts(start, end) {
        if (start === undefined || end === undefined) throw new TypeError("startDate or endDate cannot be undefined");
        return formatRangeParts(
            this,
            this.localFields(Formatter.timeOf(start)),
            this.localFields(Formatter.timeOf(end)),
        );
    }

    fieldText({ letter, length }, fields) {
        const { data } = this;
        switch (letter) {
            case "G":
                return data.era[width(length)][fields.year > 0 ? "AD" : "BC"];
            case "y":
                return yearText(fields.year > 0 ? fields.year : 1 - fields.year, length);
            case "M":
                return length < 3 ? padded(fields.month + 1, length) : data.month[width(length)][fields.month];
            case "L":
                return length < 3
                    ? padded(fields.month + 1, length)
                    : data.monthStandalone[width(length)][fields.month];
            case "d":
                return padded(fields.day, length);
            case "E":
                return data.weekday[width(length)][fields.weekday];
            case "c":
                return data.weekdayStandalone[width(length)][fields.weekday];
            case "a":
                return fields.hour < 12 ? data.am : data.pm;
            case "B":
                return dayPeriod(data, fields, width(length));
            case "h":
                return padded(fields.hour % 12 === 0 ? 12 : fields.hour % 12, length);
            case "K":
                return padded(fields.hour % 12, length);
            case "H":
                return padded(fields.hour, length);
            case "k":
                return padded(fields.hour === 0 ? 24 : fields.hour, length);
            case "m":
                return padded(fields.minute, length);
            case "s":
                return padded(fields.second, length);
            case "S":
                return padded(fields.millisecond, 3).slice(0, length);
            default:
                return zoneName(this, letter, length, fields);
        }
    }

    resolvedOptions() {
        const resolved = {
            locale: this.locale,
            calendar: this.calendar,
            numberingSystem: "latn",
            timeZone: this.zone.id,
        };
        if (this.parts.some((part) => "hHkK".includes(part.letter ?? " "))) {
            resolved.hourCycle = this.hourCycle;
            resolved.hour12 = this.hourCycle === "h11" || this.hourCycle === "h12";
        }
        const { dateStyle, timeStyle, timeZoneName } = this.values;
        if (dateStyle === undefined && timeStyle === undefined) {
            const shown = {};
            for (const { letter, length } of this.parts) {
                const name = OPTION_NAMES[letter];
                if (name !== undefined) shown[name] = optionValue(name, length);
            }
            if (timeZoneName !== undefined) shown.timeZoneName = timeZoneName;
            for (const name of Object.keys(COMPONENTS)) if (shown[name] !== undefined) resolved[name] = shown[name];
        }
        if (dateStyle !== undefined) resolved.dateStyle = dateStyle;
        if (timeStyle !== undefined) resolved.timeStyle = timeStyle;
        return resolved;
    }
}

const PART_TYPES = {
    G: "era",
    y: "year",
    M: "month",
    L: "month",
    d: "day",
    E: "weekday",
    c: "weekday",
    e: "weekday",
    a: "dayPeriod",
    B: "dayPeriod",
    h: "hour",
    K: "hour",
    H: "hour",
    k: "hour",
    m: "minute",
    s: "second",
    S: "fractionalSecond",
    z: "timeZoneName",
    v: "timeZoneName",
    O: "timeZoneName",
};
const OPTION_NAMES = {
    G: "era",
    y: "year",
    M: "month",
    L: "month",
    d: "day",
    E: "weekday",
    c: "weekday",
    B: "dayPeriod",
    h: "hour",
    K: "hour",
    H: "hour",
    k: "hour",
    m: "minute",
    s: "second",
    S: "fractionalSecondDigits",
};

const width = (length) => (length === 4 ? "long" : length === 5 ? "narrow" : "short");

function optionValue(name, length) {
    if (name === "fractionalSecondDigits") return length;
    const isName = name === "era" || name === "weekday" || name === "dayPeriod" || (name === "month" && length > 2);
    return isName ? width(length) : length === 2 ? "2-digit" : "numeric";
}

function padded(number, length) {
    const text = `${number}`;
    return text.length >= length ? text : text.padStart(length, "0");
}

function yearText(year, length) {
    return length === 2 ? padded(year % 100, 2) : padded(year, length);
}

/** "in the morning", "noon": the rules of CLDR are in milliseconds of the day. */
function dayPeriod({ dayPeriods, dayPeriodRules, am, pm }, fields, widthName) {
    const time = ((fields.hour * 60 + fields.minute) * 60 + fields.second) * 1000;
    const rule =
        dayPeriodRules.find((each) => each.at === time) ??
        dayPeriodRules.find(
            ({ from, before }) =>
                from !== undefined && (from < before ? time >= from && time < before : time >= from || time < before),
        );
    return dayPeriods[widthName][rule?.name] ?? (fields.hour < 12 ? am : pm);
}
