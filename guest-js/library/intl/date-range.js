// Owns ranges of dates: the interval pattern of CLDR for the greatest field that differs, or both ends in full.
import { adjust, fieldsOfSkeleton, nearest, splitPattern } from "./date-pattern.js";

/** Fields from the greatest; `a` stands for the half of the day. */
const DIFFERENCES = ["G", "y", "M", "d", "a", "h", "m", "s", "S"];

const VALUES = {
    G: (fields) => fields.year > 0,
    y: (fields) => fields.year,
    M: (fields) => fields.month,
    d: (fields) => fields.day,
    a: (fields) => fields.hour < 12,
    h: (fields) => fields.hour,
    m: (fields) => fields.minute,
    s: (fields) => fields.second,
    S: (fields) => fields.millisecond,
};
/** The kinds of field that show a difference. */
const SHOWN_BY = { G: "G", y: "y", M: "M", d: "dE", a: "aBhHkK", h: "hHkK", m: "m", s: "s", S: "S" };

/** Parts with `source`, of two moments whose fields are local already. */
export function formatRangeParts(formatter, start, end) {
    const difference = DIFFERENCES.find((name) => VALUES[name](start) !== VALUES[name](end));
    if (difference === undefined) return sourced(formatter.partsOfPattern(formatter.parts, start), "shared");
    const wider = widened(formatter.fields, difference);
    if (wider === undefined) {
        return isShown(formatter, start, end)
            ? ends(formatter, formatter.fields, difference, start, end)
            : sourced(formatter.partsOfPattern(formatter.parts, start), "shared");
    }
    return ends(formatter, wider, difference, start, end, formatter.patternFor(wider));
}

function isShown({ parts }, start, end) {
    return DIFFERENCES.some(
        (name) =>
            VALUES[name](start) !== VALUES[name](end) &&
            parts.some((part) => part.letter && SHOWN_BY[name].includes(part.letter)),
    );
}

/**
 * The fields with those that it takes to tell the two ends apart: a time of day needs the date when the days differ.
 */
function widened(fields, difference) {
    const isDateDifference = DIFFERENCES.indexOf(difference) < DIFFERENCES.indexOf("a");
    const hasDate = ["G", "y", "M", "E", "d"].some((kind) => fields[kind] !== undefined);
    const numeric = (letter) => ({ letter, length: 1 });
    if (!isDateDifference || difference === "G") return undefined;
    if (!hasDate) return { y: numeric("y"), M: numeric("M"), d: numeric("d"), ...fields };
    if (fields.d === undefined || fields[difference] !== undefined) return undefined;
    const month = fields.M ?? numeric("M");
    return difference === "y" ? { y: numeric("y"), ...fields, M: month } : { ...fields, M: month };
}

function ends(formatter, fields, difference, start, end, parts = formatter.parts) {
    const isTimeOnly = DIFFERENCES.indexOf(difference) >= DIFFERENCES.indexOf("a");
    const { date, time } = halves(fields);
    if (date !== undefined && time !== undefined) {
        const interval = isTimeOnly ? intervalPattern(formatter, time, difference) : undefined;
        return interval === undefined
            ? inFull(formatter, parts, start, end)
            : joinDate(formatter, interval, start, end);
    }
    const interval = intervalPattern(formatter, fields, difference);
    return interval === undefined
        ? inFull(formatter, parts, start, end)
        : intervalParts(formatter, interval, start, end);
}

function sourced(parts, source) {
    return parts.map((part) => ({ ...part, source }));
}

function halves(fields) {
    const names = Object.keys(fields);
    const pick = (accept) => {
        const some = names.filter(accept);
        return some.length === 0 ? undefined : Object.fromEntries(some.map((name) => [name, fields[name]]));
    };
    const isDate = (name) => "GyMEd".includes(name);
    return { date: pick(isDate), time: pick((name) => !isDate(name)) };
}

/** The pattern for these fields and this difference, or undefined when CLDR has none. */
function intervalPattern({ data }, fields, difference) {
    const { intervalFormatFallback: _, ...available } = data.intervals;
    const candidates = Object.entries(available).map(([skeleton, patterns]) => ({
        fields: fieldsOfSkeleton(skeleton),
        patterns,
    }));
    const { best, missing, hasExtra } = nearest(fields, candidates);
    if (missing.length > 0 || hasExtra) return undefined;
    const name = difference === "h" && fields.H?.letter === "H" ? "H" : difference;
    const pattern = best.patterns[name] ?? (name === "a" && fields.H?.letter === "H" ? best.patterns.H : undefined);
    return pattern === undefined ? undefined : adjust(pattern, best.fields, fields);
}

/** The second half begins where a field comes again. */
function splitInterval(pattern, formatter) {
    const parts = splitPattern(pattern).map((part) =>
        "hHkK".includes(part.letter ?? " ") ? { ...part, letter: formatter.hourLetter } : part,
    );
    const seen = new Set();
    const again = parts.findIndex((part) => {
        const kind = part.letter && (part.letter === "L" ? "M" : part.letter);
        if (kind === undefined) return false;
        if (seen.has(kind)) return true;
        seen.add(kind);
        return false;
    });
    return { first: parts.slice(0, again), second: parts.slice(again) };
}

function intervalParts(formatter, pattern, start, end) {
    const { first, second } = splitInterval(pattern, formatter);
    const separator = first.at(-1)?.literal === undefined ? [] : [first.pop()];
    const secondLetters = new Set(second.map((part) => part.letter));
    const firstLetters = new Set(first.map((part) => part.letter));
    // What stands in one half only belongs to both.
    const isShared = (part, others) => part.letter !== undefined && !others.has(part.letter);
    const half = (parts, fields, source, others) => {
        const formatted = formatter.partsOfPattern(parts, fields);
        const lastOwn = parts.findLastIndex((part) => part.letter !== undefined && !isShared(part, others));
        const firstOwn = parts.findIndex((part) => part.letter !== undefined && !isShared(part, others));
        return formatted.map((part, i) => ({ ...part, source: i >= firstOwn && i <= lastOwn ? source : "shared" }));
    };
    return [
        ...half(first, start, "startRange", secondLetters),
        ...sourced(formatter.partsOfPattern(separator, start), "shared"),
        ...half(second, end, "endRange", firstLetters),
    ];
}

function fallbackSeparator({ data }) {
    const { intervalFormatFallback } = data.intervals;
    return intervalFormatFallback.slice(3, intervalFormatFallback.indexOf("{1}"));
}

function inFull(formatter, parts, start, end) {
    return [
        ...sourced(formatter.partsOfPattern(parts, start), "startRange"),
        { type: "literal", value: fallbackSeparator(formatter), source: "shared" },
        ...sourced(formatter.partsOfPattern(parts, end), "endRange"),
    ];
}

/** The date once, then the interval of times, joined as a date of medium length is. */
function joinDate(formatter, interval, start, end) {
    const { parts, data } = formatter;
    const isTime = (part) => "aBhHkKmsSzvO".includes(part.letter ?? " ");
    const first = parts.findIndex(isTime);
    const last = parts.findLastIndex(isTime);
    const connector = parts[first - 1]?.literal === undefined ? [] : [{ literal: between(data.dateTimeFormat.medium) }];
    return [
        ...sourced(
            formatter.partsOfPattern([...parts.slice(0, first - connector.length), ...connector], start),
            "shared",
        ),
        ...intervalParts(formatter, interval, start, end),
        ...sourced(formatter.partsOfPattern(parts.slice(last + 1), start), "shared"),
    ];
}

const between = (connector) => connector.slice(3, connector.indexOf("{0}"));
