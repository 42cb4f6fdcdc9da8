// Streams rows out of a paged source with an async generator and stops as soon as enough were found.
const PAGE_SIZE = 3;

async function fetchPage(page) {
  const start = (page - 1) * PAGE_SIZE;
  const rows = Array.from({ length: Math.max(0, Math.min(PAGE_SIZE, 10 - start)) }, (_, i) => ({
    id: start + i + 1,
    score: ((start + i) * 37) % 11,
  }));
  return tools.echo({ page, rows, hasMore: start + PAGE_SIZE < 10 });
}

async function* allRows() {
  let page = 1;
  try {
    while (true) {
      const { rows, hasMore } = await fetchPage(page);
      console.log(`page ${page}: ${rows.length} rows`);
      yield* rows;
      if (!hasMore) return;
      page += 1;
    }
  } finally {
    console.log(`closed after page ${page}`);
  }
}

async function* filter(source, predicate) {
  for await (const row of source) {
    if (predicate(row)) yield row;
  }
}

const found = [];
for await (const row of filter(allRows(), (row) => row.score >= 4)) {
  found.push(row);
  if (found.length === 3) break;
}

let total = 0;
for await (const row of allRows()) total += row.score;

return { found, total };
