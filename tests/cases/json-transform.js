// Reshapes nested JSON: flatten and unflatten, rename keys, pick and omit, revivers and replacers.
const source = JSON.parse(`{
  "user_id": 7, "created_at": "2023-11-14T22:13:20.000Z",
  "profile": { "first_name": "Ada", "tags": ["x", { "deep_key": null }], "empty": {}, "none": [] },
  "score": 1e3, "ratio": -0.5e-7, "unicode": "\\u017b\\u00f3\\u0142w \\ud83d\\ude00"
}`, (key, value) => (key.endsWith("_at") ? new Date(value) : value));

const isPlain = (v) => v !== null && typeof v === "object" && !(v instanceof Date);

function flatten(value, path = "", out = {}) {
  if (isPlain(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key, out);
    }
  } else {
    out[path] = value;
  }
  return out;
}

function unflatten(flat) {
  const root = {};
  for (const [path, value] of Object.entries(flat)) {
    const keys = path.split(/[.[\]]+/).filter(Boolean);
    keys.reduce((node, key, i) => {
      if (i === keys.length - 1) node[key] = value;
      else node[key] ??= /^\d+$/.test(keys[i + 1]) ? [] : {};
      return node[key];
    }, root);
  }
  return root;
}

const camel = (v) =>
  Array.isArray(v)
    ? v.map(camel)
    : isPlain(v)
      ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k.replace(/_(.)/g, (_, c) => c.toUpperCase()), camel(x)]))
      : v;

const flat = flatten(source);
const back = unflatten(flat);
const omit = (object, ...keys) => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

console.log(flat);
return {
  camel: camel(source),
  roundTrip: JSON.stringify(back) === JSON.stringify(source),
  picked: JSON.stringify(source, ["user_id", "profile", "first_name"]),
  redacted: JSON.stringify(source.profile, (k, v) => (k === "first_name" ? "***" : v), "--"),
  dropped: JSON.stringify({ a: undefined, b: () => 1, c: Symbol("s"), d: NaN, e: [undefined], f: new Map([[1, 2]]) }),
  omitted: Object.keys(omit(source, "profile", "unicode")),
};
