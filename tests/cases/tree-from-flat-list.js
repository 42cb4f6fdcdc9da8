// Builds a tree from rows with parent ids, prints it, sums it up, walks it in several orders, and finds paths.
const rows = [
  { id: 4, parent: 2, name: "src", size: 0 },
  { id: 1, parent: null, name: "/", size: 0 },
  { id: 2, parent: 1, name: "project", size: 0 },
  { id: 3, parent: 1, name: "notes.txt", size: 12 },
  { id: 5, parent: 4, name: "main.rs", size: 340 },
  { id: 6, parent: 4, name: "lib.rs", size: 560 },
  { id: 7, parent: 2, name: "README.md", size: 90 },
  { id: 8, parent: 99, name: "orphan", size: 1 },
];

const nodes = new Map(rows.map(({ parent, ...row }) => [row.id, { ...row, children: [] }]));
const roots = [];
const orphans = [];
for (const { id, parent } of rows) {
  if (parent === null) roots.push(nodes.get(id));
  else (nodes.get(parent)?.children ?? orphans).push(nodes.get(id));
}

const byName = (a, b) => Number(b.children.length > 0) - Number(a.children.length > 0) || a.name.localeCompare(b.name);
function print(node, prefix = "", isLast = true, isRoot = true) {
  const lines = [isRoot ? node.name : `${prefix}${isLast ? "└── " : "├── "}${node.name}`];
  const children = node.children.toSorted(byName);
  children.forEach((child, i) => {
    lines.push(...print(child, isRoot ? "" : prefix + (isLast ? "    " : "│   "), i === children.length - 1, false));
  });
  return lines;
}

const total = ({ size, children }) => children.reduce((sum, child) => sum + total(child), size);
const depth = ({ children }) => 1 + Math.max(0, ...children.map(depth));
function* preorder(node) { yield node; for (const child of node.children) yield* preorder(child); }
function* postorder(node) { for (const child of node.children) yield* postorder(child); yield node; }
function* levels(root) {
  for (let level = [root]; level.length > 0; level = level.flatMap(({ children }) => children)) {
    yield level.map(({ name }) => name);
  }
}
const pathTo = (node, name, path = []) =>
  node.name === name
    ? [...path, name]
    : node.children.reduce((found, child) => found ?? pathTo(child, name, [...path, node.name]), undefined);

const [root] = roots;
console.log(print(root).join("\n"));
const toNested = ({ name, children }) => ({
  [name]: children.length ? Object.assign({}, ...children.map(toNested)) : null,
});

return {
  total: total(root), depth: depth(root), orphans,
  pre: Array.from(preorder(root), ({ id }) => id), post: Array.from(postorder(root), ({ id }) => id),
  levels: [...levels(root)], path: pathTo(root, "lib.rs"), missing: pathTo(root, "nope") ?? null,
  nested: toNested(root),
};
