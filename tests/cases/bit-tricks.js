// Bit manipulation: flags, popcount, CRC-32, FNV hash, packing colours, grey codes, subsets.
const FLAGS = { READ: 1 << 0, WRITE: 1 << 1, EXEC: 1 << 2, ADMIN: 1 << 31 };
const describe = (mask) => Object.entries(FLAGS).filter(([, bit]) => (mask & bit) !== 0).map(([name]) => name);

let permissions = FLAGS.READ | FLAGS.WRITE;
permissions &= ~FLAGS.WRITE;
permissions ^= FLAGS.ADMIN;

const popcount = (n) => {
  n >>>= 0;
  let count = 0;
  for (; n; n &= n - 1) count++;
  return count;
};

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
const crc32 = (text) => {
  let crc = ~0;
  for (const byte of new TextEncoder().encode(text)) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (~crc >>> 0).toString(16).padStart(8, "0");
};

const fnv1a = (text) => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

const unpack = (rgb) => [rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255];
const pack = (r, g, b) => `#${(r << 16 | g << 8 | b).toString(16).padStart(6, "0")}`;
const subsets = (items) =>
  Array.from({ length: 1 << items.length }, (_, mask) => items.filter((_, i) => (mask >> i) & 1));

console.log(permissions, permissions >>> 0, describe(permissions));
return {
  popcount: [0, 255, -1, 0x80000001].map(popcount),
  crc: ["", "123456789", "zażółć"].map(crc32),
  fnv: fnv1a("hello"),
  colours: [unpack(0xff8000), pack(18, 52, 86)],
  grey: Array.from({ length: 8 }, (_, i) => (i ^ i >> 1).toString(2).padStart(3, "0")),
  subsets: subsets(["a", "b", "c"]).map((s) => s.join("")),
  shifts: [1 << 31, 1 << 32, -1 >>> 0, -9 >> 1, -9 >>> 28, ~~-3.7, 2 ** 32 | 0],
  powers: [64, 65, 0].map((n) => n > 0 && (n & (n - 1)) === 0),
  clz: [Math.clz32(1), Math.clz32(0), 31 - Math.clz32(1000)],
};
