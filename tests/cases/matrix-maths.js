// Matrices: multiplication, transpose, determinant, inverse by Gauss-Jordan, rotation, fast powers.
const multiply = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const transpose = (m) => m[0].map((_, i) => m.map((row) => row[i]));
const identity = (n) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => +(i === j)));
const rotate = (m) => transpose(m).map((row) => row.toReversed());

function determinant(m) {
  if (m.length === 1) return m[0][0];
  return m[0].reduce(
    (sum, x, j) => sum + (j % 2 ? -x : x) * determinant(m.slice(1).map((row) => row.toSpliced(j, 1))),
    0,
  );
}

function inverse(m) {
  const n = m.length;
  const work = m.map((row, i) => [...row, ...identity(n)[i]]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(work[r][c]) > Math.abs(work[pivot][c])) pivot = r;
    if (Math.abs(work[pivot][c]) < 1e-12) throw new RangeError("the matrix is singular");
    [work[c], work[pivot]] = [work[pivot], work[c]];
    const divisor = work[c][c];
    work[c] = work[c].map((x) => x / divisor);
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = work[r][c];
      work[r] = work[r].map((x, j) => x - factor * work[c][j]);
    }
  }
  return work.map((row) => row.slice(n));
}

function power(m, exponent) {
  let result = identity(m.length);
  for (let base = m, e = exponent; e > 0; e >>= 1) {
    if (e & 1) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

const a = [[2, 1, 1], [1, 3, 2], [1, 0, 0]];
const rounded = (m) => m.map((row) => row.map((x) => Math.round(x * 1e9) / 1e9 + 0));
let singular;
try { inverse([[1, 2], [2, 4]]); } catch (error) { singular = error.message; }

console.log(rounded(inverse(a)));
console.table(rotate([[1, 2, 3], [4, 5, 6]]));
return {
  product: multiply([[1, 2], [3, 4]], [[0, 1], [1, 0]]),
  determinant: determinant(a),
  check: rounded(multiply(a, inverse(a))),
  fibonacci: power([[1, 1], [1, 0]], 50)[0][1],
  singular,
};
