// Owns the choice of a plural category by the rules of CLDR, for the number engine of formatjs and for our own
// formatters.
import { pluralRules } from "intl:data";
import { fixedText, precisionText } from "./digits.js";
import { languageOf } from "./locale.js";

/** What `Intl.PluralRules` is to the number engine. */
export class PluralSelector {
    #rule;
    #text;

    constructor(dataLocale, digits = {}) {
        this.#rule = pluralRules[languageOf(dataLocale)].rule;
        const { minimumFractionDigits = 0, maximumFractionDigits = 3 } = digits;
        const { minimumSignificantDigits, maximumSignificantDigits } = digits;
        this.#text =
            maximumSignificantDigits === undefined
                ? (text) => fixedText(text, 0, minimumFractionDigits, maximumFractionDigits)
                : (text) => precisionText(text, minimumSignificantDigits, maximumSignificantDigits);
    }

    select(value) {
        if (!Number.isFinite(value)) return "other";
        return this.#rule(this.#text(`${Math.abs(value)}`), false);
    }
}

export function rulesOf(dataLocale) {
    return pluralRules[languageOf(dataLocale)];
}
