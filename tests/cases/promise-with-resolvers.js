// A mutex, a semaphore and a barrier on top of Promise.withResolvers.
class Semaphore {
  #free;
  #queue = [];
  constructor(count) { this.#free = count; }
  async acquire() {
    if (this.#free > 0) this.#free--;
    else {
      const { promise, resolve } = Promise.withResolvers();
      this.#queue.push(resolve);
      await promise;
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = this.#queue.shift();
      if (next) next();
      else this.#free++;
    };
  }
  async run(task) {
    const release = await this.acquire();
    try {
      return await task();
    } finally {
      release();
    }
  }
}

function barrier(parties) {
  const { promise, resolve } = Promise.withResolvers();
  return () => {
    if (--parties === 0) resolve();
    return promise;
  };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const mutex = new Semaphore(1);
let balance = 100;
const withdraw = (amount) => mutex.run(async () => {
  const seen = balance;
  await sleep(5);
  if (seen < amount) throw new RangeError(`only ${seen} left`);
  balance = seen - amount;
  return balance;
});
const outcomes = await Promise.allSettled([withdraw(70), withdraw(20), withdraw(30), withdraw(10)]);

const log = [];
const meet = barrier(3);
await Promise.all(["a", "b", "c"].map(async (name, i) => {
  await sleep(10 * (3 - i));
  log.push(`${name} arrives`);
  await meet();
  log.push(`${name} goes on`);
}));

console.log(log.join(", "));
const sync = await Promise.try(() => { throw new Error("thrown synchronously"); }).catch((e) => e.message);
return {
  balance,
  outcomes: outcomes.map((o) => o.value ?? o.reason.message),
  sync,
  tried: await Promise.try((a, b) => a + b, 2, 3),
};
