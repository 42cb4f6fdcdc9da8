// Owns the locale data at run time: a section of a locale is parsed when it is first needed, and kept.
import { parents, sections } from "intl:data";

const { parse } = JSON;
const parsed = new Map();

/** A section (`number`, `date`, …) of a locale that has data. Not to be changed by who asks. */
export function section(dataLocale, name) {
    const key = `${dataLocale}/${name}`;
    let value = parsed.get(key);
    if (value === undefined) {
        value = build(dataLocale, name);
        parsed.set(key, value);
    }
    return value;
}

function build(dataLocale, name) {
    const stored = sections[dataLocale][name];
    const parent = Object.hasOwn(parents, dataLocale) ? parents[dataLocale] : undefined;
    if (parent === undefined) return parse(stored);
    const base = section(parent, name);
    return stored === undefined ? base : overlay(base, parse(stored));
}

/** As deep as the data of CLDR, which is not a script's. */
function overlay(base, over) {
    if (Array.isArray(over) || typeof over !== "object" || typeof base !== "object" || Array.isArray(base)) return over;
    const result = { ...base };
    for (const key of Object.keys(over)) {
        if (over[key] === null) delete result[key];
        else result[key] = key in result ? overlay(result[key], over[key]) : over[key];
    }
    return result;
}

const decodeEscapes = (packed) =>
    packed.replace(/\\u([0-9a-f]{4})/g, (_, unit) => String.fromCharCode(parseInt(unit, 16)));

/** Symbols and names of a currency in the form that formatjs wants, or undefined. A locale stores what differs. */
export function currency(dataLocale, code) {
    const line =
        findLine(sections[dataLocale].currencies, code) ?? findLine(sections[parents[dataLocale]]?.currencies, code);
    if (line === undefined) return undefined;
    const fields = decodeEscapes(line).split("|");
    for (let i = 1; i < fields.length; i++) if (fields[i] === "") fields[i] = fields[i - 1];
    const [symbol, narrow, one, other, many] = fields;
    return { symbol, narrow, displayName: { one, other, many } };
}

function findLine(packed = "", code) {
    const start = packed.indexOf(`\n${code}|`);
    return start < 0 ? undefined : packed.slice(start + code.length + 2, packed.indexOf("\n", start + 1));
}

export function currencyCodes() {
    return [...sections.en.currencies.matchAll(/\n([A-Z]{3})\|/g)].map(([, code]) => code).sort();
}
