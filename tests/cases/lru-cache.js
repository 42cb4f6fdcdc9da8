// An LRU cache on top of Map order, with time to live from the virtual clock.
class LruCache {
  #map = new Map();
  #capacity;
  #ttl;
  stats = { hits: 0, misses: 0, evicted: 0, expired: 0 };

  constructor(capacity, ttl = Infinity) {
    this.#capacity = capacity;
    this.#ttl = ttl;
  }

  get(key) {
    const entry = this.#map.get(key);
    if (!entry) {
      this.stats.misses++;
      return undefined;
    }
    this.#map.delete(key);
    if (entry.expires <= Date.now()) {
      this.stats.expired++;
      return undefined;
    }
    this.#map.set(key, entry);
    this.stats.hits++;
    return entry.value;
  }

  set(key, value) {
    this.#map.delete(key);
    this.#map.set(key, { value, expires: Date.now() + this.#ttl });
    if (this.#map.size > this.#capacity) {
      const [oldest] = this.#map.keys();
      this.#map.delete(oldest);
      this.stats.evicted++;
    }
    return this;
  }

  get keys() { return [...this.#map.keys()]; }
}

const cache = new LruCache(3, 100);
cache.set("a", 1).set("b", 2).set("c", 3);
cache.get("a");
cache.set("d", 4);
const afterEviction = cache.keys;
cache.get("b");

await new Promise((resolve) => setTimeout(resolve, 60));
cache.set("c", 33);
await new Promise((resolve) => setTimeout(resolve, 60));
const stale = [cache.get("a"), cache.get("c"), cache.get("__proto__")].map((v) => v ?? null);

console.log("keys:", cache.keys, "stats:", cache.stats);
return { afterEviction, stale, keys: cache.keys, stats: cache.stats };
