// Conway's Game of Life on a torus and an elementary cellular automaton, drawn as text.
const parse = (text) => text.trim().split("\n").map((row) => [...row.trim()].map((c) => Number(c === "#")));
const draw = (grid) => grid.map((row) => row.map((cell) => ".#"[cell]).join("")).join("\n");

function step(grid) {
    const [height, width] = [grid.length, grid[0].length];
    return grid.map((row, y) => row.map((cell, x) => {
        let neighbours = -cell;
        for (let dy = -1; dy <= 1; dy++) {
            for (let dx = -1; dx <= 1; dx++) neighbours += grid[(y + dy + height) % height][(x + dx + width) % width];
        }
        return Number(neighbours === 3 || (cell === 1 && neighbours === 2));
    }));
}

function* generations(grid) {
    const seen = new Map();
    for (let n = 0; ; n++) {
        const key = draw(grid);
        if (seen.has(key)) return { period: n - seen.get(key), after: seen.get(key) };
        seen.set(key, n);
        yield grid;
        grid = step(grid);
    }
}

function lifetime(grid) {
    const iterator = generations(grid);
    let count = 0;
    for (;;) {
        const { value, done } = iterator.next();
        if (done) return { count, ...value };
        count++;
    }
}

const glider = parse(`
    .#....
    ..#...
    ###...
    ......
    ......
    ......`);

const population = (grid) => grid.flat().reduce((a, b) => a + b);
const fourLater = [1, 2, 3, 4].reduce(step, glider);
console.log(draw(fourLater));

const rule = (number) => (cells) =>
    cells.map((cell, i) => (number >> (4 * cells.at(i - 1) + 2 * cell + (cells[i + 1] ?? cells[0]))) & 1);
let row = Array.from({ length: 31 }, (_, i) => Number(i === 15));
const picture = Array.from({ length: 8 }, () => {
    const line = row.map((cell) => (cell ? "▓" : " ")).join("").trimEnd();
    row = rule(90)(row);
    return line;
});
picture.forEach((line) => console.log(line));

return {
    glider: lifetime(glider),
    blinker: lifetime(parse(".....\n.....\n.###.\n.....\n.....")),
    block: lifetime(parse("....\n.##.\n.##.\n....")),
    populations: [0, 1, 2, 3].map((n) => population(Array.from({ length: n }).reduce(step, glider))),
};
