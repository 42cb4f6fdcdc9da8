// Descriptive statistics, quantiles, correlation, linear regression, outliers and a text histogram.
const samples = [12.1, 9.8, 15.3, 11.0, 10.2, 48.0, 13.7, 9.1, 12.9, 10.8, 14.4, 11.6];

const sum = (xs) => xs.reduce((a, b) => a + b, 0);
const mean = (xs) => sum(xs) / xs.length;
const variance = (xs) => sum(xs.map((x) => (x - mean(xs)) ** 2)) / (xs.length - 1);
const round = (x, places = 3) => Number(`${Math.round(`${x}e${places}`)}e-${places}`);

function quantile(xs, q) {
  const sorted = xs.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const [low, high] = [Math.floor(position), Math.ceil(position)];
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low);
}

const [q1, median, q3] = [0.25, 0.5, 0.75].map((q) => quantile(samples, q));
const fence = 1.5 * (q3 - q1);
const outliers = samples.filter((x) => x < q1 - fence || x > q3 + fence);

function regression(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [mx, my] = [mean(xs), mean(ys)];
  const sxy = sum(points.map(([x, y]) => (x - mx) * (y - my)));
  const sxx = sum(xs.map((x) => (x - mx) ** 2));
  const syy = sum(ys.map((y) => (y - my) ** 2));
  const slope = sxy / sxx;
  return { slope, intercept: my - slope * mx, r: sxy / Math.sqrt(sxx * syy) };
}

function histogram(xs, width) {
  const bins = new Map();
  for (const x of xs) {
    const bin = Math.floor(x / width) * width;
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  return [...bins].sort(([a], [b]) => a - b);
}

for (const [bin, n] of histogram(samples, 5))
  console.log(`${String(bin).padStart(3)}–${String(bin + 5).padEnd(3)} ${"*".repeat(n)}`);

const line = regression([[1, 2.1], [2, 3.9], [3, 6.2], [4, 7.8], [5, 10.1]]);
const moving = samples.map((_, i) => samples.slice(Math.max(0, i - 2), i + 1)).map((w) => round(mean(w), 2));

return {
  mean: round(mean(samples)),
  deviation: round(Math.sqrt(variance(samples))),
  q1: round(q1),
  median: round(median),
  q3: round(q3),
  outliers,
  min: Math.min(...samples),
  max: Math.max(...samples),
  line: Object.fromEntries(Object.entries(line).map(([k, v]) => [k, round(v)])),
  moving,
  mode: [...Map.groupBy([1, 2, 2, 3, 3, 3], (x) => x)].toSorted((a, b) => b[1].length - a[1].length)[0][0],
  constants: [
    Math.hypot(3, 4),
    Math.sign(-2),
    Math.cbrt(27),
    Math.trunc(-4.7),
    Math.log10(1000),
    round(Math.atan2(1, 1), 6),
  ],
  empty: [sum([]), mean([]), Math.max()],
};
