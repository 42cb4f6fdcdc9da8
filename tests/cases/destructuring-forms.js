// Destructuring in every form a script is likely to use.
const response = {
  status: 200,
  headers: { "content-type": "application/json", "x-rate-limit": "60" },
  body: {
    user: { id: 7, name: { first: "Ada", last: "Lovelace" }, emails: ["a@x.org", "b@x.org", "c@x.org"] },
    meta: null,
  },
};

const {
  status: code,
  headers: { "content-type": type, ...otherHeaders },
  body: {
    user: { id, name: { first, middle = "—", last }, emails: [primary, , third = "none", fourth = `no ${id}`] },
    meta,
    tags: [tag] = ["untagged"],
  },
} = response;

const key = "stat" + "us";
const { [key]: dynamic, missing: { deep = "default" } = {} } = response;

let a = 1, b = 2, c = 3;
[a, b, c] = [c, a, b];
const target = {};
[target.x, target["y"], ...target.rest] = [10, 20, 30, 40];
({ a, b: target.b = 5 } = { a: 100 });

function draw(
  { x = 0, y = 0, style: { colour = "black", width: strokeWidth = 1 } = {} } = {},
  ...[firstPoint, { z } = { z: -1 }]
) {
  return [x, y, colour, strokeWidth, firstPoint ?? null, z];
}

const order = [];
const trace = (name, value) => (order.push(name), value);
const { p = trace("p", 1), q = trace("q", p + 1) } = { p: undefined };
const { n = trace("never", 0) } = { n: null };

const swapped = Object.entries({ one: 1, two: 2 }).map(([name, value]) => ({ [value]: name }));
for (const [index, { length }] of ["abc", "de"].entries()) console.log(index, length);
const [x1, [y1, ...z1]] = new Map([["k", [1, 2, 3]]]).entries().next().value;
const { length, [length - 1]: lastChar } = "hello";

return {
  code, type, otherHeaders, first, middle, last, primary, third, fourth, meta, tag, dynamic, deep,
  vars: [a, b, c], target, draws: [draw(), draw({ x: 1, style: { width: 3 } }, "p", { z: 9 })], order, n, pq: [p, q],
  swapped, entry: [x1, y1, z1], length, lastChar,
};
