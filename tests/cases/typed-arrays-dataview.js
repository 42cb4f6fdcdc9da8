// Writes and reads a binary record with DataView and typed arrays: endianness, views, clamping, hex dump.
const FIELDS = [
  ["magic", "Uint32", 4],
  ["version", "Uint8", 1],
  ["flags", "Int8", 1],
  ["size", "Uint16", 2],
  ["ratio", "Float64", 8],
  ["id", "BigUint64", 8],
];
const RECORD_BYTES = FIELDS.reduce((sum, [, , bytes]) => sum + bytes, 0);

function encode(record, littleEndian) {
  const view = new DataView(new ArrayBuffer(RECORD_BYTES));
  let offset = 0;
  for (const [name, type, bytes] of FIELDS) {
    view[`set${type}`](offset, record[name], littleEndian);
    offset += bytes;
  }
  return view.buffer;
}

function decode(buffer, littleEndian) {
  const view = new DataView(buffer);
  let offset = 0;
  return Object.fromEntries(FIELDS.map(([name, type, bytes]) => {
    const value = view[`get${type}`](offset, littleEndian);
    offset += bytes;
    return [name, value];
  }));
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join(" ");
const record = { magic: 0xcafebabe, version: 300, flags: -2, size: 65535, ratio: Math.PI, id: 2n ** 53n - 1n };

const big = encode(record, false);
const little = encode(record, true);
console.log(hex(big));
console.log(hex(little));

const samples = new Int16Array([1, -2, 3]);
const bytes = new Uint8Array(samples.buffer, 2, 2);
bytes[0] = 7;

let outside;
try { new DataView(big).getUint32(RECORD_BYTES - 2); } catch (error) { outside = error.name; }

console.log(new Uint8Array([1, 2, 3]), new Float32Array(2));
return {
  back: decode(big, false),
  same: FIELDS.every(([name]) => decode(little, true)[name] === decode(big, false)[name]),
  samples,
  clamped: new Uint8ClampedArray([300, -5, 1.5, 2.5, NaN]),
  wrapped: new Uint8Array([300, -5, 1.9]),
  sub: samples.subarray(1).map((x) => x * 2),
  sliced: new Uint8Array(little.slice(0, 4)),
  float: new Float32Array([0.1])[0] === Math.fround(0.1),
  sum: Float64Array.of(0.5, 1.5).reduce((a, b) => a + b),
  set: (() => { const t = new Uint16Array(4); t.set([9, 8], 1); return t.toReversed(); })(),
  outside,
};
