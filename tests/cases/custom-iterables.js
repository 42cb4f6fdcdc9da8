// Objects that are iterable by protocol: a range, a linked list, a cursor with return(), and spreading them.
class Range {
  constructor(from, to, step = 1) {
    Object.assign(this, { from, to, step });
  }
  [Symbol.iterator]() {
    let next = this.from;
    const { to, step } = this;
    return {
      next: () => (next <= to ? { value: (next += step) - step, done: false } : { value: undefined, done: true }),
      [Symbol.iterator]() { return this; },
    };
  }
}

class LinkedList {
  #head = null;
  push(value) {
    const node = { value, next: null };
    if (!this.#head) this.#head = node;
    else {
      let last = this.#head;
      while (last.next) last = last.next;
      last.next = node;
    }
    return this;
  }
  *[Symbol.iterator]() {
    for (let node = this.#head; node; node = node.next) yield node.value;
  }
}

const closed = [];
const cursor = (name) => ({
  [Symbol.iterator]() {
    let i = 0;
    return {
      next: () => ({ value: `${name}${i++}`, done: false }),
      return(value) {
        closed.push(`${name} after ${i}`);
        return { value, done: true };
      },
    };
  },
});

const list = new LinkedList().push("x").push("y").push("z");
const [first, second] = cursor("a");
for (const item of cursor("b")) if (item === "b2") break;
try { for (const _ of cursor("c")) throw new Error("stop"); } catch { closed.push("caught"); }

console.log([...new Range(1, 10, 3)], [...list].reverse());
return {
  first, second, closed,
  sum: Math.max(...new Range(0, 5)),
  map: new Map([...list].map((value, i) => [value, i])),
  destructured: (([head, ...tail]) => ({ head, tail }))(list),
  entries: Object.fromEntries([...new Range(1, 3)].map((n) => [`n${n}`, n * n])),
};
