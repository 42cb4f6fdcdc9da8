// Fetches two lists through tools in parallel, joins them and makes a report.
const customersRequest = tools.raw({
  json: '[{"id":1,"name":"ACME"},{"id":2,"name":"Globex"},{"id":3,"name":"Initech"}]',
});
const ordersRequest = tools.raw({
  json: `[{"id":10,"customer":1,"lines":[{"qty":2,"price":9.99},{"qty":1,"price":100}]},
          {"id":11,"customer":3,"lines":[]},
          {"id":12,"customer":1,"lines":[{"qty":3,"price":5}]},
          {"id":13,"customer":9,"lines":[{"qty":1,"price":1}]}]`,
});

const [customers, orders] = await Promise.all([customersRequest, ordersRequest]);

const totalOf = ({ lines }) => lines.reduce((sum, { qty, price }) => sum + qty * price, 0);
const ordersByCustomer = Map.groupBy(orders, ({ customer }) => customer);

const report = customers.map(({ id, name }) => {
  const own = ordersByCustomer.get(id) ?? [];
  return {
    name,
    orders: own.map((order) => order.id),
    total: Number(
      own
        .map(totalOf)
        .reduce((a, b) => a + b, 0)
        .toFixed(2),
    ),
  };
});
const known = new Set(customers.map(({ id }) => id));
const orphans = orders.filter(({ customer }) => !known.has(customer));

const checked = await tools.math.add({ x: report[0].total, y: orphans.length });

for (const { name, orders: ids, total } of report) {
  console.log(`${name}: ${ids.length === 0 ? "no orders" : `orders ${ids.join(", ")}`} worth ${total.toFixed(2)}`);
}
if (orphans.length > 0) console.warn(`${orphans.length} order(s) of unknown customers:`, orphans.map(({ id }) => id));

return { report, orphans, checked };
