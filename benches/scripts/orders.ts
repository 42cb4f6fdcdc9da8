type Currency = "EUR" | "USD" | "NOK";

interface Line {
    sku: string;
    quantity: number;
    price: { amount: number; currency: Currency };
    discount?: number;
}

interface Order {
    readonly id: number;
    customer: string;
    lines: Line[];
    placed: Date;
}

const rates: Record<Currency, number> = { EUR: 1, USD: 0.92, NOK: 0.087 };

function isDiscounted(line: Line): line is Line & { discount: number } {
    return typeof line.discount === "number" && line.discount > 0;
}

function groupBy<T, K extends string>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
    const groups = new Map<K, T[]>();
    for (const item of items) {
        const name = key(item);
        const group = groups.get(name) ?? [];
        group.push(item);
        groups.set(name, group);
    }
    return groups;
}

class Ledger {
    private totals: Map<string, number> = new Map();

    add(order: Order): void {
        const sum = order.lines.reduce((total: number, line: Line) => total + this.value(line), 0);
        this.totals.set(order.customer, (this.totals.get(order.customer) ?? 0) + sum);
    }

    protected value(line: Line): number {
        const gross = line.quantity * line.price.amount * rates[line.price.currency];
        return isDiscounted(line) ? gross * (1 - line.discount) : gross;
    }

    top(count = 3): Array<[string, number]> {
        return [...this.totals].sort(([, a], [, b]) => b - a).slice(0, count) as Array<[string, number]>;
    }
}

const orders: Order[] = [
    { id: 1, customer: "ada", lines: [{ sku: "a", quantity: 2, price: { amount: 10, currency: "EUR" } }], placed: new Date(0) },
    { id: 2, customer: "bob", lines: [{ sku: "b", quantity: 1, price: { amount: 50, currency: "USD" }, discount: 0.5 }], placed: new Date(0) },
];
const ledger = new Ledger();
for (const order of orders) ledger.add(order);
const byCustomer = groupBy(orders, (order) => order.customer as "ada" | "bob");
[byCustomer.size, ledger.top()!.map(([name, total]) => `${name}:${Math.round(total)}`)];
