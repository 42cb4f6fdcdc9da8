// Identifiers and clocks: the shape of UUIDs, random values in range, and time that stands still while computing.
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const ids = Array.from({ length: 50 }, () => crypto.randomUUID());
const unique = new Set(ids).size;

const bytes = crypto.getRandomValues(new Uint8Array(16));
const words = new Uint32Array(4);
const same = crypto.getRandomValues(words) === words;

const rolls = Array.from({ length: 600 }, () => Math.floor(Math.random() * 6) + 1);
const faces = Object.groupBy(rolls, (roll) => roll);
const shuffled = [1, 2, 3, 4, 5, 6, 7, 8];
for (let i = shuffled.length - 1; i > 0; i--) {
  const j = Math.floor(Math.random() * (i + 1));
  [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
}

const before = performance.now();
const startedAt = Date.now();
let sum = 0;
for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i);
const computing = performance.now() - before;

await new Promise((resolve) => setTimeout(resolve, 40));
const waiting = performance.now() - before;

console.log(`computing took ${computing} ms, waiting ${waiting} ms`);
return {
  allValid: ids.every((id) => UUID_V4.test(id)),
  unique,
  lengths: [bytes.length, words.length, same],
  faces: Object.keys(faces),
  fair: Object.values(faces).every((list) => list.length > 50),
  permutation: shuffled.toSorted((a, b) => a - b),
  computing, waiting,
  date: [startedAt, Date.now() - startedAt, new Date().toISOString()],
  sum: Math.round(sum),
};
