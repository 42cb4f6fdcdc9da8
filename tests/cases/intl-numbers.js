// Number formatting for en-US: currencies, percent, compact, units, rounding, parts.
const format = (value, options) => new Intl.NumberFormat("en-US", options).format(value);
const usd = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

const invoice = [["Licence", 1200], ["Support", 349.5], ["Discount", -100]];
for (const [label, amount] of invoice) console.log(label.padEnd(10) + usd.format(amount).padStart(12));
const total = invoice.reduce((sum, [, amount]) => sum + amount, 0);
console.log("Total".padEnd(10) + usd.format(total).padStart(12));

return {
  plain: (1234567.891).toLocaleString("en-US"),
  defaultLocale: (9876.5).toLocaleString(),
  currencies: ["EUR", "JPY", "GBP"].map((currency) => format(1234.5, { style: "currency", currency })),
  accounting: format(-5, { style: "currency", currency: "USD", currencySign: "accounting" }),
  percent: [format(0.256, { style: "percent" }), format(0.2567, { style: "percent", minimumFractionDigits: 1 })],
  compact: [999, 1234, 15_600, 1_234_567, 2e9].map((n) => format(n, { notation: "compact" })),
  long: format(1_234_567, { notation: "compact", compactDisplay: "long" }),
  scientific: format(123456, { notation: "scientific", maximumFractionDigits: 2 }),
  units: [
    format(16, { style: "unit", unit: "liter", unitDisplay: "long" }),
    format(80, { style: "unit", unit: "kilometer-per-hour" }),
  ],
  digits: [
    format(5, { minimumIntegerDigits: 2 }),
    format(1.005, { maximumFractionDigits: 2 }),
    format(123456, { maximumSignificantDigits: 3 }),
  ],
  grouping: format(1234567, { useGrouping: false }),
  sign: [format(3, { signDisplay: "always" }), format(0, { signDisplay: "exceptZero" })],
  parts: new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" })
    .formatToParts(1234.5)
    .map(({ type, value }) => `${type}=${value}`),
  bigint: 12345678901234567890n.toLocaleString("en-US"),
  special: [format(NaN), format(Infinity), format(-0)],
  german: new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234.5),
};
