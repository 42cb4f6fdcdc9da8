// Batches single requests of one tick into one call and caches them, as a data loader does.
class DataLoader {
  #batchLoad;
  #cache = new Map();
  #queue = [];
  batches = [];

  constructor(batchLoad, { maxBatch = Infinity } = {}) {
    this.#batchLoad = batchLoad;
    this.maxBatch = maxBatch;
  }

  load(key) {
    if (this.#cache.has(key)) return this.#cache.get(key);
    const promise = new Promise((resolve, reject) => {
      if (this.#queue.length === 0) queueMicrotask(() => this.#flush());
      this.#queue.push({ key, resolve, reject });
    });
    this.#cache.set(key, promise);
    return promise;
  }

  loadMany(keys) {
    return Promise.all(keys.map((key) => this.load(key)));
  }

  async #flush() {
    const queue = this.#queue.splice(0);
    for (let i = 0; i < queue.length; i += this.maxBatch) {
      const batch = queue.slice(i, i + this.maxBatch);
      this.batches.push(batch.map(({ key }) => key));
      try {
        const values = await this.#batchLoad(batch.map(({ key }) => key));
        batch.forEach(({ key, resolve, reject }, n) =>
          values[n] instanceof Error ? reject(values[n]) : resolve(values[n]),
        );
      } catch (error) {
        batch.forEach(({ key, reject }) => {
          this.#cache.delete(key);
          reject(error);
        });
      }
    }
  }
}

let requests = 0;
const users = new DataLoader(async (ids) => {
  requests++;
  const { ids: known } = await tools.echo({ ids });
  return known.map((id) => (id < 100 ? { id, name: `user ${id}` } : new RangeError(`no user ${id}`)));
}, { maxBatch: 3 });

const [a, again, b] = await Promise.all([users.load(1), users.load(1), users.load(2)]);
const many = await users.loadMany([3, 4, 5, 6, 2]);
const missing = await users.load(404).catch((error) => error.message);

const flaky = new DataLoader(() => tools.fail({ message: "backend away" }));
const failed = await Promise.allSettled([flaky.load("x"), flaky.load("y")]);
await flaky.load("x").catch(() => {});

console.log("batches:", users.batches);
return {
  same: a === again,
  b,
  many: many.map(({ name }) => name),
  missing,
  requests,
  failed: failed.map(({ reason }) => `${reason.name} ${reason.kind}`),
  retried: flaky.batches,
};
