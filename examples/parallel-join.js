// Joins two services: open orders, and the customers and exchange rates that they mention.
//
//     agentloop run examples/parallel-join.js --fixtures examples/parallel-join.fixtures.json
//
// The calls of one `Promise.all` run at the same time: six calls here, two waits.

const [orders, rates] = await Promise.all([
    tools.shop.list_orders({ status: "open" }),
    tools.rates.latest({ base: "EUR" }),
]);

// One call per customer, not per order: three orders share a customer.
const ids = [...new Set(orders.map((order) => order.customer_id))];
const customers = await Promise.all(ids.map((id) => tools.crm.get_customer({ id })));
const byId = new Map(customers.map((customer) => [customer.id, customer]));

const euros = (order) => order.amount / rates[order.currency];
const round = (amount) => Math.round(amount * 100) / 100;

const joined = Map.groupBy(orders, (order) => order.customer_id);
return [...joined]
    .map(([id, theirs]) => ({
        customer: byId.get(id).name,
        country: byId.get(id).country,
        orders: theirs.length,
        open_eur: round(theirs.reduce((sum, order) => sum + euros(order), 0)),
    }))
    .sort((a, b) => b.open_eur - a.open_eur);
