// Builds an aligned Markdown table, escaping pipes, with numbers to the right.
const rows = [
  { name: "quickjs|ng", stars: 1874, ratio: 0.51, maintained: true },
  { name: "boa", stars: 5210, ratio: 1, maintained: true },
  { name: "duktape", stars: 5901, ratio: 0.0625, maintained: false },
  { name: "日本語", stars: 7, maintained: null },
];

function markdownTable(data, { columns = Object.keys(data[0]), align = {} } = {}) {
  const text = (value) => {
    if (value === undefined || value === null) return "";
    if (typeof value === "boolean") return value ? "yes" : "no";
    return String(value).replaceAll("|", "\\|").replace(/\n/g, "<br>");
  };
  const isRight = (column) => align[column] === "right" || data.every((row) => typeof (row[column] ?? 0) === "number");
  const table = [columns, ...data.map((row) => columns.map((column) => text(row[column])))];
  const widths = columns.map((_, i) => Math.max(3, ...table.map((cells) => [...cells[i]].length)));
  const pad = (cell, i) => {
    const fill = " ".repeat(widths[i] - [...cell].length);
    return isRight(columns[i]) ? fill + cell : cell + fill;
  };
  const line = (cells) => `| ${cells.map(pad).join(" | ")} |`;
  const dashes = (column, i) => (isRight(column) ? `${"-".repeat(widths[i] - 1)}:` : "-".repeat(widths[i]));
  const rule = `| ${columns.map(dashes).join(" | ")} |`;
  return [line(table[0]), rule, ...table.slice(1).map(line)].join("\n");
}

const table = markdownTable(rows);
const narrow = markdownTable(rows, { columns: ["stars", "name"] });

console.log(table);
console.log();
console.log(narrow);

return `## Engines\n\n${table}\n\n_${rows.length} rows, ${rows.filter((row) => row.maintained).length} maintained_`;
