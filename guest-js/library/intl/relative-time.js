// Owns Intl.RelativeTimeFormat, over the relative times of CLDR.
import { finish } from "./class.js";
import { section } from "./data.js";
import { canonicalizeList, negotiate } from "./locale.js";
import { internalNumberFormatter } from "./number-formatter.js";
import { optionsObject, readOptions, shapeOf, STRING } from "./options.js";
import { PluralSelector } from "./plural-selector.js";

const SHAPE = shapeOf({
    localeMatcher: ["lookup", "best fit"],
    numberingSystem: STRING,
    style: ["long", "short", "narrow"],
    numeric: ["always", "auto"],
});
const UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

export const RelativeTimeFormat = finish(
    class RelativeTimeFormat {
        #locale;
        #style;
        #numeric;
        #fields;
        #number;
        #plural;

        constructor(locales, options) {
            const { locale, dataLocale } = negotiate(canonicalizeList(locales), { nu: ["latn"] });
            const { style = "long", numeric = "always" } = readOptions(optionsObject(options), SHAPE).values;
            this.#locale = locale;
            this.#style = style;
            this.#numeric = numeric;
            this.#fields = section(dataLocale, "relative");
            this.#number = internalNumberFormatter(locale, {});
            this.#plural = new PluralSelector(dataLocale);
        }

        format(value, unit) {
            return this.#parts(value, unit)
                .map((part) => part.value)
                .join("");
        }

        formatToParts(value, unit) {
            return this.#parts(value, unit);
        }

        resolvedOptions() {
            return { locale: this.#locale, style: this.#style, numeric: this.#numeric, numberingSystem: "latn" };
        }

        #parts(value, unit) {
            const number = +value;
            const text = `${unit}`;
            const name = text.endsWith("s") ? text.slice(0, -1) : text;
            if (!UNITS.includes(name)) throw new RangeError(`Invalid unit argument for format() '${text}'`);
            if (!Number.isFinite(number)) throw new RangeError("a relative time must be a finite number");
            const fields = this.#fields[this.#style === "long" ? name : `${name}-${this.#style}`] ?? this.#fields[name];
            if (this.#numeric === "auto") {
                const key = Object.is(number, -0) ? "-0" : `${number}`;
                const word = fields[key] ?? (key === "-0" ? fields["0"] : undefined);
                if (typeof word === "string") return [{ type: "literal", value: word }];
            }
            const patterns = number < 0 || Object.is(number, -0) ? fields.past : fields.future;
            const amount = Math.abs(number);
            const pattern = patterns[this.#plural.select(amount)] ?? patterns.other;
            const at = pattern.indexOf("{0}");
            if (at < 0) return [{ type: "literal", value: pattern }];
            const parts = this.#number.formatToParts(amount).map((part) => ({ ...part, unit: name }));
            if (at > 0) parts.unshift({ type: "literal", value: pattern.slice(0, at) });
            if (at + 3 < pattern.length) parts.push({ type: "literal", value: pattern.slice(at + 3) });
            return parts;
        }
    },
);
