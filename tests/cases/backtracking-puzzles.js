// Backtracking: eight queens, a small sudoku, subset sums and word search.
function queens(n, columns = []) {
  const row = columns.length;
  if (row === n) return [columns];
  return Array.from({ length: n }, (_, c) => c)
    .filter((c) => columns.every((other, r) => other !== c && Math.abs(other - c) !== row - r))
    .flatMap((c) => queens(n, [...columns, c]));
}

function sudoku(grid) {
  const cell = grid.findIndex((n) => n === 0);
  if (cell < 0) return grid;
  const [row, column] = [Math.floor(cell / 4), cell % 4];
  for (let n = 1; n <= 4; n++) {
    const clash = grid.some((other, i) => {
      const [r, c] = [Math.floor(i / 4), i % 4];
      return other === n && (r === row || c === column || ((r >> 1) === (row >> 1) && (c >> 1) === (column >> 1)));
    });
    if (clash) continue;
    const solved = sudoku(grid.with(cell, n));
    if (solved) return solved;
  }
  return null;
}

function* subsetSums(numbers, target, start = 0, chosen = []) {
  if (target === 0) yield chosen;
  for (let i = start; i < numbers.length && target > 0; i++) {
    if (i > start && numbers[i] === numbers[i - 1]) continue;
    yield* subsetSums(numbers, target - numbers[i], i + 1, [...chosen, numbers[i]]);
  }
}

function wordSearch(board, word) {
  const walk = (y, x, i, seen) => {
    if (board[y]?.[x] !== word[i] || seen.has(`${y},${x}`)) return false;
    if (i === word.length - 1) return true;
    const next = new Set(seen).add(`${y},${x}`);
    return [[0, 1], [1, 0], [0, -1], [-1, 0]].some(([dy, dx]) => walk(y + dy, x + dx, i + 1, next));
  };
  return board.some((line, y) => [...line].some((_, x) => walk(y, x, 0, new Set())));
}

const six = queens(6);
const puzzle = [..."1000040000300002"].map(Number);
const solved = sudoku(puzzle);

console.log(six[0].map((c) => ".".repeat(c) + "Q" + ".".repeat(5 - c)).join("\n"));
return {
  counts: [4, 5, 6].map((n) => queens(n).length),
  first: six[0],
  solved: solved && Array.from({ length: 4 }, (_, r) => solved.slice(4 * r, 4 * r + 4).join("")),
  impossible: sudoku([..."1100000000000000"].map(Number)),
  sums: [...subsetSums([1, 1, 2, 5, 6, 7, 10], 8)],
  words: ["CODE", "CODED", "DOOR"].map((word) => wordSearch(["COXX", "XDEX", "RODX"], word)),
};
