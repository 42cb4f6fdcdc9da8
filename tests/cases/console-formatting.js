// How console.log shows values: nested objects, classes, collections, functions, strings, long arrays, placeholders.
class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}
class Empty {}

console.log("text", 'it\'s', 42, -0, 10n, true, null, undefined, Symbol("s"));
console.log(["a", 'b\'s', "new\nline"], { key: "value", "quoted-key": 1, 3: "three" });
console.log({ deep: { level: { two: { three: { four: 1 } } } } });
console.log(new Point(1, 2), new Empty(), [new Point(0, 0)]);
console.log(new Map([["a", { n: 1 }], ["b", [1, 2]]]), new Set(["x", 1]));
console.log([1, , 3], [, "end"], Array(3), Object.assign([1, 2], { extra: true }));
console.log(function named() {}, () => {}, class A extends Point {}, async () => {}, Math.max);
console.log([undefined, null, NaN], {
  f() {},
  g: () => 1,
  [Symbol("k")]: 1,
  get computed() {
    return 1;
  },
  set only(v) {},
});
console.log(new Date(0), /re+/g, new Date(NaN), [new Date(0)]);
console.log(Array.from({ length: 120 }, (_, i) => i));
console.log("%s is %d years and %i months, %f, %j %O %%", "Ann", 42, 3.9, "1.5", { a: 1 }, { b: { c: {} } }, "extra");
console.log({ long: "a".repeat(60), other: "b".repeat(60), list: ["c".repeat(30), "d".repeat(30)] });
const cyclic = { name: "loop", list: [] };
cyclic.self = cyclic;
cyclic.list.push(cyclic);
console.log(cyclic);
console.log(Object.create(null), Object.create({ inherited: 1 }), Object.create(Point.prototype));
console.log([[[[1]]]], [{}], {}, []);
console.log(new Uint8Array(3), new ArrayBuffer(2), [1.5, -2], ["x".repeat(10)]);
console.log(Promise.resolve(4), new WeakMap(), Symbol.iterator);
console.log([true, "a", { b: [] }], new Boolean(false), new String("boxed"), Object(1n));
console.log();
console.info("info"), console.warn("warn"), console.error("error"), console.debug("debug");

"done";
