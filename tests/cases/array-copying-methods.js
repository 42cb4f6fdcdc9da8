// Works on an immutable list with the copying array methods and shows that the original stays as it was.
const inventory = Object.freeze([
  { sku: "B-2", qty: 4, price: 9.5 },
  { sku: "A-1", qty: 0, price: 120 },
  { sku: "C-3", qty: 17, price: 2.25 },
  { sku: "A-9", qty: 3, price: 40 },
]);

const bySku = inventory.toSorted((a, b) => a.sku.localeCompare(b.sku));
const byValue = inventory.toSorted((a, b) => b.qty * b.price - a.qty * a.price);
const withoutSecond = inventory.toSpliced(1, 1);
const inserted = inventory.toSpliced(2, 0, { sku: "X", qty: 1, price: 1 }, { sku: "Y", qty: 1, price: 1 });
const updated = inventory.with(-1, { ...inventory.at(-1), qty: 99 });
const reversed = inventory.toReversed();

const skus = (list) => list.map(({ sku }) => sku).join(" ");
console.log("original:", skus(inventory));
console.log("sorted:  ", skus(bySku));
console.log("inserted:", skus(inserted));

let outOfRange;
try {
  inventory.with(10, null);
} catch (error) {
  outOfRange = error.name;
}

return {
  byValue: skus(byValue),
  withoutSecond: skus(withoutSecond),
  last: [inventory.at(-1).qty, updated.at(-1).qty],
  reversed: skus(reversed),
  outOfRange,
  defaultSort: [10, 9, 1, 100, undefined, 2].toSorted(),
  holes: [3, , 1].toSorted().length,
  typed: [...new Float64Array([3, -1, 2.5]).toSorted()],
};
