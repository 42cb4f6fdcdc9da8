// Stands in for `tr46`: Unicode domain names as ASCII (UTS #46), without its table of 9,000 ranges. Mapping is
// compatibility normalisation and lower case; what is valid is told by general category. docs/LIMITATIONS.md says where
// that differs.
import { decode, encode } from "punycode/";

const ASCII = /^[\0-\x7F]*$/u;
// U+3002 and its kin separate labels; soft hyphens, joiners of words and variation selectors are dropped.
const SEPARATOR = /[\u3002\uFF0E\uFF61]/gu;
const IGNORED = /[\u00AD\u034F\u180B-\u180F\u200B\u2060\u2064\uFE00-\uFE0F\uFEFF]|[\u{E0100}-\u{E01EF}]/gu;
const INVALID = /[\p{C}\p{Z}\uFFFC\uFFFD]/u;
const MARK_FIRST = /^\p{M}/u;
// A joiner is valid after a virama: a combining mark that joins.
const JOINER = /\p{M}[\u200C\u200D]/gu;
const JOINERS = /[\u200C\u200D]/gu;

// Each character for itself: a sigma at the end of a word is as any other.
function lowerCase(text) {
    let lower = "";
    for (const character of text) lower += character.toLowerCase();
    return lower;
}

function map(text) {
    return lowerCase(text.replace(IGNORED, "").normalize("NFKC")).normalize("NFKC");
}

function isValid(label) {
    if (label.startsWith("xn--") || label.includes(".") || MARK_FIRST.test(label)) return false;
    const joiners = label.match(JOINERS)?.length ?? 0;
    if (joiners !== (label.match(JOINER)?.length ?? 0)) return false;
    return !INVALID.test(label.replace(JOINERS, "")) && map(label) === label;
}

function labelToASCII(label) {
    if (ASCII.test(label) && !label.startsWith("xn--")) return label;
    let unicode = label;
    if (label.startsWith("xn--")) {
        unicode = decode(label.slice(4));
        if (ASCII.test(unicode)) return undefined;
    }
    return isValid(unicode) ? `xn--${encode(unicode)}` : undefined;
}

// The ASCII form; `null`, if there is none.
export function toASCII(domain) {
    const labels = map(domain.replace(SEPARATOR, ".")).split(".");
    try {
        for (let i = 0; i < labels.length; i++) {
            labels[i] = labelToASCII(labels[i]);
            if (labels[i] === undefined) return null;
        }
    } catch {
        // Not Punycode.
        return null;
    }
    return labels.join(".");
}
