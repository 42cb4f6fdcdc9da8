// Deep copies with structuredClone: cycles, Maps, Dates, typed arrays, and what cannot be copied.
const original = {
  when: new Date(0),
  tags: new Set(["a", "b"]),
  index: new Map([["k", { n: 1 }], [7, [1, 2]]]),
  pattern: /x+/gi,
  bytes: new Uint8Array([1, 2, 3]),
  nested: { list: [1, , 3], big: 10n, nothing: undefined, nan: NaN },
  error: new RangeError("too far", { cause: "speed" }),
};
original.self = original;
original.nested.parent = original;

const copy = structuredClone(original);
copy.nested.list.push(4);
copy.index.get("k").n = 99;
copy.bytes[0] = 255;
copy.when.setUTCFullYear(2000);

const checks = {
  differs: copy !== original,
  cycle: copy.self === copy && copy.nested.parent === copy,
  list: [original.nested.list.length, copy.nested.list.length, 1 in copy.nested.list],
  map: [original.index.get("k").n, copy.index.get("k").n, copy.index.get(7)],
  bytes: [original.bytes[0], copy.bytes[0], copy.bytes instanceof Uint8Array],
  dates: [original.when.getUTCFullYear(), copy.when.getUTCFullYear()],
  pattern: [copy.pattern instanceof RegExp, String(copy.pattern)],
  error: [copy.error instanceof RangeError, copy.error.message],
  big: copy.nested.big === 10n,
  hasNothing: "nothing" in copy.nested,
};

class Point {
  constructor(x) { this.x = x; }
  get double() { return this.x * 2; }
}
const flat = structuredClone(new Point(4));

const refused = [() => 1, Symbol("s"), { deep: { f() {} } }, Promise.resolve()].map((value) => {
  try {
    return structuredClone(value);
  } catch (error) {
    return `${error.name} ${error.code}`;
  }
});

const buffer = new ArrayBuffer(8);
const moved = structuredClone(buffer, { transfer: [buffer] });
console.log(copy.tags, copy.index);
return { checks, flat, isPoint: flat instanceof Point, refused, lengths: [buffer.byteLength, moved.byteLength] };
