// Owns what stands for the global `Intl` inside the number engine of formatjs: no more than it calls.
import { canonicalizeList } from "./locale.js";
import { PluralSelector } from "./plural-selector.js";

export const Intl = { getCanonicalLocales: canonicalizeList, PluralRules: PluralSelector };
