// Optional chaining, nullish and logical assignment, exponent, spread, comma, chained comparisons by hand.
const config = {
  server: {
    port: 0,
    hosts: ["a", "b"],
    start() {
      return `started ${this.port}`;
    },
  },
  debug: null,
  retries: undefined,
  name: "",
};

const reads = [
  config.server?.port ?? 8080,
  config.server?.port || 8080,
  config.client?.port ?? "no client",
  config.server?.hosts?.[1],
  config.client?.hosts[0].length,
  config.server.start?.(),
  config.server.stop?.() ?? "cannot stop",
  config?.["debug"]?.level ?? "silent",
];

let calls = 0;
const expensive = () => { calls++; return "computed"; };
config.retries ??= 3;
config.debug ??= expensive();
config.server.port ||= 80;
config.name &&= expensive();
config.debug ??= expensive();

const base = { a: 1, b: { c: 2 }, ...(config.missing && { never: true }), ...(calls > 0 && { ran: true }) };
const merged = { ...base, b: { ...base.b, d: 4 }, ...null, ...[10, 20] };
const max = Math.max(...[3, 9, 4], ...new Set([1, 12]));

const deleted = delete config.server?.hosts;
let steps = 0;
const last = (steps++, steps++, steps);

function inspect(...[first, ...others]) {
  return `${first}+${others.length} of ${arguments.length}`;
}

console.log(reads);
console.log(merged);
return {
  reads, calls, config, merged, max, deleted, last,
  rest: [inspect(1), inspect(1, 2, 3)],
  powers: [2 ** -1, (-2) ** 2, 2 ** 3 ** 0],
  voided: void 0 ?? "void",
  types: [typeof null, typeof undeclaredVariable, typeof (() => 1), typeof 1n, typeof Symbol()],
  separators: [1_000_000, 0b1010, 0o17, 0xff, .5e1],
  inChecks: ["a" in base, 1 in [5, 6], !("z" in base)],
};
