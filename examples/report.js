// A report over a thousand records: they stay in the sandbox, and only the report comes out of it.
//
//     agentloop run examples/report.js --fixtures examples/report.fixtures.json

const { columns, rows } = await tools.sales.query({ year: 2025 });
const records = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));

const sum = (list, of) => list.reduce((total, item) => total + of(item), 0);
const cents = (list) => sum(list, (sale) => sale.quantity * sale.price_cents);
const money = (amount) => (amount / 100).toFixed(2);

function median(numbers) {
    const sorted = numbers.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const groups = (key) => [...Map.groupBy(records, key)];

const byRegion = groups((sale) => sale.region)
    .map(([region, sales]) => ({ region, sales: sales.length, revenue: money(cents(sales)) }))
    .sort((a, b) => b.revenue - a.revenue);

const byProduct = groups((sale) => sale.product)
    .map(([product, sales]) => ({ product, units: sum(sales, (sale) => sale.quantity), revenue: money(cents(sales)) }))
    .sort((a, b) => b.revenue - a.revenue)
    .slice(0, 5);

const byMonth = groups((sale) => sale.date.slice(0, 7)).sort(([a], [b]) => (a < b ? -1 : 1));
const best = byMonth.reduce((a, b) => (cents(b[1]) > cents(a[1]) ? b : a));

const returned = records.filter((sale) => sale.returned);

return {
    records: records.length,
    revenue: money(cents(records)),
    median_sale: money(median(records.map((sale) => sale.quantity * sale.price_cents))),
    returned: `${((100 * returned.length) / records.length).toFixed(1)} %`,
    best_month: { month: best[0], revenue: money(cents(best[1])) },
    regions: byRegion,
    top_products: byProduct,
};
