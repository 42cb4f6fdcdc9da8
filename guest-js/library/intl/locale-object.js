// Owns Intl.Locale: a language tag as an object.
import { finish } from "./class.js";
import { baseName, formatTag, parseTag, recogniseLocaleObjects } from "./locale.js";
import { BOOLEAN, optionsObject, readOptions, shapeOf, STRING } from "./options.js";

const SHAPE = shapeOf({
    language: STRING,
    script: STRING,
    region: STRING,
    calendar: STRING,
    collation: STRING,
    hourCycle: ["h11", "h12", "h23", "h24"],
    caseFirst: ["upper", "lower", "false"],
    numeric: BOOLEAN,
    numberingSystem: STRING,
});
const FORMS = { language: /^(?:[a-z]{2,3}|[a-z]{5,8})$/i, script: /^[a-z]{4}$/i, region: /^(?:[a-z]{2}|[0-9]{3})$/i };
const KEYWORDS = {
    calendar: "ca",
    collation: "co",
    hourCycle: "hc",
    caseFirst: "kf",
    numeric: "kn",
    numberingSystem: "nu",
};
const TYPE = /^[a-z0-9]{3,8}(?:-[a-z0-9]{3,8})*$/i;

/** Likely script and region of the languages that are met most. */
const LIKELY = new Map(
    Object.entries({
        ar: "Arab-EG",
        bg: "Cyrl-BG",
        bn: "Beng-BD",
        ca: "Latn-ES",
        cs: "Latn-CZ",
        da: "Latn-DK",
        de: "Latn-DE",
        el: "Grek-GR",
        en: "Latn-US",
        es: "Latn-ES",
        et: "Latn-EE",
        fa: "Arab-IR",
        fi: "Latn-FI",
        fil: "Latn-PH",
        fr: "Latn-FR",
        he: "Hebr-IL",
        hi: "Deva-IN",
        hr: "Latn-HR",
        hu: "Latn-HU",
        id: "Latn-ID",
        it: "Latn-IT",
        ja: "Jpan-JP",
        ko: "Kore-KR",
        lt: "Latn-LT",
        lv: "Latn-LV",
        ms: "Latn-MY",
        nb: "Latn-NO",
        nl: "Latn-NL",
        no: "Latn-NO",
        pl: "Latn-PL",
        pt: "Latn-BR",
        ro: "Latn-RO",
        ru: "Cyrl-RU",
        sk: "Latn-SK",
        sl: "Latn-SI",
        sr: "Cyrl-RS",
        sv: "Latn-SE",
        sw: "Latn-TZ",
        ta: "Taml-IN",
        th: "Thai-TH",
        tr: "Latn-TR",
        uk: "Cyrl-UA",
        ur: "Arab-PK",
        vi: "Latn-VN",
        zh: "Hans-CN",
    }),
);

export const Locale = finish(
    class Locale {
        #parsed;

        static {
            recogniseLocaleObjects((value) =>
                (typeof value === "object" || typeof value === "function") && value !== null && #parsed in value
                    ? formatTag(value.#parsed)
                    : undefined,
            );
        }

        constructor(tag, options) {
            if (typeof tag !== "string" && (typeof tag !== "object" || tag === null)) {
                throw new TypeError("First argument to Intl.Locale constructor can't be empty or missing");
            }
            const parsed = parseTag(
                tag !== null && typeof tag === "object" && #parsed in tag ? formatTag(tag.#parsed) : `${tag}`,
            );
            const { values } = readOptions(optionsObject(options), SHAPE);
            for (const [name, form] of Object.entries(FORMS)) {
                if (values[name] === undefined) continue;
                if (!form.test(values[name])) throw new RangeError(`Incorrect locale information provided: ${name}`);
                parsed[name] = values[name];
            }
            for (const [name, key] of Object.entries(KEYWORDS)) {
                if (values[name] === undefined) continue;
                const value = `${values[name]}`.toLowerCase();
                if (name !== "hourCycle" && name !== "caseFirst" && name !== "numeric" && !TYPE.test(value)) {
                    throw new RangeError(`Incorrect locale information provided: ${name}`);
                }
                parsed.keywords.set(key, value === "true" ? "" : value);
            }
            // Once more, for the case and the aliases of what the options gave.
            this.#parsed = parseTag(formatTag(parsed));
        }

        maximize() {
            const { language, script, region } = this.#parsed;
            const [likelyScript, likelyRegion] = LIKELY.get(language)?.split("-") ?? [];
            const isTraditional = language === "zh" && script === undefined && ["TW", "HK", "MO"].includes(region);
            return this.#with({
                script: script ?? (isTraditional ? "Hant" : likelyScript),
                region: region ?? (language === "zh" && script === "Hant" ? "TW" : likelyRegion),
            });
        }

        minimize() {
            const { language, script, region } = this.maximize();
            for (const shorter of [{}, { region }, { script }]) {
                const candidate = new Locale(
                    [language, shorter.script, shorter.region].filter((part) => part !== undefined).join("-"),
                );
                const full = candidate.maximize();
                if (full.script === script && full.region === region) {
                    return this.#with({ script: shorter.script, region: shorter.region });
                }
            }
            return this.#with({ script, region });
        }

        #with(changes) {
            return new Locale(formatTag({ ...this.#parsed, ...changes }));
        }

        toString() {
            return formatTag(this.#parsed);
        }

        get baseName() {
            return baseName(this.#parsed);
        }

        get language() {
            return this.#parsed.language;
        }

        get script() {
            return this.#parsed.script;
        }

        get region() {
            return this.#parsed.region;
        }

        get calendar() {
            return this.#parsed.keywords.get("ca");
        }

        get collation() {
            return this.#parsed.keywords.get("co");
        }

        get hourCycle() {
            return this.#parsed.keywords.get("hc");
        }

        get caseFirst() {
            return this.#parsed.keywords.get("kf");
        }

        get numeric() {
            return this.#parsed.keywords.get("kn") === "";
        }

        get numberingSystem() {
            return this.#parsed.keywords.get("nu");
        }
    },
);
// Intl.Locale has no locales of its own to support, and its first argument is required.
delete Locale.supportedLocalesOf;
Object.defineProperty(Locale, "length", { value: 1, configurable: true });
