"use strict";
// Classes: fields, private names, getters, inheritance, closures, iterators.
class Shape {
    #id;
    static count = 0;
    constructor(id) {
        this.#id = id;
        Shape.count++;
    }
    get id() {
        return this.#id;
    }
    area() {
        return 0;
    }
    scaled(by) {
        return this.area() * by;
    }
}
class Square extends Shape {
    constructor(id, side) {
        super(id);
        this.side = side;
    }
    area() {
        return this.side * this.side;
    }
}
class Circle extends Shape {
    radius = 1;
    area() {
        return 3 * this.radius * this.radius;
    }
}
class Range {
    constructor(end) {
        this.end = end;
    }
    *[Symbol.iterator]() {
        for (let i = 0; i < this.end; i++) yield i;
    }
}
function main() {
    let total = 0;
    const add = (n) => (total = (total + n) % 1000000007);
    for (const i of new Range(160000)) {
        const shape = i % 2 === 0 ? new Square(i, i % 100) : new Circle(i);
        add(shape.scaled(3));
        add(shape.id);
        if (shape instanceof Square) add(shape.side);
    }
    return [total, Shape.count].join(" ");
}
main();
