// Orders build targets by their dependencies (Kahn's algorithm) and reports cycles by name.
const targets = {
  deploy: ["test", "bundle"],
  test: ["compile", "fixtures"],
  bundle: ["compile", "assets"],
  compile: ["install"],
  assets: ["install"],
  fixtures: [],
  install: [],
};

function sort(graph) {
  const waiting = new Map(Object.entries(graph).map(([name, deps]) => [name, new Set(deps)]));
  for (const deps of Object.values(graph)) for (const dep of deps) if (!waiting.has(dep)) waiting.set(dep, new Set());
  const layers = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, deps]) => deps.size === 0).map(([name]) => name).sort();
    if (ready.length === 0) {
      const error = new Error(`cycle: ${findCycle(graph, waiting.keys().next().value).join(" → ")}`);
      error.name = "CycleError";
      throw error;
    }
    for (const name of ready) {
      waiting.delete(name);
      for (const deps of waiting.values()) deps.delete(name);
    }
    layers.push(ready);
  }
  return layers;
}

function findCycle(graph, start) {
  const path = [start];
  for (;;) {
    const next = graph[path.at(-1)][0];
    const index = path.indexOf(next);
    path.push(next);
    if (index >= 0) return path.slice(index);
  }
}

const layers = sort(targets);
layers.forEach((layer, i) => console.log(`${i + 1}. ${layer.join(", ")}`));

let cycle;
try {
  sort({ a: ["b"], b: ["c"], c: ["a"], d: [] });
} catch ({ name, message }) {
  cycle = `${name}: ${message}`;
}

const order = layers.flat();
const valid = Object.entries(targets).every(([name, deps]) =>
  deps.every((dep) => order.indexOf(dep) < order.indexOf(name)),
);
return { layers, cycle, valid };
