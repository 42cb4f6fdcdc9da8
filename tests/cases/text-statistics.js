// Statistics of a text: sentences, syllables, reading time, longest word, letter histogram, palindromes.
const text = `It was the best of times, it was the worst of times. Anna saw a racecar at noon!
Was it a car or a cat I saw? "Never odd or even," he said.

The level of civic radar was low.`;

const paragraphs = text.split(/\n{2,}/);
const sentences = text.replace(/\s+/g, " ").match(/[^.!?]+[.!?]+["']?/g).map((s) => s.trim());
const words = text.match(/\b[\w']+\b/g);
const syllables = (word) => Math.max(1, (word.toLowerCase().replace(/e$/, "").match(/[aeiouy]+/g) ?? []).length);

const letters = {};
for (const char of text.toLowerCase()) {
  if (char >= "a" && char <= "z") letters[char] = (letters[char] ?? 0) + 1;
}
const histogram = Object.entries(letters)
  .sort(([a, x], [b, y]) => y - x || a.localeCompare(b))
  .slice(0, 5)
  .map(([char, n]) => `${char} ${"█".repeat(n)} ${n}`);

const reverse = (s) => [...s].reverse().join("");
const palindromes = [...new Set(words.map((w) => w.toLowerCase()))].filter((w) => w.length > 2 && w === reverse(w));
const isPalindrome = (s) => {
  const clean = s.normalize("NFD").toLowerCase().replace(/[^a-z]/g, "");
  return clean === reverse(clean);
};

const lengths = words.map((w) => w.length).sort((a, b) => a - b);
const middle = lengths.length >> 1;

console.log(histogram.join("\n"));
return {
  paragraphs: paragraphs.length,
  sentences: sentences.length,
  words: words.length,
  syllables: words.reduce((n, w) => n + syllables(w), 0),
  mean: Number((lengths.reduce((a, b) => a + b) / lengths.length).toFixed(3)),
  median: lengths.length % 2 ? lengths[middle] : (lengths[middle - 1] + lengths[middle]) / 2,
  longest: words.reduce((best, w) => (w.length > best.length ? w : best), ""),
  palindromes,
  whole: [
    isPalindrome("Was it a car or a cat I saw?"),
    isPalindrome("Ésope reste ici et se repose"),
    isPalindrome("no"),
  ],
};
