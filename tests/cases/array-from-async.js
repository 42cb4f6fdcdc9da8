// Collects asynchronous sources with Array.fromAsync and merges streams by time.
async function* ticker(name, every, count) {
  for (let i = 1; i <= count; i++) {
    await new Promise((resolve) => setTimeout(resolve, every));
    yield { name, i, at: Date.now() };
  }
}

async function* merge(...sources) {
  const waiting = new Map();
  const advance = (iterator) => waiting.set(iterator, iterator.next().then((result) => ({ iterator, result })));
  sources.map((source) => source[Symbol.asyncIterator]()).forEach(advance);
  while (waiting.size > 0) {
    const { iterator, result } = await Promise.race(waiting.values());
    if (result.done) {
      waiting.delete(iterator);
    } else {
      advance(iterator);
      yield result.value;
    }
  }
}

const start = Date.now();
const events = await Array.fromAsync(
  merge(ticker("slow", 30, 2), ticker("fast", 12, 4)),
  ({ name, i, at }) => `${name}${i}@${at - start}`,
);
console.log(events);

const squares = await Array.fromAsync([1, Promise.resolve(2), 3], async (n) => n ** 2);
const fromSync = await Array.fromAsync(new Set(["x", "y"]));
const arrayLike = await Array.fromAsync({ length: 2, 0: tools.add({ x: 1, y: 1 }), 1: "b" });
const failed = await Array.fromAsync(
  (async function* () {
    yield 1;
    throw new Error("stream broke");
  })(),
).catch((e) => e.message);

async function batch(source, size) {
  const batches = [];
  let current = [];
  for await (const item of source) {
    if (current.push(item) === size) batches.push(current.splice(0));
  }
  return current.length ? [...batches, current] : batches;
}

return { events, squares, fromSync, arrayLike, failed, batches: await batch(["a", "b", "c", "d", "e"], 2) };
