// Cancels work with AbortController: aborting a wait, timeouts, combining signals, cleanup on abort.
const log = [];

function sleep(ms, { signal } = {}) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(ms);
    }, ms);
    function onAbort() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

const attempt = async (name, promise) => {
  try {
    log.push(`${name}: ${await promise}`);
  } catch (error) {
    log.push(`${name}: ${error?.name ?? typeof error} ${error?.message ?? error}`);
  }
};

const controller = new AbortController();
setTimeout(() => controller.abort(), 20);
await attempt("fast", sleep(10, { signal: controller.signal }));
await attempt("slow", sleep(1000, { signal: controller.signal }));
await attempt("late", sleep(1, { signal: controller.signal }));

await attempt("timeout", sleep(1000, { signal: AbortSignal.timeout(15) }));

const user = new AbortController();
const combined = AbortSignal.any([user.signal, AbortSignal.timeout(500)]);
setTimeout(() => user.abort("user clicked stop"), 5);
await attempt("combined", sleep(1000, { signal: combined }));

const custom = new AbortController();
custom.signal.onabort = (event) => log.push(`${event.type} on ${event.target === custom.signal}`);
custom.abort(new RangeError("quota"));
custom.abort("ignored");

async function* ticks(signal) {
  for (let i = 0; !signal.aborted; i++) {
    yield i;
    await sleep(10);
  }
}
const limited = new AbortController();
setTimeout(() => limited.abort(), 25);
const seen = [];
for await (const tick of ticks(limited.signal)) seen.push(tick);

for (const line of log) console.log(line);
return {
  aborted: AbortSignal.abort().aborted,
  reason: custom.signal.reason.message,
  seen,
  elapsed: Date.now() - 1700000000000,
};
