// Huffman codes for a text: builds the tree, encodes, decodes, measures; and run-length and LZ variants beside it.
const text = "she sells sea shells by the sea shore";

function tree(input) {
  const counts = new Map();
  for (const char of input) counts.set(char, (counts.get(char) ?? 0) + 1);
  let nodes = [...counts].map(([char, weight]) => ({ char, weight, order: char.codePointAt(0) }));
  while (nodes.length > 1) {
    nodes.sort((a, b) => a.weight - b.weight || a.order - b.order);
    const [left, right, ...rest] = nodes;
    nodes = [...rest, { left, right, weight: left.weight + right.weight, order: Math.min(left.order, right.order) }];
  }
  return nodes[0];
}

function* codes({ char, left, right }, prefix = "") {
  if (char !== undefined) yield [char, prefix || "0"];
  else {
    yield* codes(left, `${prefix}0`);
    yield* codes(right, `${prefix}1`);
  }
}

const root = tree(text);
const table = Object.fromEntries(codes(root));
const bits = [...text].map((char) => table[char]).join("");

function decode(bits, node) {
  let out = "";
  let at = node;
  for (const bit of bits) {
    at = bit === "0" ? at.left : at.right;
    if (at.char === undefined) continue;
    out += at.char;
    at = node;
  }
  return out;
}

const bytes = Uint8Array.from(bits.match(/.{1,8}/g), (chunk) => parseInt(chunk.padEnd(8, "0"), 2));
const prefixFree = Object.values(table).every((a, i, all) => all.every((b, j) => i === j || !b.startsWith(a)));

const rle = (s) => s.replace(/(.)\1*/gs, (run, char) => (run.length > 1 ? run.length : "") + char);
const unrle = (s) => s.replace(/(\d+)(\D)/g, (_, n, char) => char.repeat(n));

function lzw(input) {
  const words = new Map(Array.from({ length: 128 }, (_, i) => [String.fromCharCode(i), i]));
  const out = [];
  let current = "";
  for (const char of input) {
    if (words.has(current + char)) current += char;
    else {
      out.push(words.get(current));
      words.set(current + char, words.size);
      current = char;
    }
  }
  return current ? [...out, words.get(current)] : out;
}

const longest = Math.max(...Object.values(table).map((code) => code.length));
console.log(`${text.length * 8} bits → ${bits.length} bits (${((bits.length / text.length / 8) * 100).toFixed(1)} %)`);
return {
  lengths: Object.groupBy(Object.keys(table).sort(), (char) => table[char].length),
  longest,
  ok: decode(bits, root) === text,
  bytes: bytes.length,
  prefixFree,
  rle: [rle("aaabccd"), unrle(rle("zzz  yx"))],
  lzw: lzw("TOBEORNOTTOBEORTOBEORNOT"),
};
