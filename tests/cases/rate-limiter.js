// A token bucket that lets two calls through every 50 ms, driven by timers.
class TokenBucket {
  #tokens;
  #waiting = [];
  #timer = null;

  constructor(capacity, refillMs) {
    this.capacity = capacity;
    this.refillMs = refillMs;
    this.#tokens = capacity;
  }

  async take() {
    if (this.#tokens > 0) {
      this.#tokens--;
      return;
    }
    this.#timer ??= setInterval(() => this.#refill(), this.refillMs);
    await new Promise((resolve) => this.#waiting.push(resolve));
  }

  #refill() {
    this.#tokens = this.capacity;
    while (this.#tokens > 0 && this.#waiting.length > 0) {
      this.#tokens--;
      this.#waiting.shift()();
    }
    if (this.#waiting.length === 0) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }
}

const bucket = new TokenBucket(2, 50);
const start = Date.now();
const log = [];

await Promise.all(
  ["a", "b", "c", "d", "e"].map(async (name) => {
    await bucket.take();
    log.push({ name, at: Date.now() - start });
    console.log(`${name} sent at +${Date.now() - start} ms`);
  }),
);

return Object.groupBy(log, ({ at }) => `+${at}`);
