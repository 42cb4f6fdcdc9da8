// Sorts records by several keys and compares hand-written sorts with the built-in one, stability included.
const records = [
  ["pear", 3], ["fig", 1], ["apple", 3], ["kiwi", 2], ["plum", 1], ["date", 2], ["lime", 3],
].map(([name, rank], position) => ({ name, rank, position }));

const by = (...keys) => (a, b) => {
  for (const key of keys) {
    const [field, sign] = key.startsWith("-") ? [key.slice(1), -1] : [key, 1];
    if (a[field] < b[field]) return -sign;
    if (a[field] > b[field]) return sign;
  }
  return 0;
};

function mergeSort(list, compare) {
  if (list.length < 2) return list;
  const middle = list.length >>> 1;
  const [left, right] = [list.slice(0, middle), list.slice(middle)].map((half) => mergeSort(half, compare));
  const merged = [];
  let i = 0, j = 0;
  while (i < left.length && j < right.length) merged.push(compare(left[i], right[j]) <= 0 ? left[i++] : right[j++]);
  return [...merged, ...left.slice(i), ...right.slice(j)];
}

function quickSort(list, low = 0, high = list.length - 1) {
  if (low >= high) return list;
  const pivot = list[(low + high) >> 1];
  let [i, j] = [low, high];
  while (i <= j) {
    while (list[i] < pivot) i++;
    while (list[j] > pivot) j--;
    if (i <= j) [list[i++], list[j--]] = [list[j], list[i]];
  }
  quickSort(list, low, j);
  return quickSort(list, i, high);
}

const countingSort = (list) =>
  list.reduce((counts, n) => ((counts[n] = (counts[n] ?? 0) + 1), counts), []).flatMap((n, i) => Array(n).fill(i));

function binarySearch(list, wanted) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

let seed = 42;
const numbers = Array.from({ length: 200 }, () => (seed = (seed * 1103515245 + 12345) % 2147483648) % 1000);
const expected = numbers.toSorted((a, b) => a - b);
const names = (list) => list.map(({ name }) => name).join(" ");

console.log(names(records.toSorted(by("-rank", "name"))));
return {
  stable: names(records.toSorted(by("rank"))),
  merged: names(mergeSort(records, by("rank"))) === names(records.toSorted(by("rank"))),
  quick: String(quickSort([...numbers])) === String(expected),
  counting: String(countingSort(numbers)) === String(expected),
  ends: [expected[0], expected.at(-1), numbers.length],
  found: [binarySearch([1, 3, 5], 3), binarySearch([1, 3, 5], 4), binarySearch([1, 3, 5], 9)],
  mixed: ["b", undefined, "a", 10, 9, null, true].sort().map(String),
  natural: ["a10", "a9", "A1"].sort(),
};
