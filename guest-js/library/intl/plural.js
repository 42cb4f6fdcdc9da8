// Owns Intl.PluralRules. The number formatter says which digits are visible; the rules of CLDR say the rest.
import { finish } from "./class.js";
import { canonicalizeList, negotiate } from "./locale.js";
import { DIGIT_OPTIONS, internalNumberFormatter } from "./number-formatter.js";
import { optionsObject, readOptions, shapeOf } from "./options.js";
import { rulesOf } from "./plural-selector.js";

const SHAPE = shapeOf({ localeMatcher: ["lookup", "best fit"], type: ["cardinal", "ordinal"], ...DIGIT_OPTIONS });
const CATEGORIES = ["zero", "one", "two", "few", "many", "other"];
const DIGIT_NAMES = Object.keys(DIGIT_OPTIONS);

export const PluralRules = finish(
    class PluralRules {
        #locale;
        #type;
        #rules;
        #digits;
        #digitOptions;

        constructor(locales, options) {
            const { locale, dataLocale } = negotiate(canonicalizeList(locales));
            const { values } = readOptions(optionsObject(options), SHAPE);
            const { localeMatcher: _, type = "cardinal", ...digits } = values;
            this.#locale = locale;
            this.#type = type;
            this.#rules = rulesOf(dataLocale);
            // The rules read ASCII digits with a point, whatever the locale.
            this.#digits = internalNumberFormatter("en-US", { ...digits, useGrouping: false });
            this.#digitOptions = this.#digits.resolvedOptions();
        }

        select(value) {
            const number = +value;
            return this.#categoryOf(number);
        }

        selectRange(start, end) {
            if (start === undefined || end === undefined) throw new TypeError("start or end of a range is undefined");
            const [from, to] = [+start, +end];
            if (Number.isNaN(from) || Number.isNaN(to)) throw new RangeError("start or end of a range is not a number");
            const [first, last] = [this.#categoryOf(from), this.#categoryOf(to)];
            return this.#rules.ranges?.[this.#type]?.[`${first}_${last}`] ?? last;
        }

        resolvedOptions() {
            const resolved = { locale: this.#locale, type: this.#type };
            for (const name of DIGIT_NAMES.slice(0, 5)) {
                if (this.#digitOptions[name] !== undefined) resolved[name] = this.#digitOptions[name];
            }
            const categories = this.#rules.categories[this.#type];
            resolved.pluralCategories = CATEGORIES.filter((category) => categories.includes(category));
            for (const name of DIGIT_NAMES.slice(5)) resolved[name] = this.#digitOptions[name];
            return resolved;
        }

        #categoryOf(number) {
            if (!Number.isFinite(number)) return "other";
            return this.#rules.rule(this.#digits.format(Math.abs(number)), this.#type === "ordinal");
        }
    },
);
