// Follows the cursors of a paged tool until there are none, with a guard against loops.
const DATABASE = Array.from({ length: 11 }, (_, i) => ({
  id: `issue-${i + 1}`,
  open: i % 3 !== 0,
  votes: (i * 7) % 10,
}));

// What the server would do; the tool hands it back.
async function listIssues({ cursor = null, limit = 4 }) {
  const start = cursor === null ? 0 : Number(atob(cursor));
  const items = DATABASE.slice(start, start + limit);
  const end = start + items.length;
  return tools.echo({ items, next_cursor: end < DATABASE.length ? btoa(String(end)) : null });
}

async function fetchAll(fetchPage, maxPages = 10) {
  const items = [];
  const seen = new Set();
  let cursor = null;
  let pages = 0;
  do {
    if (++pages > maxPages) throw new Error(`more than ${maxPages} pages`);
    const page = await fetchPage({ cursor });
    items.push(...page.items);
    console.log(`page ${pages}: ${page.items.length} items, next ${page.next_cursor ?? "none"}`);
    if (page.next_cursor !== null && seen.has(page.next_cursor)) throw new Error("the cursor repeats");
    seen.add(page.next_cursor);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return { items, pages };
}

const { items, pages } = await fetchAll(listIssues);
const open = items.filter((issue) => issue.open);
const top = open.toSorted((a, b) => b.votes - a.votes || a.id.localeCompare(b.id)).slice(0, 3);

const looping = await fetchAll(async () => ({ items: [1], next_cursor: "same" })).catch((error) => error.message);
const endless = await fetchAll(async ({ cursor }) => ({ items: [], next_cursor: `${cursor}x` }), 2).catch(
  (e) => e.message,
);

return {
  total: items.length,
  pages,
  open: open.length,
  top: top.map(({ id, votes }) => `${id}=${votes}`),
  looping,
  endless,
};
