// Owns language tags: their canonical form, and which of the supported locales serves a request. The number engine of
// formatjs uses `ResolveLocale` and `LookupSupportedLocales` from here in place of its own matcher.
import { parents, sections } from "intl:data";

const DEFAULT_LOCALE = "en-US";
/** Locales that have the data of their language. */
const SAME_AS_LANGUAGE = { "en-US": "en", "de-DE": "de", "es-ES": "es", "fr-FR": "fr" };

const LANGUAGE = /^[a-z]{2,3}$|^[a-z]{5,8}$/;
const EXTENSION_LENGTH_MAX = 8;
const TAG_LENGTH_MAX = 255;
/** The aliases that are still met; CLDR has many more. */
const LANGUAGE_ALIASES = new Map(Object.entries({ iw: "he", in: "id", ji: "yi", mo: "ro", tl: "fil", jw: "jv" }));
const REGION_ALIASES = new Map(
    Object.entries({ UK: "GB", BU: "MM", DD: "DE", FX: "FR", TP: "TL", YD: "YE", ZR: "CD" }),
);

const malformed = (tag) => new RangeError(`Incorrect locale information provided: ${JSON.stringify(tag)}`);

/** Parts of a tag in canonical form: `{ language, script, region, variants, extensions, keywords, privateUse }`. */
export function parseTag(tag) {
    if (tag.length > TAG_LENGTH_MAX) throw malformed(tag.slice(0, 40));
    const parts = tag.toLowerCase().split("-");
    let at = 0;
    const take = (pattern) => (at < parts.length && pattern.test(parts[at]) ? parts[at++] : undefined);
    const language = take(LANGUAGE);
    if (language === undefined) throw malformed(tag);
    const script = take(/^[a-z]{4}$/);
    const region = take(/^(?:[a-z]{2}|[0-9]{3})$/)?.toUpperCase();
    const variants = [];
    for (let variant; (variant = take(/^(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3})$/)) !== undefined;) {
        if (variants.includes(variant)) throw malformed(tag);
        variants.push(variant);
    }
    const rest = parseExtensions(tag, parts, at);
    return {
        language: LANGUAGE_ALIASES.get(language) ?? language,
        script: script && script[0].toUpperCase() + script.slice(1),
        region: region && (REGION_ALIASES.get(region) ?? region),
        variants: variants.sort(),
        ...rest,
    };
}

function parseExtensions(tag, parts, start) {
    const extensions = [];
    const seen = new Set();
    let attributes = [];
    const keywords = new Map();
    let at = start;
    while (at < parts.length && parts[at] !== "x") {
        const singleton = parts[at++];
        if (!/^[a-z0-9]$/.test(singleton) || seen.has(singleton)) throw malformed(tag);
        seen.add(singleton);
        const first = at;
        while (at < parts.length && /^[a-z0-9]{2,8}$/.test(parts[at])) at++;
        if (at === first) throw malformed(tag);
        const subtags = parts.slice(first, at);
        if (singleton === "u") attributes = readKeywords(subtags, keywords);
        else extensions.push([singleton, ...subtags].join("-"));
    }
    const privateUse = parts.slice(at);
    if (privateUse.length === 1) throw malformed(tag);
    for (const part of privateUse) {
        if (part.length > EXTENSION_LENGTH_MAX || !/^[a-z0-9]+$/.test(part)) throw malformed(tag);
    }
    return { extensions, attributes, keywords, privateUse };
}

function readKeywords(subtags, keywords) {
    const attributes = [];
    let key;
    for (const subtag of subtags) {
        if (subtag.length === 2) {
            key = keywords.has(subtag) ? "" : subtag;
            if (key !== "") keywords.set(key, "");
        } else if (key === undefined) {
            attributes.push(subtag);
        } else if (key !== "") {
            const value = keywords.get(key);
            keywords.set(key, value === "" ? subtag : `${value}-${subtag}`);
        }
    }
    for (const [name, value] of keywords) if (value === "true" || value === "yes") keywords.set(name, "");
    return attributes.sort();
}

/** The tag without extensions. */
export function baseName({ language, script, region, variants }) {
    return [language, script, region, ...variants].filter((part) => part !== undefined).join("-");
}

export function formatTag(parsed) {
    const { attributes, keywords, extensions, privateUse } = parsed;
    const all = [...extensions];
    if (attributes.length > 0 || keywords.size > 0) {
        const sorted = [...keywords]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .flatMap(([key, value]) => (value === "" ? [key] : [key, value]));
        all.push(["u", ...attributes, ...sorted].join("-"));
    }
    all.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    return [baseName(parsed), ...all, ...privateUse].join("-");
}

/** Text of a tag by the class of locale objects, without calling what a script could have put in its way. */
let tagOfLocaleObject = () => undefined;
export function recogniseLocaleObjects(tagOf) {
    tagOfLocaleObject = tagOf;
}

/** CanonicalizeLocaleList of ECMA-402. */
export function canonicalizeList(locales) {
    if (locales === undefined) return [];
    if (typeof locales === "string") return [formatTag(parseTag(locales))];
    if (locales === null) throw new TypeError("Cannot convert undefined or null to object");
    const own = tagOfLocaleObject(locales);
    if (own !== undefined) return [own];
    const list = Object(locales);
    const length = Math.min(Math.trunc(Math.max(Number(list.length) || 0, 0)), Number.MAX_SAFE_INTEGER);
    const seen = new Set();
    for (let i = 0; i < length; i++) {
        if (!(i in list)) continue;
        const value = list[i];
        if (typeof value !== "string" && (typeof value !== "object" || value === null)) {
            throw new TypeError("Incorrect locale information provided: a locale must be a string or an Intl.Locale");
        }
        seen.add(tagOfLocaleObject(value) ?? formatTag(parseTag(`${value}`)));
    }
    return [...seen];
}

const availableLocales = new Set([...Object.keys(sections), ...Object.keys(SAME_AS_LANGUAGE)]);

function dataLocaleOf(locale) {
    return Object.hasOwn(SAME_AS_LANGUAGE, locale) ? SAME_AS_LANGUAGE[locale] : locale;
}

export const languageOf = (dataLocale) => (Object.hasOwn(parents, dataLocale) ? parents[dataLocale] : dataLocale);

/** The longest part of the tag that is supported: `de-LI` is served by `de`. */
function bestAvailable(parsed) {
    const { language, region } = parsed;
    const full = region === undefined ? language : `${language}-${region}`;
    if (availableLocales.has(full)) return full;
    return availableLocales.has(language) ? language : undefined;
}

/**
 * The locale that serves the first request that can be served, or the default one. `keys` says which Unicode keywords
 * matter and which values each may have; `options` overrides what the tag asks for.
 */
export function negotiate(requested, keys = {}, options = {}) {
    let locale = DEFAULT_LOCALE;
    let keywords = new Map();
    for (const tag of requested) {
        const parsed = parseTag(tag);
        const best = bestAvailable(parsed);
        if (best === undefined) continue;
        locale = best;
        keywords = parsed.keywords;
        break;
    }
    const resolved = { locale, dataLocale: dataLocaleOf(locale) };
    const kept = [];
    for (const [key, allowed] of Object.entries(keys)) {
        const asked = keywords.get(key);
        const value = asked === "" ? "true" : asked;
        if (allowed.includes(value)) resolved[key] = value;
        if (options[key] !== undefined && allowed.includes(options[key]) && options[key] !== resolved[key]) {
            resolved[key] = options[key];
        } else if (resolved[key] !== undefined) {
            kept.push(asked === "" ? key : `${key}-${asked}`);
        }
    }
    if (kept.length > 0) resolved.locale = `${locale}-u-${kept.sort().join("-")}`;
    return resolved;
}

export function supportedLocales(requested) {
    return requested.filter((tag) => bestAvailable(parseTag(tag)) !== undefined);
}

/** For the number engine of formatjs, which knows one numbering system here. */
export function ResolveLocale(_available, requested) {
    return { nu: "latn", ...negotiate(requested, { nu: ["latn"] }) };
}

export function LookupSupportedLocales(_available, requested) {
    return supportedLocales(requested);
}
