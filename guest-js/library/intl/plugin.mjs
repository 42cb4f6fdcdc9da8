// Owns what the Intl library takes from the packages of formatjs at build: a plugin for esbuild. It provides the CLDR
// and IANA data of the supported locales as compact strings (`intl:data`), replaces the locale matcher of formatjs
// with ours, and cuts tables that only locales and numbering systems without data would need. Whatever it expects must
// be there, or the build fails. It runs on the machine that builds; nothing of it is in the image.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packTimeZones } from "./pack-time-zones.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const KINDS = {
    NumberFormat: "@formatjs/intl-numberformat",
    DateTimeFormat: "@formatjs/intl-datetimeformat",
    PluralRules: "@formatjs/intl-pluralrules",
    ListFormat: "@formatjs/intl-listformat",
    RelativeTimeFormat: "@formatjs/intl-relativetimeformat",
};

/** Each with the locale it is stored as a difference to, which comes before it. */
const LOCALES = {
    en: undefined,
    "en-AU": "en",
    "en-CA": "en",
    "en-GB": "en",
    "en-IE": "en",
    "en-IN": "en",
    "en-NZ": "en",
    "en-ZA": "en",
    de: undefined,
    "de-AT": "de",
    "de-CH": "de",
    es: undefined,
    "es-MX": "es",
    fr: undefined,
    "fr-CA": "fr",
    "fr-CH": "fr",
};

/** "January 5, 2024 at 3:04 PM": CLDR's `atTime` patterns, which formatjs leaves out. */
const AT_TIME = { en: "{1} 'at' {0}", de: "{1} 'um' {0}", es: "{1} 'a las' {0}", fr: "{1} 'à' {0}" };

/** CLDR's append items, which formatjs leaves out as well. Where a field is named, with its name. */
const APPEND = {
    en: { day: "day", month: "month", hour: "hour", minute: "minute", second: "second" },
    de: { day: "Tag", month: "Monat", hour: "Stunde", minute: "Minute", second: "Sekunde" },
    es: { day: "día", month: "mes", hour: "hora", minute: "minuto", second: "segundo" },
    fr: { day: "jour", month: "mois", hour: "heure", minute: "minute", second: "seconde" },
};

/** Zones that formatjs has no names for, and those whose names they have. */
const NAMELESS = [
    "America/Indiana/Marengo",
    "America/Indiana/Petersburg",
    "America/Indiana/Vevay",
    "America/Indiana/Vincennes",
    "America/Indiana/Winamac",
    "America/Indiana/Knox",
    "America/Indiana/Tell_City",
    "America/Kentucky/Monticello",
    "America/North_Dakota/Beulah",
    "America/North_Dakota/Center",
    "America/North_Dakota/New_Salem",
    "America/Argentina/La_Rioja",
    "America/Argentina/Rio_Gallegos",
    "America/Argentina/Salta",
    "America/Argentina/San_Juan",
    "America/Argentina/San_Luis",
    "America/Argentina/Tucuman",
    "America/Argentina/Ushuaia",
];
const SAME_NAMES = [
    ["America/Chicago", "America/Indiana/Knox"],
    ["America/Chicago", "America/Indiana/Tell_City"],
    ["America/New_York", "America/Indiana/"],
    ["America/New_York", "America/Kentucky/"],
    ["America/Chicago", "America/North_Dakota/"],
    ["America/Argentina/Buenos_Aires", "America/Argentina/"],
    ["America/Buenos_Aires", "America/Argentina/"],
];

/** `modules` is the folder of the installed packages. */
export function intlPlugin(modules) {
    return {
        name: "intl",
        setup(build) {
            build.onResolve({ filter: /^intl:data$/ }, () => ({ path: "intl:data", namespace: "intl" }));
            build.onLoad({ filter: /.*/, namespace: "intl" }, () => ({ contents: dataModule(modules), loader: "js" }));
            build.onResolve({ filter: /^@formatjs\/intl-localematcher$/ }, () => ({ path: join(HERE, "locale.js") }));
            build.onLoad({ filter: /@formatjs[\\/]intl-numberformat[\\/]index\.js$/ }, ({ path }) => ({
                contents: trimNumberFormat(readFileSync(path, "utf8")),
                loader: "js",
                resolveDir: dirname(path),
            }));
        },
    };
}

/**
 * The engine of formatjs, without 350 locales and 75 numbering systems, and with our `Intl` in place of the global
 * one.
 */
function trimNumberFormat(source) {
    let text = source;
    for (const table of ["defaultContent", "digitMapping"]) {
        const trimmed = text.replace(new RegExp(`^const ${table} = \\{\\n[^;]*?^\\};$`, "m"), `const ${table} = {};`);
        if (trimmed === text) throw new Error(`@formatjs/intl-numberformat has no table \`${table}\``);
        text = trimmed;
    }
    return `import { Intl } from ${JSON.stringify(join(HERE, "formatjs-intl.js"))};\n${text}`;
}

function dataModule(modules) {
    const require = createRequire(join(modules, "package.json"));
    const root = (kind) => dirname(require.resolve(KINDS[kind]));
    const load = (kind, file) => evaluate(kind, readFileSync(join(root(kind), file), "utf8"));
    const zoneIndex = new Map();
    const sections = {};
    const whole = {};
    for (const [locale, parent] of Object.entries(LOCALES)) {
        whole[locale] = sectionsOf(locale, (kind) => load(kind, `locale-data/${locale}.js`).data, zoneIndex);
        sections[locale] = {};
        for (const [name, value] of Object.entries(whole[locale])) {
            const stored = parent ? difference(whole[parent][name], value) : value;
            if (stored === undefined) continue;
            sections[locale][name] = name === "currencies" ? packLines(stored) : asciiJson(stored);
        }
    }
    const rules = Object.keys(LOCALES)
        .filter((locale) => LOCALES[locale] === undefined)
        .map((language) => {
            const { categories, fn, pluralRanges } = load("PluralRules", `locale-data/${language}.js`).data;
            const ranges = JSON.stringify(pluralRanges);
            return `${language}: { categories: ${JSON.stringify(categories)}, ranges: ${ranges}, rule: ${fn} }`;
        });
    const links = /var links_default = (\{[^;]*?^\});$/m.exec(
        readFileSync(join(root("DateTimeFormat"), "index.js"), "utf8"),
    );
    if (links === null) throw new Error("@formatjs/intl-datetimeformat has no table of time zone links");
    const zones = packTimeZones(load("DateTimeFormat", "add-all-tz.js"), JSON.parse(links[1]));
    const parents = Object.fromEntries(Object.entries(LOCALES).filter(([, parent]) => parent));
    const index = [...zoneIndex].map((pair) => pair.join("=")).join("|");
    return [
        `export const sections = ${JSON.stringify(sections)};`,
        `export const parents = ${JSON.stringify(parents)};`,
        `export const pluralRules = { ${rules.join(", ")} };`,
        `export const timeZones = ${JSON.stringify(zones)};`,
        `export const zoneIndex = ${JSON.stringify(index)};`,
    ].join("\n");
}

/** A data file calls `Intl.KIND.__addLocaleData(data)` (or `__addTZData`): what it would add. */
function evaluate(kind, source) {
    let added;
    const add = (data) => {
        added = data;
    };
    const intl = { [kind]: { __addLocaleData: add, __addTZData: add } };
    new Function("Intl", source)(intl);
    if (added === undefined) throw new Error(`a data file of ${KINDS[kind]} adds nothing`);
    return added;
}

function sectionsOf(locale, data, zoneIndex) {
    const { numbers, currencies, units } = data("NumberFormat");
    const latin = (table) => ({ latn: table.latn });
    const language = locale.split("-")[0];
    const { nu: _, ...relative } = data("RelativeTimeFormat");
    const date = data("DateTimeFormat");
    return {
        number: {
            nu: ["latn"],
            minimumGroupingDigits: numbers.minimumGroupingDigits,
            symbols: latin(numbers.symbols),
            decimal: latin(numbers.decimal),
            percent: latin(numbers.percent),
            currency: latin(numbers.currency),
        },
        currencies: packCurrencies(currencies),
        units: {
            ...units,
            simple: { ...units.simple, percent: percentUnit(units.simple.percent, numbers.percent.latn) },
        },
        date: dateSection(date, language),
        zones: zoneNames(date.timeZoneName, zoneIndex, locale),
        relative,
        list: data("ListFormat"),
    };
}

/** The unit is written as a percentage is, except in words, as ICU does. */
function percentUnit(unit, pattern) {
    const other = pattern.replace(/[#0][#0,.]*/, "{0}");
    return { ...unit, short: { other }, narrow: { other } };
}

/** Code to `$|$|US dollar|US dollars|`: symbol, narrow symbol, one, other, many; empty where as the one before. */
function packCurrencies(currencies) {
    const packed = Object.entries(currencies).map(([code, { symbol, narrow, displayName }]) => {
        const { one = displayName.other, other, many = other } = displayName;
        const fields = [symbol, narrow, one, other, many].map((field, i, all) =>
            i > 0 && field === all[i - 1] ? "" : field,
        );
        if (fields.some((field) => /[|\n]/.test(field))) throw new Error(`a name of ${code} cannot be packed`);
        return [code, fields.join("|")];
    });
    return Object.fromEntries(packed);
}

/** `\nUSD|…\nEUR|…\n`: to be searched, not parsed. */
function packLines(table) {
    const lines = Object.entries(table).filter(([, text]) => text !== null);
    return escapeWide(`\n${lines.map(([code, text]) => `${code}|${text}`).join("\n")}\n`);
}

function dateSection(data, language) {
    const single = (table) => Object.fromEntries(Object.entries(table).filter(([key]) => /^[A-Za-z]+$/.test(key)));
    const { formats, intervalFormats, dateFormat, timeFormat } = data;
    return {
        formats: single(formats.gregory),
        intervals: single(intervalFormats),
        dateFormat,
        timeFormat,
        dateTimeFormat: data.dateTimeFormat,
        atTime: AT_TIME[language],
        fieldNames: APPEND[language],
        hourCycle: data.hourCycle,
        am: data.am,
        pm: data.pm,
        dayPeriods: data.dayPeriods,
        dayPeriodRules: data.dayPeriodRules,
        weekday: data.weekday,
        // CLDR's German abbreviates a weekday without a point where it stands alone; formatjs leaves that out.
        weekdayStandalone:
            language === "de"
                ? { ...data.weekday, short: data.weekday.short.map((name) => name.replace(".", "")) }
                : data.weekday,
        month: data.month,
        monthStandalone: data.monthStandalone ?? data.month,
        era: data.era,
        gmtFormat: data.gmtFormat,
        hourFormat: data.hourFormat,
    };
}

/**
 * One entry for each set of names. The index of zones is the same for all locales: the first one's grouping decides.
 */
function zoneNames(names, zoneIndex, locale) {
    const list = [];
    const zones = { ...names };
    for (const [like, prefix] of SAME_NAMES) {
        for (const zone of Object.keys(zones).concat(NAMELESS)) {
            if (zone.startsWith(prefix) && zones[zone]?.long === undefined && zones[like] !== undefined) {
                zones[zone] = zones[like];
            }
        }
    }
    if (locale.startsWith("en")) {
        zones["Europe/London"] = {
            long: ["Greenwich Mean Time", "British Summer Time"],
            short: ["GMT", locale === "en-GB" ? "BST" : ""],
        };
        // In the database of IANA, it is winter that deviates in Ireland.
        zones["Europe/Dublin"] = { long: ["Irish Standard Time", "Greenwich Mean Time"], short: ["", "GMT"] };
    }
    if (zoneIndex.size === 0) {
        const seen = new Map();
        for (const [zone, value] of Object.entries(zones)) {
            const key = JSON.stringify(value);
            if (!seen.has(key)) seen.set(key, seen.size);
            zoneIndex.set(zone, seen.get(key));
        }
    }
    for (const [zone, index] of zoneIndex) {
        if (list[index] !== undefined || zones[zone] === undefined) continue;
        const { long = ["", ""], short = ["", ""] } = zones[zone];
        const summer = (pair) => (pair[1] === pair[0] ? "" : pair[1]);
        list[index] = [long[0], summer(long), short[0], summer(short)].join("|").replace(/\|+$/, "");
    }
    // An object, so that a locale needs to store only where it differs.
    return Object.fromEntries(Object.entries(list));
}

/** What must be laid over `base` to get `value`; undefined when nothing. A key to be dropped is null. */
function difference(base, value) {
    if (JSON.stringify(base) === JSON.stringify(value)) return undefined;
    if (Array.isArray(value) || typeof value !== "object" || typeof base !== "object" || base === null) return value;
    const over = {};
    for (const key of Object.keys(value)) {
        const changed = key in base ? difference(base[key], value[key]) : value[key];
        if (changed !== undefined) over[key] = changed;
    }
    for (const key of Object.keys(base)) if (!(key in value)) over[key] = null;
    return over;
}

/** Only ASCII, so that the engine keeps one byte a character until it is parsed. */
function asciiJson(value) {
    return escapeWide(JSON.stringify(value));
}

function escapeWide(text) {
    return text.replace(/[^\x00-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
