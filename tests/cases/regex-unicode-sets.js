// Unicode property escapes and the v flag: set difference, intersection and strings in classes.
const text = "Żółw №5 costs ٣٤ złoty — naïve café ☕, emoji 👩‍👩‍👧 and 🇵🇱, Ελλάδα, 東京!";

const letters = text.match(/\p{L}+/gu);
const greek = text.match(/\p{Script=Greek}+/gu);
const han = text.match(/\p{sc=Han}+/u)?.[0];
const digits = text.match(/\p{Nd}+/gu);

const nonAsciiLetters = text.match(/[\p{L}--[a-zA-Z]]/gv);
const lowerVowels = text.match(/[[aeiou]&&\p{Ll}]/gv).length;
const greekLetters = text.match(/[\p{Script=Greek}&&\p{Lu}]/v)?.[0];
const ends = "one.two;three".split(/[\q{.|;}]/v);

const hex = /^#[\p{AHex}]{6}$/u;
const astral = "a𝒳b";

console.log(letters.join("/"));
console.log(nonAsciiLetters.join(""));

return {
    greek,
    han,
    digits,
    lowerVowels,
    greekLetters,
    ends,
    colours: ["#00ff7F", "#00ff7G", "#fff"].map((c) => hex.test(c)),
    astral: [astral.length, [...astral].length, astral.match(/./gu).length, astral.match(/./g).length],
    unicodeEscape: /\u{1d4b3}/u.test(astral),
    flags: [/a/v.unicodeSets, /a/gimsuy.flags, /a/dgv.flags],
};
