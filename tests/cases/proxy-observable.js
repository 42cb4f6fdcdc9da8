// Proxies: change tracking with nested paths, negative indices, defaults, validation, read-only views, recording calls.
function observe(target, onChange, path = []) {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value = Reflect.get(object, key, receiver);
      return typeof value === "object" && value !== null ? observe(value, onChange, [...path, key]) : value;
    },
    set(object, key, value, receiver) {
      onChange({ type: key in object ? "set" : "add", path: [...path, key].join("."), value });
      return Reflect.set(object, key, value);
    },
    deleteProperty(object, key) {
      onChange({ type: "delete", path: [...path, key].join(".") });
      return Reflect.deleteProperty(object, key);
    },
  });
}

const changes = [];
const state = observe({ user: { name: "Ann", roles: ["a"] }, count: 0 }, (change) => changes.push(change));
state.count++;
state.user.name = "Bob";
state.user.roles.push("b");
delete state.user.name;

const list = new Proxy([1, 2, 3], {
  get: (array, key, receiver) =>
    typeof key === "string" && /^-\d+$/.test(key) ? array.at(Number(key)) : Reflect.get(array, key, receiver),
});
const counter = new Proxy({}, { get: (object, key) => (key in object ? object[key] : 0) });
for (const char of "banana") counter[char] += 1;

const readOnly = (object) => new Proxy(object, {
  set() { throw new TypeError("read-only"); },
  deleteProperty() { throw new TypeError("read-only"); },
});
const attempts = [];
for (const act of [(o) => { o.a = 2; }, (o) => { delete o.a; }]) {
  try { act(readOnly({ a: 1 })); } catch (error) { attempts.push(error.message); }
}

const recorder = (log, path = "api") =>
  new Proxy(function () {}, {
    get: (_, key) => recorder(log, `${path}.${key}`),
    apply: (_, __, args) => {
      log.push(`${path}(${args.map((a) => JSON.stringify(a)).join(", ")})`);
      return recorder(log, `${path}()`);
    },
    has: (_, key) => key.startsWith("x"),
  });
const log = [];
const api = recorder(log);
api.users.list({ page: 1 }).first();

for (const { type, path } of changes) console.log(type, path);
return {
  changes: changes.length, last: [list[-1], list[0], list.length], counter, attempts, log,
  has: ["xyz" in api, "abc" in api], keys: Object.keys(new Proxy({ a: 1, b: 2 }, { ownKeys: () => ["b"] })),
};
