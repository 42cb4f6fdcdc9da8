// Labelled breaks and continues: a prime sieve, a search in a grid, and a label on a block.
const primes = [];
next: for (let n = 2; primes.length < 12; n++) {
    for (const p of primes) {
        if (p * p > n) break;
        if (n % p === 0) continue next;
    }
    primes.push(n);
}

const grid = ["..#..", "#.#.E", "..S.."].map((row) => [...row]);
let place = null;
search: for (let y = 0; y < grid.length; y++) {
    for (let x = 0; x < grid[y].length; x++) {
        if (grid[y][x] === "E") {
            place = { x, y };
            break search;
        }
    }
}

function classify(value) {
    checks: {
        if (typeof value !== "number") break checks;
        if (Number.isNaN(value)) break checks;
        return value < 0 ? "negative" : "fine";
    }
    return "not a number";
}

const visited = [];
rows: for (const row of [[1, 2, 3], [4, -1, 5], [6, 0, 7], [8]]) {
    let i = 0;
    do {
        switch (true) {
            case row[i] < 0:
                visited.push("skip");
                continue rows;
            case row[i] === 0:
                break rows;
            default:
                visited.push(row[i]);
        }
    } while (++i < row.length);
}

console.log(`found E at ${place.x},${place.y}`);
return { primes, place, classes: [1, -1, NaN, "1"].map(classify), visited };
