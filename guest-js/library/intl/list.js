// Owns Intl.ListFormat, over the list patterns of CLDR.
import { finish } from "./class.js";
import { section } from "./data.js";
import { canonicalizeList, negotiate } from "./locale.js";
import { readOptions, shapeOf, strictOptionsObject } from "./options.js";

const SHAPE = shapeOf({
    localeMatcher: ["lookup", "best fit"],
    type: ["conjunction", "disjunction", "unit"],
    style: ["long", "short", "narrow"],
});

export const ListFormat = finish(
    class ListFormat {
        #locale;
        #type;
        #style;
        #patterns;

        constructor(locales, options) {
            const { locale, dataLocale } = negotiate(canonicalizeList(locales));
            const { type = "conjunction", style = "long" } = readOptions(strictOptionsObject(options), SHAPE).values;
            this.#locale = locale;
            this.#type = type;
            this.#style = style;
            this.#patterns = section(dataLocale, "list")[type][style];
        }

        format(list) {
            return this.#parts(list)
                .map((part) => part.value)
                .join("");
        }

        formatToParts(list) {
            return this.#parts(list);
        }

        resolvedOptions() {
            return { locale: this.#locale, type: this.#type, style: this.#style };
        }

        /** What stands before, between and after the elements does not depend on their number, so one pass does. */
        #parts(list) {
            const elements = stringsOf(list);
            const parts = [];
            const literal = (value) => {
                if (value !== "") parts.push({ type: "literal", value });
            };
            const element = (value) => parts.push({ type: "element", value });
            if (elements.length === 0) return parts;
            if (elements.length === 1) return [{ type: "element", value: elements[0] }];
            const { pair, start, middle, end } = this.#patterns;
            const last = elements.length - 1;
            const patternAt = (i) => (last === 1 ? pair : i === 0 ? start : i === last - 1 ? end : middle);
            literal(prefixOf(patternAt(0)));
            for (let i = 0; i < last; i++) {
                element(elements[i]);
                literal(betweenOf(patternAt(i)));
            }
            element(elements[last]);
            literal(suffixOf(patternAt(last - 1)));
            return parts;
        }
    },
);

const prefixOf = (pattern) => pattern.slice(0, pattern.indexOf("{0}"));
const betweenOf = (pattern) => pattern.slice(pattern.indexOf("{0}") + 3, pattern.indexOf("{1}"));
const suffixOf = (pattern) => pattern.slice(pattern.indexOf("{1}") + 3);

function stringsOf(list) {
    const strings = [];
    if (list === undefined) return strings;
    for (const value of list) {
        if (typeof value !== "string") throw new TypeError("a list to format must hold strings only");
        strings.push(value);
    }
    return strings;
}
