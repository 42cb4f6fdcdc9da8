// Counts words, including words that are also names of members every object inherits.
const text = `The constructor calls toString, and toString calls valueOf. A constructor is not a __proto__;
__proto__ is not a prototype. hasOwnProperty? hasOwnProperty! The constructor — again — and the end.`;

const words = text.toLowerCase().match(/[\p{L}_]+/gu);

const counts = Object.create(null);
for (const word of words) counts[word] = (counts[word] ?? 0) + 1;

const map = words.reduce((m, word) => m.set(word, (m.get(word) || 0) + 1), new Map());

// The naive way, which goes wrong for inherited names.
const naive = {};
for (const word of ["tostring", "apple", "apple"]) naive[word] = (naive[word] || 0) + 1;
const buggy = {};
for (const word of ["constructor", "toString", "apple"]) buggy[word] = (buggy[word] || 0) + 1;

const safe = {};
for (const word of ["constructor", "__proto__", "toString", "__proto__", "apple"]) {
  const n = Object.hasOwn(safe, word) ? safe[word] : 0;
  Object.defineProperty(safe, word, { value: n + 1, enumerable: true, writable: true, configurable: true });
}

const ranked = [...map].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
for (const [word, n] of ranked.slice(0, 4)) console.log(word.padEnd(16, "."), n);

return {
  total: words.length,
  unique: map.size,
  top: ranked.slice(0, 5),
  proto: [counts["__proto__"], map.get("__proto__")],
  naive,
  buggyIsText: typeof buggy.constructor,
  buggyApple: buggy.apple,
  safe,
  untouched: Object.prototype.toString.call({}) === "[object Object]",
};
