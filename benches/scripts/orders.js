const rates = { EUR: 1, USD: 0.92, NOK: 0.087 };
function isDiscounted(line) {
    return typeof line.discount === "number" && line.discount > 0;
}
function groupBy(items, key) {
    const groups = new Map();
    for (const item of items) {
       const name = key(item);
       const group = groups.get(name) ?? [];
       group.push(item);
       groups.set(name, group);
    }
    return groups;
}
class Ledger {
    totals = new Map();
    add(order) {
       const sum = order.lines.reduce((total, line) => total + this.value(line), 0);
       this.totals.set(order.customer, (this.totals.get(order.customer) ?? 0) + sum);
    }
    value(line) {
       const gross = line.quantity * line.price.amount * rates[line.price.currency];
       return isDiscounted(line) ? gross * (1 - line.discount) : gross;
    }
    top(count = 3) {
       return [...this.totals].sort(([, a], [, b]) => b - a).slice(0, count);
    }
}
const orders = [
    { id: 1, customer: "ada", lines: [{ sku: "a", quantity: 2, price: { amount: 10, currency: "EUR" } }], placed: new Date(0) },
    { id: 2, customer: "bob", lines: [{ sku: "b", quantity: 1, price: { amount: 50, currency: "USD" }, discount: 0.5 }], placed: new Date(0) },
];
const ledger = new Ledger();
for (const order of orders) ledger.add(order);
const byCustomer = groupBy(orders, (order) => order.customer);
[byCustomer.size, ledger.top().map(([name, total]) => `${name}:${Math.round(total)}`)];
