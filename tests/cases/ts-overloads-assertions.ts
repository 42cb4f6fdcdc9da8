// Overloads, optional and rest parameters, this parameters, non-null and double assertions, definite assignment.
function parse(value: string): number;
function parse(value: string, list: true): number[];
function parse(value: string, list?: boolean): number | number[] {
  return list ? value.split(",").map(Number) : Number(value);
}

type Handler<A extends unknown[] = []> = (this: Counter, ...args: A) => void;

class Counter {
  count!: number;
  static readonly LIMIT: number = 3 as const;

  reset(to: number = 0): asserts this {
    this.count = to;
  }

  on(handler: Handler<[step: number, label?: string]>): void {
    handler.call(this, 2, "two");
    handler.call(this, 1);
  }
}

declare const unusedGlobal: { nothing: string };
declare function notThere(x: number): void;

const log: string[] = [];
const counter: Counter = new Counter();
counter.reset(5);
counter.on(function (step, label?) {
  this.count += step;
  log.push(`${label ?? "no label"}: ${this.count}`);
});

const lookup: { [key: string]: number | undefined } = { a: 1 };
const a = lookup.a! + 1;
const b = lookup["b"] ?? -1;
const odd = "5" as unknown as number;
const angle = <number>parse("45");
const tuple: [name: string, age?: number, ...rest: boolean[]] = ["x", 3, true, false];
const [name, age = 0, ...flags] = tuple;
let symbol: symbol | undefined;
const generic = new Map<string, Array<Map<number, Set<string>>>>();
const less = a < b || a > (b as number);

console.log(log.join("; "));
return {
  single: parse("42"), many: parse("1,2,3", true), log, a, b, odd, angle, name, age, flags,
  limit: Counter.LIMIT, size: generic.size, less, symbol: typeof symbol, unused: typeof notThere,
};
