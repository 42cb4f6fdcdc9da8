// Recursion with memoisation: Fibonacci, longest common subsequence, coin change, edit distance.
function memoize(fn, key = (...args) => args.join("|")) {
  const cache = new Map();
  let hits = 0;
  const memoized = (...args) => {
    const k = key(...args);
    if (cache.has(k)) {
      hits++;
      return cache.get(k);
    }
    const value = fn(...args);
    cache.set(k, value);
    return value;
  };
  return Object.assign(memoized, { stats: () => ({ size: cache.size, hits }) });
}

const fib = memoize((n) => (n < 2n ? n : fib(n - 1n) + fib(n - 2n)), String);

const lcs = memoize((a, b) => {
  if (!a || !b) return "";
  if (a[0] === b[0]) return a[0] + lcs(a.slice(1), b.slice(1));
  const [x, y] = [lcs(a.slice(1), b), lcs(a, b.slice(1))];
  return y.length > x.length ? y : x;
});

const change = memoize((amount, coins) => {
  if (amount === 0) return 1;
  if (amount < 0 || coins.length === 0) return 0;
  return change(amount - coins[0], coins) + change(amount, coins.slice(1));
});

const distance = memoize((a, b) => {
  if (!a.length || !b.length) return a.length + b.length;
  return Math.min(
    distance(a.slice(1), b) + 1,
    distance(a, b.slice(1)) + 1,
    distance(a.slice(1), b.slice(1)) + Number(a[0] !== b[0]),
  );
});

const permutations = (items) =>
  items.length < 2
    ? [items]
    : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));

console.log("fib stats", (fib(90n), fib.stats()));
return {
  fib: fib(90n).toString(),
  lcs: lcs("AGGTABQWERTY", "GXTXAYBQRTY"),
  change: change(100, [50, 25, 10, 5, 1]),
  distance: [distance("kitten", "sitting"), distance("", "abc"), distance("flaw", "lawn")],
  permutations: permutations([..."abc"]).map((p) => p.join("")),
};
