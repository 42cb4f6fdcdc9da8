// A small template engine: variables with paths and filters, sections, conditions, nesting, escaping.
const filters = {
  upper: (v) => String(v).toUpperCase(),
  money: (v) => `€${Number(v).toFixed(2)}`,
  join: (v, separator = ", ") => v.join(separator),
  default: (v, fallback) => v ?? fallback,
};

const lookup = (context, path) =>
  path === "."
    ? context.at(-1)
    : path
        .split(".")
        .reduce(
          (value, key, i) =>
            i === 0 ? context.findLast((scope) => Object.hasOwn(Object(scope), key))?.[key] : value?.[key],
          undefined,
        );

function compile(source) {
  const root = { children: [] };
  const stack = [root];
  let position = 0;
  for (const match of source.matchAll(/\{\{(?<mark>[#^/&]?)\s*(?<body>[^}]*?)\s*\}\}/g)) {
    const { mark, body } = match.groups;
    stack.at(-1).children.push(source.slice(position, match.index));
    position = match.index + match[0].length;
    if (mark === "/") {
      const { name } = stack.pop();
      if (name !== body) throw new SyntaxError(`expected {{/${name}}}, got {{/${body}}}`);
    } else {
      const [name, ...pipes] = body.split("|").map((part) => part.trim());
      const node = { mark, name, pipes: pipes.map((pipe) => pipe.split(":")), children: [] };
      stack.at(-1).children.push(node);
      if (mark === "#" || mark === "^") stack.push(node);
    }
  }
  root.children.push(source.slice(position));
  return (data) => render(root, [data]);
}

const escape = (value) => String(value ?? "").replace(/[&<>]/g, (c) => `&#${c.codePointAt(0)};`);

function render({ children }, context) {
  return children.map((node) => {
    if (typeof node === "string") return node;
    const value = lookup(context, node.name);
    const isEmpty = !value || (Array.isArray(value) && value.length === 0);
    if (node.mark === "^") return isEmpty ? render(node, context) : "";
    if (node.mark === "#")
      return isEmpty
        ? ""
        : [value]
            .flat()
            .map((item) => render(node, [...context, item]))
            .join("");
    const piped = node.pipes.reduce((v, [name, argument]) => filters[name](v, argument), value);
    return node.mark === "&" ? String(piped) : escape(piped);
  }).join("");
}

const template = compile(`Dear {{ user.name | upper }},
{{#items}}* {{ name }}: {{ price | money }}{{#tags}} #{{ . }}{{/tags}} ({{ user.name }})
{{/items}}{{^items}}nothing
{{/items}}{{ note | default:no note }} {{& raw }} {{ user.missing.deep }}`);

const full = template({
  user: { name: "Ann <ann@x.org>" }, raw: "<hr>",
  items: [{ name: "Tea & milk", price: 3 }, { name: "Cake", price: "4.5", tags: ["sweet", "new"] }],
});
let error;
try { compile("{{#a}}{{/b}}"); } catch (e) { error = e.message; }
console.log(full);
return { full, empty: template({ user: { name: "Bo" }, items: [], note: "bye" }), error };
