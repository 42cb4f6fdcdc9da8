// A line diff by longest common subsequence, printed like `diff -u`, and patches applied back.
const before = `function add(a, b) {
  return a + b;
}

// old comment
export const version = "1.0";
export default add;`.split("\n");

const after = `function add(a, b) {
  console.log(a, b);
  return a + b;
}

export const version = "1.1";
export default add;
// the end`.split("\n");

function diff(a, b) {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  const changes = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      changes.push({ type: " ", text: a[i], i: i++, j: j++ });
    } else if (j >= b.length || (i < a.length && table[i + 1][j] >= table[i][j + 1])) {
      changes.push({ type: "-", text: a[i], i: i++, j });
    } else {
      changes.push({ type: "+", text: b[j], i, j: j++ });
    }
  }
  return changes;
}

function hunks(changes, context = 1) {
  const keep = changes.map((_, n) =>
    changes.slice(Math.max(0, n - context), n + context + 1).some(({ type }) => type !== " "),
  );
  const groups = [];
  changes.forEach((change, n) => {
    if (!keep[n]) return;
    if (n === 0 || !keep[n - 1]) groups.push([]);
    groups.at(-1).push(change);
  });
  return groups.map((group) => {
    const count = (...types) => group.filter(({ type }) => types.includes(type)).length;
    const header = `@@ -${group[0].i + 1},${count(" ", "-")} +${group[0].j + 1},${count(" ", "+")} @@`;
    return [header, ...group.map(({ type, text }) => type + text)].join("\n");
  });
}

const changes = diff(before, after);
const rebuilt = (...types) => changes.filter(({ type }) => types.includes(type)).map(({ text }) => text);
const printed = hunks(changes);
console.log(printed.join("\n"));

return {
  hunks: printed.length,
  added: changes.filter(({ type }) => type === "+").length,
  removed: changes.filter(({ type }) => type === "-").length,
  forward: rebuilt(" ", "+").join("\n") === after.join("\n"),
  backward: rebuilt(" ", "-").join("\n") === before.join("\n"),
  same: hunks(diff(before, before)),
  similarity: Number(((2 * rebuilt(" ").length) / (before.length + after.length)).toFixed(3)),
};
