// Compares permission sets with the Set methods.
const roles = {
  viewer: new Set(["read", "list"]),
  editor: new Set(["read", "list", "write", "comment"]),
  auditor: new Set(["read", "export"]),
  guest: new Set(),
};

const { viewer, editor, auditor, guest } = roles;

const show = (set) => [...set].join(",") || "(none)";
console.log("union:       ", show(editor.union(auditor)));
console.log("intersection:", show(editor.intersection(auditor)));
console.log("difference:  ", show(editor.difference(viewer)));
console.log("symmetric:   ", show(editor.symmetricDifference(auditor)));
console.log(viewer.union(auditor));

const matrix = Object.fromEntries(
  Object.entries(roles).map(([name, set]) => [
    name,
    Object.entries(roles)
      .filter(([other, superset]) => other !== name && set.isSubsetOf(superset))
      .map(([other]) => other),
  ]),
);

const users = new Map([["read", 1], ["export", 2]]);

return {
  matrix,
  superset: editor.isSupersetOf(viewer),
  disjoint: [guest.isDisjointFrom(editor), viewer.isDisjointFrom(auditor)],
  withMap: [...auditor.intersection(users)],
  untouched: [viewer.size, editor.size, auditor.size],
  dedupe: [...new Set([3, 1, 3, NaN, NaN, 0, -0, "1", 1])].map(String),
  required: [...new Set(["write", "delete"]).difference(editor)],
  chained: [...viewer.union(auditor).difference(new Set(["list"]))].sort(),
};
