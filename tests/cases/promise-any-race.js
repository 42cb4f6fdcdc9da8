// Asks mirrors for an answer: the first success wins, a timeout beats a slow tool, and all failing is one error.
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const failAfter = (ms, message) => new Promise((_, reject) => setTimeout(() => reject(new Error(message)), ms));

const fastest = await Promise.any([
  failAfter(5, "mirror a is down"),
  sleep(40, "mirror b"),
  sleep(20, "mirror c"),
]);
console.log("fastest:", fastest);

let exhausted;
try {
  await Promise.any([tools.fail({ message: "one" }), failAfter(1, "two"), Promise.reject("three")]);
} catch (error) {
  exhausted = {
    name: error.name,
    isAggregate: error instanceof AggregateError,
    messages: error.errors.map((inner) => inner?.message ?? inner),
  };
}

const raced = await Promise.race([sleep(30, "slow"), sleep(10, "quick")]);

async function withTimeout(promise, ms) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

const outcomes = [];
for (const [promise, ms] of [[sleep(100, "late"), 15], [tools.add({ x: 1, y: 1 }), 1000]]) {
  try {
    outcomes.push(await withTimeout(promise, ms));
  } catch (error) {
    outcomes.push(error.message);
  }
}

return { fastest, exhausted, raced, outcomes, empty: await Promise.all([]) };
