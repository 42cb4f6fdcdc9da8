// Retries a flaky call with exponential backoff and gives up when the attempts are used up.
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class RetryError extends Error {
  constructor(attempts, cause) {
    super(`gave up after ${attempts} attempts: ${cause.message}`, { cause });
    this.name = "RetryError";
    this.attempts = attempts;
  }
}

async function retry(task, { attempts = 5, base = 10, factor = 2, max = 60, retryable = () => true } = {}) {
  let delay = base;
  for (let attempt = 1; ; attempt++) {
    try {
      return await task(attempt);
    } catch (error) {
      if (!retryable(error)) throw error;
      if (attempt >= attempts) throw new RetryError(attempt, error);
      console.warn(`attempt ${attempt} failed (${error.message}), retrying in ${delay} ms`);
      await sleep(delay);
      delay = Math.min(delay * factor, max);
    }
  }
}

const started = Date.now();
const value = await retry(async (attempt) => {
  if (attempt < 4) await tools.fail({ message: `503 #${attempt}` });
  return tools.add({ x: attempt, y: 100 });
});
const waited = Date.now() - started;

let gaveUp;
try {
  await retry(() => tools.fail({}), { attempts: 3, base: 1 });
} catch (error) {
  gaveUp = { name: error.name, message: error.message, attempts: error.attempts, cause: error.cause.name };
}

const fatal = await retry(
  () => {
    throw new TypeError("bad request");
  },
  { retryable: (e) => !(e instanceof TypeError) },
).catch((error) => error.message);

return { value, waited, gaveUp, fatal };
