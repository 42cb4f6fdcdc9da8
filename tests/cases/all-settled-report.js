// Calls several tools at once and reports which of them worked.
const jobs = {
  sum: () => tools.add({ x: 20, y: 22 }),
  broken: () => tools.fail({ message: "upstream said 503" }),
  echo: () => tools.echo({ hello: "world" }),
  local: async () => {
    throw new RangeError("never left the script");
  },
};

const names = Object.keys(jobs);
const settled = await Promise.allSettled(names.map((name) => jobs[name]()));

const summary = settled.map((outcome, index) => {
  const name = names[index];
  if (outcome.status === "fulfilled") {
    console.log(`ok   ${name.padEnd(8)} ${JSON.stringify(outcome.value)}`);
    return { name, ok: true, value: outcome.value };
  }
  const { reason } = outcome;
  console.warn(`fail ${name.padEnd(8)} ${reason.name}: ${reason.message}`);
  return { name, ok: false, kind: reason.kind ?? null, isToolError: reason instanceof ToolError };
});

const failed = summary.filter((entry) => !entry.ok).length;
console.info(`${summary.length - failed} of ${summary.length} succeeded`);

return { summary, failed, raw: settled };
