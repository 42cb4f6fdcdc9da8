// What Object can do: descriptors, freezing, entries, prototypes, property order, assign with accessors, hasOwn.
const account = Object.defineProperties(
  {},
  {
    owner: { value: "Ann", enumerable: true },
    pin: { value: 1234, writable: true },
    balance: {
      get() {
        return this._cents / 100;
      },
      set(v) {
        this._cents = Math.round(v * 100);
      },
      enumerable: true,
      configurable: true,
    },
    _cents: { value: 0, writable: true },
  },
);
account.balance = 12.345;

const failures = {};
const attempt = (name, act) => {
  try {
    act();
    failures[name] = "fine";
  } catch (error) {
    failures[name] = error.name;
  }
};
attempt("assign read-only", () => { account.owner = "Bob"; });
attempt("delete", () => { delete account.owner; });
attempt("frozen", () => { Object.freeze([1]).push(2); });
attempt("sealed add", () => { Object.seal({ a: 1 }).b = 2; });
attempt("sealed change", () => { Object.seal({ a: 1 }).a = 2; });
attempt("no extension", () => { Object.preventExtensions({}).x = 1; });
attempt("undeclared", () => { neverDeclared = 1; });

const deepFreeze = (value) => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value))
    Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
};
const frozen = deepFreeze({ a: { b: [{ c: 1 }] } });
attempt("deep frozen", () => { frozen.a.b[0].c = 2; });

const ordered = { b: 1, 2: "two", a: 2, 1: "one", [Symbol("s")]: 0, "-1": "minus" };
const inherited = Object.create({ base: true }, { own: { value: 1, enumerable: true } });
const forIn = [];
for (const key in inherited) forIn.push(key);

const invert = (object) => Object.fromEntries(Object.entries(object).map(([k, v]) => [v, k]));
const mapValues = (object, fn) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, fn(v, k)]));
const dict = Object.assign(Object.create(null), { constructor: "safe", toString: 1 });

console.log(account, Object.keys(account));
console.log(dict);
return {
  balance: account.balance, failures, order: Object.keys(ordered), forIn,
  invert: invert({ x: "1", y: "2" }), mapped: mapValues({ a: 1, b: 2 }, (v, k) => k.repeat(v)),
  descriptor: Object.getOwnPropertyDescriptor(account, "pin"),
  dict: [Object.keys(dict), "hasOwnProperty" in dict, Object.hasOwn(dict, "toString")],
  same: [Object.is(NaN, NaN), Object.is(0, -0)], assigned: Object.assign({ a: 1 }, null, { a: 2 }, "xy"),
  states: [Object.isFrozen(frozen.a.b[0]), Object.isSealed(Object.seal({})), Object.isExtensible({})],
};
