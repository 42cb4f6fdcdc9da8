// Lazy pipelines with iterator helpers over an infinite generator.
function* naturals() {
  let n = 1;
  try {
    while (true) yield n++;
  } finally {
    console.log(`source closed at ${n - 1}`);
  }
}

let pulled = 0;
const squares = naturals()
  .map((n) => { pulled++; return n * n; })
  .filter((square) => square % 3 === 1)
  .drop(1)
  .take(4)
  .toArray();

const total = naturals().take(100).reduce((sum, n) => sum + n, 0);
const firstBig = naturals().find((n) => n ** 3 > 1000);
const letters = ["ab", "cd"].values().flatMap((word) => [...word]).toArray();
const everySmall = [1, 2, 3].values().every((n) => n < 10);
const someLarge = new Set([1, 50]).values().some((n) => n > 10);

const seen = [];
new Map([["a", 1], ["b", 2]]).entries().forEach(([key, value], i) => seen.push(`${i}:${key}=${value}`));

const wrapped = Iterator.from({
  left: 3,
  next() { return this.left-- > 0 ? { value: this.left, done: false } : { value: undefined, done: true }; },
});

console.log(squares);
return {
  squares, pulled, total, firstBig, letters, everySmall, someLarge, seen,
  wrapped: wrapped.map((n) => n * 10).toArray(),
  isIterator: [naturals() instanceof Iterator, wrapped instanceof Iterator],
  zipped: ["x", "y", "z"].values().map((v, i) => [i, v]).drop(1).toArray(),
};
