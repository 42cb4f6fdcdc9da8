// Polls a job with setInterval until it is done, reports progress, and gives up on a second one by a deadline.
function fakeJob(readyAfter) {
  const createdAt = Date.now();
  return {
    async status() {
      const age = Date.now() - createdAt;
      const percent = Math.min(100, Math.floor((age / readyAfter) * 100));
      return tools.echo({ state: percent >= 100 ? "done" : percent > 0 ? "running" : "queued", percent });
    },
  };
}

function poll(job, { every, deadline, onProgress = () => {} }) {
  return new Promise((resolve, reject) => {
    const start = Date.now();
    let isBusy = false;
    let polls = 0;
    const timer = setInterval(async () => {
      if (isBusy) return;
      isBusy = true;
      try {
        polls++;
        const { state, percent } = await job.status();
        onProgress(percent, state);
        if (state === "done") {
          clearInterval(timer);
          resolve({ polls, took: Date.now() - start });
        } else if (Date.now() - start >= deadline) {
          clearInterval(timer);
          reject(Object.assign(new Error(`not done after ${deadline} ms`), { name: "DeadlineError", polls, percent }));
        }
      } finally {
        isBusy = false;
      }
    }, every);
  });
}

const bar = (percent, width = 20) =>
  `[${"=".repeat(Math.round((percent / 100) * width)).padEnd(width)}] ${String(percent).padStart(3)} %`;

const first = await poll(fakeJob(100), {
  every: 30,
  deadline: 1000,
  onProgress: (percent, state) => console.log(bar(percent), state),
});

let second;
try {
  second = await poll(fakeJob(10_000), { every: 25, deadline: 60 });
} catch ({ name, message, polls, percent }) {
  second = { name, message, polls, percent };
}

let ticks = 0;
await new Promise((resolve) => {
  const timer = setInterval((step) => {
    ticks += step;
    if (ticks >= 6) resolve(clearInterval(timer));
  }, 5, 2);
});

return { first, second, ticks, elapsed: Date.now() - 1_700_000_000_000 };
