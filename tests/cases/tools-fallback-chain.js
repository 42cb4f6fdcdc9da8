// Tries providers in order of preference, remembers which are down, and hedges a slow one.
class CircuitBreaker {
  #failures = 0;
  #openUntil = 0;

  constructor(name, call, { threshold = 2, cooldown = 50 } = {}) {
    Object.assign(this, { name, call, threshold, cooldown });
  }

  get isOpen() { return Date.now() < this.#openUntil; }

  async request(argument) {
    if (this.isOpen) throw new Error(`${this.name} is resting`);
    try {
      const value = await this.call(argument);
      this.#failures = 0;
      return value;
    } catch (error) {
      if (++this.#failures >= this.threshold) {
        this.#openUntil = Date.now() + this.cooldown;
        this.#failures = 0;
      }
      throw new Error(`${this.name}: ${error.message}`, { cause: error });
    }
  }
}

let healthy = false;
const primary = new CircuitBreaker("primary", (n) =>
  healthy ? tools.add({ x: n, y: 0 }) : tools.fail({ message: "503" }),
);
const backup = new CircuitBreaker("backup", (n) => tools.math.add({ x: n, y: 1000 }));

async function ask(n) {
  const problems = [];
  for (const provider of [primary, backup]) {
    try {
      return { value: await provider.request(n), problems };
    } catch (error) {
      problems.push(error.message);
    }
  }
  throw new AggregateError(problems.map((p) => new Error(p)), "all providers failed");
}

const answers = [];
for (let n = 1; n <= 5; n++) {
  answers.push(await ask(n));
  if (n === 3) {
    healthy = true;
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

answers.forEach(({ value, problems }, i) => console.log(i + 1, value, problems.join("; ") || "-"));
return answers;
