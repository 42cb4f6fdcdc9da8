// Runs many tasks with at most three at a time and keeps the results in order.
async function mapLimit(items, limit, task) {
  const results = new Array(items.length);
  const queue = items.entries();
  let running = 0;
  let peak = 0;

  async function worker(number) {
    let done = 0;
    for (const [index, item] of queue) {
      running++;
      peak = Math.max(peak, running);
      try {
        results[index] = await task(item, number);
      } finally {
        running--;
      }
      done++;
    }
    return done;
  }

  const counts = await Promise.all(Array.from({ length: limit }, (_, i) => worker(i)));
  return { results, peak, counts };
}

const durations = [30, 10, 10, 20, 10, 30, 10];
const order = [];
const start = Date.now();
const { results, peak, counts } = await mapLimit(durations, 3, async (ms, worker) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  order.push(`${Date.now() - start}:${ms}`);
  return tools.math.add({ x: ms, y: 1 });
});

console.log(`took ${Date.now() - start} virtual ms with a peak of ${peak}`);
console.log(order.map((entry) => entry.split(":")[0]).join(" "));

const failing = await mapLimit([1, 2, 3], 2, async (n) => (n === 2 ? tools.fail({ message: "task 2" }) : n))
  .catch((error) => `${error.name}: ${error.message}`);

return { results, peak, tasks: counts.reduce((a, b) => a + b), workers: counts.length, failing };
