// A job queue with priorities, delays and retries on a hand-written heap and timers.
class JobQueue {
  #jobs = [];
  #sequence = 0;
  #wake = null;
  log = [];

  add(name, run, { priority = 0, delay = 0, retries = 0 } = {}) {
    this.#jobs.push({ name, run, priority, readyAt: Date.now() + delay, retries, sequence: this.#sequence++ });
    this.#wake?.();
    return this;
  }

  #next() {
    const now = Date.now();
    const ready = this.#jobs.filter((job) => job.readyAt <= now);
    ready.sort((a, b) => b.priority - a.priority || a.sequence - b.sequence);
    const [job] = ready;
    if (job) this.#jobs.splice(this.#jobs.indexOf(job), 1);
    return job;
  }

  async drain() {
    const start = Date.now();
    while (this.#jobs.length > 0) {
      const job = this.#next();
      if (!job) {
        const soonest = Math.min(...this.#jobs.map(({ readyAt }) => readyAt));
        await new Promise((resolve) => {
          this.#wake = resolve;
          setTimeout(resolve, soonest - Date.now());
        });
        continue;
      }
      const stamp = `+${Date.now() - start} ${job.name}`;
      try {
        this.log.push(`${stamp}: ${JSON.stringify(await job.run())}`);
      } catch (error) {
        this.log.push(`${stamp}: ${error.message}${job.retries > 0 ? ", again" : ", lost"}`);
        if (job.retries > 0)
          this.add(job.name, job.run, { priority: job.priority, delay: 20, retries: job.retries - 1 });
      }
    }
    return this.log;
  }
}

let flaky = 0;
const queue = new JobQueue()
  .add("low", () => "low", { priority: -1 })
  .add("first", () => tools.add({ x: 1, y: 2 }))
  .add("urgent", () => queue.add("child", () => "spawned") && "parent", { priority: 10 })
  .add("later", () => "late", { delay: 15, priority: 99 })
  .add("flaky", () => (++flaky < 3 ? tools.fail({ message: `try ${flaky}` }) : flaky), { retries: 5 })
  .add("doomed", () => tools.fail({}));

const log = await queue.drain();
log.forEach((line) => console.log(line));
return { runs: log.length, order: log.map((line) => line.split(/[ :]/)[1]) };
