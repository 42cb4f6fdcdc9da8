// Functional building blocks: pipe, compose, curry, partial application, transducers, Maybe, async pipes.
const pipe = (...fns) => (input) => fns.reduce((value, fn) => fn(value), input);
const compose = (...fns) => pipe(...fns.toReversed());
const curry = (fn) => function curried(...args) {
  return args.length >= fn.length ? fn(...args) : (...more) => curried(...args, ...more);
};
const pipeAsync = (...fns) => (input) => fns.reduce(async (value, fn) => fn(await value), input);

const mapping = (fn) => (step) => (acc, x) => step(acc, fn(x));
const filtering = (test) => (step) => (acc, x) => (test(x) ? step(acc, x) : acc);
const transduce = (xform, step, initial, items) => items.reduce(xform(step), initial);

class Maybe {
  static of = (value) => new Maybe(value);
  constructor(value) { this.value = value; }
  map(fn) { return this.value == null ? this : Maybe.of(fn(this.value)); }
  getOr(fallback) { return this.value ?? fallback; }
}

const slugify = pipe(
  (s) => s.normalize("NFD"),
  (s) => s.replace(/\p{M}/gu, ""),
  (s) => s.toLowerCase(),
  (s) => s.replace(/[^a-z0-9]+/g, "-"),
  (s) => s.replace(/^-|-$/g, ""),
);

const between = curry((low, high, x) => x >= low && x <= high);
const isTeen = between(13)(19);
const xform = compose(filtering((n) => n % 2), mapping((n) => n * n));

const fetchTotal = pipeAsync(
  (n) => tools.add({ x: n, y: 1 }),
  (n) => ({ x: n, y: n }),
  tools.math.add,
  async (n) => `total ${n}`,
);

const bound = Math.max.bind(null, 10);
const unary = (fn) => (x) => fn(x);

console.log(slugify("  Crème Brûlée & Café — №1! "));
return {
  slug: slugify("Hello, Wörld"),
  teens: [12, 13, 19, 20].map(isTeen),
  curried: between(1, 5, 3),
  transduced: transduce(xform, (a, b) => a + b, 0, [1, 2, 3, 4, 5]),
  maybe: [Maybe.of({ a: { b: 4 } }), Maybe.of(null)].map((m) => m.map((x) => x.a).map((x) => x?.b).getOr("nothing")),
  total: await fetchTotal(4),
  bound: [bound(3), bound(30)],
  pitfalls: [["1", "2", "3"].map(parseInt), ["1", "2", "3"].map(unary(parseInt))],
  length: [between.length, ((a, b = 1, ...c) => 0).length, curry.name],
};
