// Renders a subset of Markdown to HTML: headings, lists, code, emphasis, links, quotes, tables.
const source = `# Title with *emphasis*

First paragraph with **bold _nested_**, \`code <b>\` and a [link](https://x.org?a=1&b=2).
Second line.

- one
- two
  - two a
- three

1. first
2. second

> quoted
> text

\`\`\`js
if (a < b) { run(); }
\`\`\`

| a | b |
| - | -: |
| 1 | 2 |

---
The end ![alt](pic.png)`;

const escape = (s) => s.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function inline(text) {
  const kept = [];
  const keep = (html) => `\u0000${kept.push(html) - 1}\u0000`;
  return escape(text.replace(/`([^`]+)`/g, (_, code) => keep(`<code>${escape(code)}</code>`)))
    .replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, '<img src="$2" alt="$1">')
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
    .replace(/(?<![\w])([*_])(.+?)\1(?![\w])/g, "<em>$2</em>")
    .replace(/\u0000(\d+)\u0000/g, (_, i) => kept[i]);
}

function list(lines, indent = 0) {
  const tag = /^\s*\d/.test(lines[0]) ? "ol" : "ul";
  let html = `<${tag}>`;
  while (lines.length > 0) {
    const [, space, text] = lines[0].match(/^(\s*)(?:[-*]|\d+\.)\s+(.*)$/);
    if (space.length < indent) break;
    lines.shift();
    html += `<li>${inline(text)}`;
    if (lines[0]?.match(/^\s*/)[0].length > space.length) html += list(lines, space.length + 1);
    html += "</li>";
  }
  return `${html}</${tag}>`;
}

const rules = [
  [/^(#{1,6}) (.*)$/, ([, { length }, text]) => `<h${length}>${inline(text)}</h${length}>`],
  [/^```(\w*)\n([^]*?)\n```$/, ([, language, code]) => `<pre class="${language}">${escape(code)}</pre>`],
  [/^(?:\s*(?:[-*]|\d+\.) .*(?:\n|$))+$/, ([block]) => list(block.split("\n"))],
  [
    /^(?:>.*(?:\n|$))+$/,
    ([block]) => `<blockquote>${inline(block.replace(/^> ?/gm, "").replace(/\n/g, " "))}</blockquote>`,
  ],
  [
    /^\|.*\|\n\|[-: |]+\|/,
    ([block], whole) => {
      const rows = whole.split("\n").map((row) =>
        row
          .slice(1, -1)
          .split("|")
          .map((cell) => cell.trim()),
      );
      const right = rows[1].map((cell) => cell.endsWith(":"));
      const tr = (cells, tag) =>
        `<tr>${cells.map((c, i) => `<${tag}${right[i] ? ' align="right"' : ""}>${inline(c)}</${tag}>`).join("")}</tr>`;
      return `<table>${tr(rows[0], "th")}${rows
        .slice(2)
        .map((row) => tr(row, "td"))
        .join("")}</table>`;
    },
  ],
  [/^---\n?/, (_, whole) => `<hr>${whole.length > 3 ? `\n<p>${inline(whole.slice(4))}</p>` : ""}`],
  [/^[^]*$/, ([block]) => `<p>${inline(block).replaceAll("\n", "<br>")}</p>`],
];

const html = source.split(/\n{2,}/).map((block) => {
  for (const [pattern, render] of rules) {
    const match = pattern.exec(block);
    if (match) return render(match, block);
  }
}).join("\n");

console.log(html);
return {
  lines: html.split("\n").length,
  links: html.match(/href="[^"]+"/g),
  toc: [...html.matchAll(/<h(\d)>(.*?)<\/h\1>/g)].map(([, n, t]) => [+n, t.replace(/<[^>]+>/g, "")]),
};
