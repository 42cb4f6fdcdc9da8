// Symbols: registries, toPrimitive, species, isConcatSpreadable, match/split/replace protocols, unscopable keys.
class Money {
  constructor(amount, currency) { Object.assign(this, { amount, currency }); }
  [Symbol.toPrimitive](hint) {
    if (hint === "number") return this.amount;
    return hint === "string" ? `${this.amount.toFixed(2)} ${this.currency}` : this.amount;
  }
}
const a = new Money(10, "EUR"), b = new Money(5.5, "EUR");

class Stack extends Array {
  static get [Symbol.species]() { return Array; }
  peek() { return this.at(-1); }
}
const stack = Stack.from([1, 2, 3]);
const mapped = stack.map((n) => n * 2);

const spreadable = { length: 2, 0: "x", 1: "y", [Symbol.isConcatSpreadable]: true };

const comma = {
  [Symbol.split]: (text) => text.split(/\s*,\s*/),
  [Symbol.search]: (text) => text.indexOf(","),
  [Symbol.replace]: (text, by) => text.split(",").join(by),
};

const hidden = Symbol("hidden");
const record = { visible: 1, [hidden]: 2, [Symbol.for("shared")]: 3 };

const registry = new Map([[Symbol.for("shared"), "global"], [hidden, "local"]]);
const valueOf = { valueOf: () => 42, toString: () => "text" };

console.log(`${a}`, +a, a + b, a > b);
console.log(record);
return {
  primitives: [`${a}`, a * 2, a + b, [a, b].sort((x, y) => x - y)[0].amount],
  species: [mapped instanceof Stack, mapped instanceof Array, stack.peek(), Array.isArray(stack)],
  concat: [1].concat(spreadable, [[2]]),
  protocols: ["a , b,c".split(comma), "a,b".search(comma), "a,b,c".replace(comma, "-")],
  keys: [Object.keys(record), Object.getOwnPropertySymbols(record).map((s) => s.description), JSON.stringify(record)],
  shared: [
    registry.get(Symbol.for("shared")),
    registry.get(Symbol("hidden")) ?? "absent",
    Symbol.keyFor(Symbol.for("shared")),
  ],
  coercion: [valueOf + 1, `${valueOf}`, valueOf == 42, [] + {}, [2] * [3]],
  description: [hidden.toString(), Symbol().description === undefined],
  tag: Object.prototype.toString.call({ [Symbol.toStringTag]: "Custom" }),
};
