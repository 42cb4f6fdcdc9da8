// Results of tools as they come: scalars, keys like __proto__, duplicates, big numbers, deep paths, bad JSON.
const raw = (json) => tools.raw({ json });

const scalars = await Promise.all(["null", "true", "-0.5e2", '"text"', "[]", "{}"].map(raw));
const hostile = await raw('{"__proto__": {"admin": true}, "constructor": 1, "toString": "x", "a": 1, "a": 2}');

const copied = { ...hostile };
const assigned = {};
for (const key of Object.keys(hostile)) if (key !== "__proto__") assigned[key] = hostile[key];

const big = await raw("[9007199254740993, 1e400, 0.1, 123456789012345680000]");
const unicode = await raw('"\\u017c\\ud83d\\ude00 \\"quoted\\" \\\\ \\/ \\t"');

const changed = await tools.echo({
  list: [3, 1, 2],
  when: new Date(0),
  nothing: undefined,
  nan: NaN,
  map: { inner: null },
});
changed.list.sort();
changed.added = true;

const failures = [];
for (const attempt of [
  () => tools.fail({ message: "quota exceeded" }),
  () => tools.fail(),
  () => tools.fail({ message: "" }),
]) {
  try {
    await attempt();
  } catch ({ name, kind, message }) {
    failures.push({ name, kind, message });
  }
}

console.log(scalars);
return {
  keys: Object.keys(hostile),
  admin: [hostile.admin ?? "not inherited", {}.admin ?? "not polluted", copied.admin ?? "not copied"],
  a: hostile.a,
  ownProto: Object.hasOwn(hostile, "__proto__"),
  assigned, big, unicode, changed, failures,
  isPlain: Object.getPrototypeOf(changed) === Object.prototype,
};
