// Closures: counters, once, modules, loops with let, partial state, memo of a generator, self-modifying functions.
const counter = (() => {
  let n = 0;
  return { next: () => ++n, reset: () => (n = 0), get value() { return n; } };
})();

const once = (fn) => {
  let done = false, value;
  return (...args) => (done ? value : ((done = true), (value = fn(...args))));
};

const closures = { let: [], var: [] };
for (let i = 0; i < 3; i++) closures.let.push(() => i);
for (var j = 0; j < 3; j++) closures.var.push(() => j);

function makeStack() {
  const items = [];
  return Object.freeze({
    push: (x) => items.push(x),
    pop: () => items.pop(),
    get size() { return items.length; },
  });
}

const init = once((x) => { console.log("initialised with", x); return x * 2; });
const results = [init(21), init(100)];

let greet = (name) => {
  greet = (again) => `welcome back, ${again}`;
  return `hello, ${name}`;
};

const stack = makeStack();
[1, 2, 3].forEach(stack.push);
stack.pop();

const compose = (...fns) => fns.reduceRight((f, g) => (...args) => g(f(...args)));
const hoisted = typeof later === "function" ? later() : "missing";
function later() { return "hoisted"; }

let zone;
try { zone = early; } catch (error) { zone = error.name; }
let early = 1;

const uid = ((prefix, n = 0) => () => `${prefix}${n++}`)("id-");
counter.next(); counter.next();
const before = counter.value;
counter.reset();

return {
  results, closures: [closures.let.map((f) => f()), closures.var.map((f) => f())], size: stack.size,
  greetings: [greet("Ann"), greet("Ann")], composed: compose((x) => x + 1, (x) => x * 10)(4),
  hoisted, zone, ids: [uid(), uid()], before, after: counter.value,
  names: [counter.next.name, (() => {}).name, later.name, Object.getOwnPropertyDescriptor(counter, "value").get.name],
};
