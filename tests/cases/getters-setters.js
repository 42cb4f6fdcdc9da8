// Accessors in classes and object literals: validation, computed and lazy properties, defineProperty.
class Temperature {
  static #count = 0;
  _celsius = 0;

  constructor(celsius) {
    this.celsius = celsius;
    Temperature.#count++;
  }

  get celsius() { return this._celsius; }
  set celsius(value) {
    if (!Number.isFinite(value) || value < -273.15) throw new RangeError(`${value} is no temperature`);
    this._celsius = value;
  }

  get fahrenheit() { return this.celsius * 9 / 5 + 32; }
  set fahrenheit(value) { this.celsius = (value - 32) * 5 / 9; }

  static get count() { return Temperature.#count; }
  get [Symbol.toStringTag]() { return "Temperature"; }
}

const t = new Temperature(100);
t.fahrenheit = 212;
t.celsius += 0.5;

let refused;
try { t.celsius = -300; } catch (error) { refused = error.message; }

let computed = 0;
const report = {
  items: [3, 4, 5],
  get total() { return this.items.reduce((a, b) => a + b); },
  get lazy() {
    computed++;
    const value = this.items.map((n) => n * n);
    Object.defineProperty(this, "lazy", { value, enumerable: true });
    return value;
  },
  set first(value) { this.items[0] = value; },
};
report.first = 10;
const lazyTwice = [report.lazy, report.lazy];

console.log(String(t), t.celsius, t.fahrenheit);
console.log(report);
return {
  refused, computed, count: Temperature.count, total: report.total, same: lazyTwice[0] === lazyTwice[1],
  writeOnly: typeof report.first,
  own: Object.keys(t), inProto: Object.getOwnPropertyNames(Temperature.prototype), report,
};
