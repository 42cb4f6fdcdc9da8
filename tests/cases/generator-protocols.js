// Generators that talk back: two-way next(), throw(), return(), delegation with results.
function* averager() {
    let total = 0, count = 0;
    try {
        while (true) {
            const value = yield count ? total / count : undefined;
            if (value === undefined) continue;
            total += value;
            count++;
        }
    } catch (error) {
        console.warn(`averager got: ${error.message}`);
        return { total, count };
    } finally {
        console.log("averager done");
    }
}

const average = averager();
average.next();
const running = [10, 20, 60].map((n) => average.next(n).value);
const final = average.throw(new Error("enough"));
const afterwards = average.next(5);

function* inner(n) {
    for (let i = 0; i < n; i++) yield `inner ${i}`;
    return `${n} inner`;
}
function* outer() {
    const a = yield* inner(2);
    yield a.toUpperCase();
    const b = yield* [1, 2];
    yield b === undefined;
}

function* fibonacci() {
    let [a, b] = [0n, 1n];
    for (;;) {
        yield a;
        [a, b] = [b, a + b];
    }
}
function* take(iterable, n) {
    if (n <= 0) return;
    for (const item of iterable) {
        yield item;
        if (--n === 0) return;
    }
}

const early = inner(5);
early.next();
return {
    running, final, afterwards,
    delegated: [...outer()],
    fib: [...take(fibonacci(), 15)].map(String),
    big: [...take(fibonacci(), 101)].at(-1).toString(),
    early: [early.return("bye"), early.next()],
    self: early[Symbol.iterator]() === early,
};
