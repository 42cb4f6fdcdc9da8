// Formats a report as fixed-width text: padding, truncation, wrapping, number formats, boxes.
const items = [
  ["Espresso machine, fully automatic", 1, 1249.99],
  ["Coffee beans 1kg", 12, 18.5],
  ["Cups", 24, 3],
];

const truncate = (text, width) => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
const money = (value) => value.toFixed(2).replace(/\B(?=(\d{3})+\b)/g, " ");
const bytes = (n) => {
  const units = ["B", "KiB", "MiB", "GiB"];
  const i = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(n, 1)) / 10));
  return `${i ? (n / 1024 ** i).toFixed(1) : n} ${units[i]}`;
};
const duration = (ms) => {
  const parts = [[3_600_000, "h"], [60_000, "m"], [1000, "s"]].map(([unit, label]) => {
    const n = Math.floor(ms / unit);
    ms %= unit;
    return n ? `${n}${label}` : "";
  });
  return parts.filter(Boolean).join(" ") || `${ms}ms`;
};

function wrap(text, width) {
  return text.split(/\s+/).reduce((lines, word) => {
    const last = lines.at(-1);
    if (last && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
    return lines;
  }, []);
}

const box = (lines) => {
  const width = Math.max(...lines.map((line) => line.length));
  return [
    `┌${"─".repeat(width + 2)}┐`,
    ...lines.map((l) => `│ ${l.padEnd(width)} │`),
    `└${"─".repeat(width + 2)}┘`,
  ].join("\n");
};

const lines = items.map(
  ([name, qty, price]) =>
    `${truncate(name, 20).padEnd(20, ".")}${`${qty}×`.padStart(5)}${money(qty * price).padStart(12)}`,
);
const total = items.reduce((sum, [, qty, price]) => sum + qty * price, 0);
console.log(box([...lines, "=".repeat(37), `${"TOTAL".padEnd(25)}${money(total).padStart(12)}`]));

return {
  bytes: [0, 1023, 1024, 1536, 5 * 1024 ** 3].map(bytes),
  durations: [0, 999, 61_000, 3_600_000, 7_325_000].map(duration),
  wrapped: wrap("The quick brown fox jumps over the lazy dog and runs", 16),
  numbers: [
    (0.1 + 0.2).toFixed(10),
    (1e21).toString(),
    (255).toString(2),
    (1234.5678).toPrecision(6),
    (0.00001).toExponential(1),
    (25).toString(36),
  ],
  rounding: [1.005, 2.5, -1.5, 1.45].map((n) => [n.toFixed(2), Math.round(n)]),
  trims: ["  x ".trim(), "  x ".trimStart(), "  x ".trimEnd()],
  ordinals: [1, 2, 3, 4, 11, 12, 21, 111].map(
    (n) => n + (["th", "st", "nd", "rd"][((n % 100) >> 3) ^ 1 && n % 10] ?? "th"),
  ),
};
