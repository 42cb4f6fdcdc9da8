// The common shape of a whole program: helpers, an async main, and a call of it as the last statement.
const SOURCES = ["alpha", "beta", "gamma", "delta"];

async function load(name, index) {
  if (name === "gamma") return tools.fail({ message: `cannot load ${name}` });
  const { payload } = await tools.echo({ payload: { name, size: (index + 1) * 100 } });
  return payload;
}

function report(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, size }) => `${name.padEnd(width)} ${"#".repeat(size / 100)}`).join("\n");
}

async function main() {
  console.info("loading", SOURCES.length, "sources");
  const loaded = [];
  const errors = [];
  for (const [index, name] of SOURCES.entries()) {
    try {
      loaded.push(await load(name, index));
    } catch (error) {
      console.error(`skipped: ${error.message}`);
      errors.push({ name, kind: error.kind });
    }
  }
  console.log(report(loaded));
  const total = await loaded.reduce(async (sum, { size }) => tools.add({ x: await sum, y: size }), 0);
  return { total, loaded: loaded.length, errors };
}

main();
