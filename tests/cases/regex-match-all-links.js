// Finds links, headings and code spans in Markdown with matchAll, positions included.
const markdown = `# Guide

See [the docs](https://example.com/docs "Docs") and [API](https://example.com/api?v=2).
## Install
Run \`npm i\` then \`npm start\`. Broken [link](<>) here.
### Notes
Nothing [to](#notes) see.`;

const links = [...markdown.matchAll(/\[(?<text>[^\]]+)\]\((?<url>[^\s)]+)(?:\s+"(?<title>[^"]*)")?\)/g)].map(
    (match) => ({
        ...match.groups,
        title: match.groups.title ?? null,
        at: match.index,
    }),
);

const headings = Array.from(
    markdown.matchAll(/^(#{1,6})\s+(.*)$/gm),
    ([, marks, title]) => `${"  ".repeat(marks.length - 1)}- ${title}`,
);
const codes = [...markdown.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

const indexed = /(?<year>\d{4})-(?<month>\d\d)/d.exec("released 2023-11");
console.log(headings.join("\n"));
console.log("groups at", indexed.indices.groups.year, indexed.indices.groups.month);

let error;
try {
    markdown.matchAll(/x/);
} catch (e) {
    error = e instanceof TypeError;
}

const counted = new Map();
for (const [word] of markdown.toLowerCase().matchAll(/[a-z]{3,}/g)) counted.set(word, (counted.get(word) ?? 0) + 1);
const repeated = [...counted].filter(([, n]) => n > 1).sort(([a], [b]) => (a < b ? -1 : 1));

return { links, codes, error, repeated };
