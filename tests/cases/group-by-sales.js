// Groups sales with Object.groupBy and Map.groupBy and builds totals per group.
const sales = [
  { region: "north", product: "tea", amount: 120, returned: false },
  { region: "south", product: "tea", amount: 80, returned: true },
  { region: "north", product: "coffee", amount: 200, returned: false },
  { region: "east", product: "milk", amount: 30, returned: false },
  { region: "south", product: "coffee", amount: 95, returned: false },
  { region: "constructor", product: "tea", amount: 1, returned: false },
];

const byRegion = Object.groupBy(sales, ({ region }) => region);
const totals = Object.fromEntries(
  Object.entries(byRegion).map(([region, rows]) => [region, rows.reduce((sum, { amount }) => sum + amount, 0)]),
);

const tea = { name: "tea" }, other = { name: "other" };
const byKind = Map.groupBy(sales, (sale) => (sale.product === "tea" ? tea : other));

const sizes = Object.groupBy(sales, ({ amount }) => (amount >= 100 ? "large" : amount >= 50 ? "medium" : "small"));
const { true: returned = [], false: kept = [] } = Object.groupBy(sales, (sale) => sale.returned);

console.log(Object.keys(byRegion));
console.log("prototype of the groups:", Object.getPrototypeOf(byRegion));
for (const [size, rows] of Object.entries(sizes)) {
  console.log(`${size}: ${rows.map((row) => row.amount).join(", ")}`);
}

return {
  totals,
  tea: byKind.get(tea).length,
  other: byKind.get(other).map((sale) => sale.product),
  returned: returned.length,
  kept: kept.length,
  evenOdd: Object.groupBy(new Set([1, 2, 3, 4]), (n, index) => (n % 2 ? "odd" : `even${index}`)),
};
