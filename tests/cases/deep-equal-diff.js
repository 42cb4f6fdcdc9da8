// Deep equality with cycles, Maps, Sets, Dates and NaN, and a diff of two settings objects.
function equal(a, b, seen = new Map()) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Map) return a.size === b.size && [...a].every(([k, v]) => b.has(k) && equal(v, b.get(k), seen));
  if (a instanceof Set)
    return a.size === b.size && [...a].every((v) => b.has(v) || [...b].some((w) => equal(v, w, seen)));
  const keys = Reflect.ownKeys(a);
  return (
    keys.length === Reflect.ownKeys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key], seen))
  );
}

function* diff(before, after, path = []) {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of [...keys].sort()) {
    const here = [...path, key];
    if (!(key in after)) yield { op: "remove", path: here.join("."), was: before[key] };
    else if (!(key in before)) yield { op: "add", path: here.join("."), value: after[key] };
    else if (equal(before[key], after[key])) continue;
    else if ([before[key], after[key]].every((v) => Object(v) === v)) yield* diff(before[key], after[key], here);
    else yield { op: "replace", path: here.join("."), was: before[key], value: after[key] };
  }
}

const cyclic = () => {
  const node = { name: "loop", children: [{ n: NaN }] };
  node.self = node;
  return node;
};

const pairs = {
  cycles: [cyclic(), cyclic()],
  nan: [[NaN], [NaN]],
  zero: [[0], [-0]],
  dates: [new Date(5), new Date(5)],
  maps: [new Map([["a", new Set([[1]])]]), new Map([["a", new Set([[1]])]])],
  holes: [[1, , 3], [1, undefined, 3]],
  symbols: [{ [Symbol.for("k")]: 1 }, { [Symbol.for("k")]: 2 }],
  types: [[], {}],
  order: [{ a: 1, b: 2 }, { b: 2, a: 1 }],
};

const changes = [...diff(
  { theme: "dark", editor: { tab: 2, wrap: true, rulers: [80] }, old: 1 },
  { theme: "light", editor: { tab: 2, wrap: true, rulers: [80, 120] }, fresh: null },
)];
for (const { op, path } of changes) console.log(op.padEnd(8), path);
return { results: Object.fromEntries(Object.entries(pairs).map(([name, [a, b]]) => [name, equal(a, b)])), changes };
