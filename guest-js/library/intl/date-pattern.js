// Owns the choice of a date pattern for a set of fields, by the method of CLDR's skeletons (UTS 35, "Matching
// Skeletons"): the nearest available pattern, its fields lengthened or shortened as asked for; missing fields
// appended; date and time joined.

/** Kinds of field in their order of size. The letter is the one that stands for the kind. */
const ORDER = ["G", "y", "M", "E", "d", "B", "H", "m", "s", "z"];
const KIND = {
    G: "G",
    y: "y",
    M: "M",
    L: "M",
    E: "E",
    c: "E",
    e: "E",
    d: "d",
    a: "B",
    b: "B",
    B: "B",
    h: "H",
    H: "H",
    K: "H",
    k: "H",
    m: "m",
    s: "s",
    z: "z",
    v: "z",
    O: "z",
};
const DATE_KINDS = ["G", "y", "M", "E", "d"];
const EXTRA_FIELD = 0x10000;
const MISSING_FIELD = 0x1000;

/** Fields and literals of a pattern: `{ letter, length }` or `{ literal }`. */
export function splitPattern(pattern) {
    const parts = [];
    let literal = "";
    let quoted = false;
    const flush = () => {
        if (literal !== "") parts.push({ literal });
        literal = "";
    };
    for (let i = 0; i < pattern.length; i++) {
        const letter = pattern[i];
        if (letter === "'") {
            if (pattern[i + 1] === "'") literal += pattern[++i];
            else quoted = !quoted;
        } else if (!quoted && /[A-Za-z]/.test(letter)) {
            flush();
            let end = i + 1;
            while (pattern[end] === letter) end++;
            parts.push({ letter, length: end - i });
            i = end - 1;
        } else {
            literal += letter;
        }
    }
    flush();
    return parts;
}

export function joinPattern(parts) {
    return parts
        .map((part) => (part.literal === undefined ? part.letter.repeat(part.length) : quote(part.literal)))
        .join("");
}

const quote = (literal) => (/[A-Za-z']/.test(literal) ? `'${literal.replaceAll("'", "''")}'` : literal);

/**
 * `"yMMMd"` or a pattern as a set of fields: kind → `{ letter, length }`. A 12-hour clock has its day period with it.
 */
export function fieldsOfSkeleton(skeleton) {
    const fields = {};
    for (const part of splitPattern(skeleton)) {
        if (part.letter !== undefined && KIND[part.letter] !== undefined) fields[KIND[part.letter]] = part;
    }
    return withDayPeriod(fields);
}

export function withDayPeriod(fields) {
    const twelve = fields.H !== undefined && (fields.H.letter === "h" || fields.H.letter === "K");
    return twelve && fields.B === undefined ? { ...fields, B: { letter: "a", length: 1 } } : fields;
}

const isNumeric = ({ letter, length }) =>
    !"GEczvOaBb".includes(letter) && ((letter !== "M" && letter !== "L") || length < 3);

/** A number that is near for fields that look alike. */
function weight({ letter, length }) {
    const shift = { L: 0x10, K: 0x10, H: 0xa0, k: 0xb0, b: 0x10, B: 0x30, v: 0x20, O: 0x10 }[letter] ?? 0;
    if (isNumeric({ letter, length })) return 0x100 + shift + length;
    return -({ 4: 0x104, 5: 0x101, 6: 0x102 }[length] ?? 0x103) - shift;
}

function distance(wanted, available) {
    let sum = 0;
    for (const kind of ORDER) {
        const mine = wanted[kind];
        const other = available[kind];
        if (mine === undefined && other === undefined) continue;
        if (mine === undefined) sum += EXTRA_FIELD;
        else if (other === undefined) sum += MISSING_FIELD;
        else sum += Math.abs(weight(mine) - weight(other));
    }
    return sum;
}

/** The candidate with the least distance. Among equals, the one that lacks the finer field. */
export function nearest(wanted, candidates) {
    let best;
    let least = Infinity;
    for (const candidate of candidates) {
        const far = distance(wanted, candidate.fields);
        const isBetter =
            far < least || (far === least && finest(wanted, best.fields) < finest(wanted, candidate.fields));
        if (isBetter) [best, least] = [candidate, far];
    }
    const missing = Object.keys(wanted).filter((kind) => best.fields[kind] === undefined);
    return { best, missing, hasExtra: least >= EXTRA_FIELD };
}

/** What is missing as a number in which a finer field counts more than all the coarser ones. */
function finest(wanted, available) {
    return ORDER.reduce(
        (mask, kind, bit) => (wanted[kind] !== undefined && available[kind] === undefined ? mask + 2 ** bit : mask),
        0,
    );
}

/** Gives the fields of a pattern the lengths that were asked for. */
export function adjust(pattern, available, wanted) {
    return joinPattern(
        splitPattern(pattern).map((part) => {
            const kind = KIND[part.letter];
            const asked = wanted[kind];
            if (asked === undefined || kind === "m" || kind === "s") return part;
            const had = available[kind];
            const letter = ["H", "M", "E", "y"].includes(kind) ? part.letter : asked.letter;
            const keepsLength =
                had !== undefined && (had.length === asked.length || isNumeric(part) !== isNumeric(had));
            return { letter, length: keepsLength ? part.length : asked.length };
        }),
    );
}

/** The patterns of a locale as candidates, made once. */
export function candidatesOf(data) {
    const all = new Map(Object.entries(data.formats));
    for (const pattern of [...Object.values(data.dateFormat), ...Object.values(data.timeFormat)]) {
        const skeleton = splitPattern(pattern).filter((part) => part.letter !== undefined && part.letter !== "a");
        const key = ORDER.map((kind) => skeleton.find((part) => KIND[part.letter] === kind))
            .filter((part) => part !== undefined)
            .map((part) => part.letter.repeat(part.length))
            .join("");
        if (!all.has(key)) all.set(key, pattern);
    }
    for (const letter of ["G", "y", "M", "E", "d", "H", "m", "s", "v"]) if (!all.has(letter)) all.set(letter, letter);
    return [...all].map(([skeleton, pattern]) => ({ fields: fieldsOfSkeleton(skeleton), pattern }));
}

/** The pattern for `wanted`, a set of fields. */
export function bestPattern(wanted, candidates, data) {
    const whole = nearest(wanted, candidates);
    if (whole.missing.length === 0 && !whole.hasExtra) return adjust(whole.best.pattern, whole.best.fields, wanted);
    const date = only(wanted, (kind) => DATE_KINDS.includes(kind));
    const time = only(wanted, (kind) => !DATE_KINDS.includes(kind));
    const datePattern = withAppended(date, candidates, data);
    const timePattern = withAppended(time, candidates, data);
    if (datePattern === "" || timePattern === "") return datePattern + timePattern;
    return glue(datePattern, timePattern, glueStyle(date), data);
}

function only(fields, accept) {
    return Object.fromEntries(Object.entries(fields).filter(([kind]) => accept(kind)));
}

function withAppended(wanted, candidates, data) {
    if (Object.keys(wanted).length === 0) return "";
    let { best, missing } = nearest(wanted, candidates);
    let pattern = adjust(best.pattern, best.fields, wanted);
    while (missing.length > 0) {
        const rest = only(wanted, (kind) => missing.includes(kind));
        const next = nearest(rest, candidates);
        const found = missing.filter((kind) => !next.missing.includes(kind));
        if (found.length === 0) break;
        const top = found.sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0];
        pattern = append(pattern, adjust(next.best.pattern, next.best.fields, rest), top, data);
        missing = next.missing;
    }
    return pattern;
}

function append(pattern, addition, kind, { fieldNames }) {
    const name = fieldNames[{ d: "day", M: "month", H: "hour", m: "minute", s: "second" }[kind]];
    return name === undefined ? `${pattern} ${addition}` : `${pattern} (${quote(name)}: ${addition})`;
}

/** Which of the four connectors joins this date and a time. */
function glueStyle({ M, E }) {
    if (M === undefined || M.length < 3 || M.length > 4) return "short";
    if (M.length === 3) return "medium";
    return E === undefined ? "long" : "full";
}

export function glue(datePattern, timePattern, style, data) {
    const connector = style === "full" || style === "long" ? data.atTime : data.dateTimeFormat[style];
    return connector.replace("{1}", () => datePattern).replace("{0}", () => timePattern);
}
