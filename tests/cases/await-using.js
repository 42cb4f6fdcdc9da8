// `await using` waits for asynchronous cleanup before the block is left.
const log = [];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function transaction(name) {
  log.push(`begin ${name}`);
  return {
    committed: false,
    async [Symbol.asyncDispose]() {
      await sleep(5);
      log.push(`${this.committed ? "commit" : "rollback"} ${name}`);
    },
  };
}

async function transfer(amount) {
  await using outer = transaction("outer");
  {
    await using inner = transaction("inner");
    inner.committed = (await tools.add({ x: amount, y: 0 })) > 0;
    log.push("inner block ends");
  }
  if (amount > 100) throw new RangeError("too much");
  outer.committed = true;
  return amount;
}

const results = [];
for (const amount of [10, 500]) {
  try {
    results.push(await transfer(amount));
  } catch (error) {
    results.push(`${error.name}: ${error.message}`);
  }
}

const stack = new AsyncDisposableStack();
stack.defer(async () => {
  await sleep(1);
  log.push("deferred");
});
const moved = stack.move();
log.push(`moved: ${stack.disposed}`);
await moved.disposeAsync();

log.forEach((line, i) => console.log(String(i + 1).padStart(2), line));
return results;
