// Collects the failures of a batch and throws them together at the end.
const jobs = [
  { id: "a", run: () => tools.add({ x: 1, y: 2 }) },
  { id: "b", run: () => tools.fail({ message: "disk full" }) },
  { id: "c", run: async () => JSON.parse("[1, 2") },
  { id: "d", run: async () => { throw "a bare string"; } },
];

class BatchError extends AggregateError {
  get name() { return "BatchError"; }
  get ids() { return this.errors.map((error) => error.id); }
}

const results = {};
const errors = [];
await Promise.all(jobs.map(async ({ id, run }) => {
  try {
    results[id] = await run();
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    errors.push(Object.assign(error, { id }));
  }
}));

errors.sort((x, y) => x.id.localeCompare(y.id));
console.log("results:", results);
for (const error of errors)
  console.error(`${error.id}: ${error.name}${error instanceof SyntaxError ? "" : ` (${error.message})`}`);

if (errors.length > 0) {
  const batch = new BatchError(errors, `${errors.length} of ${jobs.length} jobs failed`);
  console.log(batch.ids);
  throw batch;
}
