// Strings beyond ASCII: code points, normalisation, well-formedness, raw comparisons, reversing, slicing, casing.
const family = "👩‍👩‍👧";
const accents = ["é", "e\u0301"];
const flag = "🇵🇱";
const lone = "ab\uD83D";

const reverse = (text) => [...text].reverse().join("");
const codePoints = (text) =>
  Array.from(text, (c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);

const clusters = (text) =>
  text.match(/\p{RI}{2}|\p{Emoji}(?:\p{EMod}|\uFE0F)?(?:\u200D\p{Emoji}\uFE0F?)*|\P{M}\p{M}*/gu);

function truncate(text, bytes) {
  let used = 0;
  let out = "";
  for (const char of text) {
    const size = new TextEncoder().encode(char).length;
    if (used + size > bytes) break;
    used += size;
    out += char;
  }
  return out;
}

const table = {
  family: [family.length, [...family].length, clusters(family).length],
  flag: [flag.length, [...flag].length, clusters(`a${flag}e\u0301`)],
  normal: [
    accents[0] === accents[1],
    accents[0] === accents[1].normalize(),
    "ﬁ①".normalize("NFKC"),
    "ñ".normalize("NFD").length,
  ],
  wellFormed: [lone.isWellFormed(), lone.toWellFormed().codePointAt(2), "ok".isWellFormed()],
  reversed: [reverse("añb😀"), "añb😀".split("").reverse().join("").isWellFormed()],
  points: codePoints("aż😀"),
  built: [String.fromCodePoint(0x1f600, 65), String.fromCharCode(0xd83d, 0xde00), "\x41\u0042\u{43}"],
  at: ["😀x".at(0) === "😀", "😀x".charAt(2), "abc".at(-1), "abc".charCodeAt(9)],
  slices: ["abcdef".slice(-3, -1), "abcdef".substring(4, 1), "abc".slice(2, 1), "abcdef".substr(-2)],
  casing: ["ǅ".toLowerCase(), "ß".toUpperCase(), "İ".toLowerCase().length, "ΑΣ".toLowerCase(), "ﬀ".toUpperCase()],
  search: [
    "żółw".includes("ół"),
    "abcabc".lastIndexOf("c", 4),
    "abc".startsWith("b", 1),
    "abc".endsWith("b", 2),
    "abc".search(/c/),
  ],
  padded: ["5".padStart(3, "ab"), "x".padEnd(4, "😀").length, "ab".repeat(0), "-".repeat(3)],
  compare: ["a" < "B", "a".localeCompare("B"), "Z" < "a", "ä" > "z", ["ż", "z", "a"].sort()],
  truncated: [truncate("zażółć", 5), truncate("a😀b", 4)],
  spaces: ["\u00a0 x\ufeff".trim(), "a\tb\nc\u2028d".split(/\s/)],
};

console.log(family, accents.join(" "), table.points);
console.log([lone.toWellFormed()], ["tab\t", "null\0", "\u001b[0m"]);
return table;
