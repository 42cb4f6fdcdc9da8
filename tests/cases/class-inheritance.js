// Shapes with inheritance: super calls, static inheritance, overriding, mixins, instanceof via Symbol.hasInstance.
class Shape {
    static registry = [];
    static create(...args) {
        const made = new this(...args);
        Shape.registry.push(made.name);
        return made;
    }
    constructor(name = new.target.name.toLowerCase()) {
        this.name = name;
    }
    area() {
        throw new Error(`${this.name} has no area`);
    }
    toString() {
        return `${this.name} (${this.area().toFixed(2)})`;
    }
}

const Scalable = (Base) => class extends Base {
    scale(factor) {
        for (const key of Object.keys(this)) if (typeof this[key] === "number") this[key] *= factor;
        return this;
    }
};

class Circle extends Scalable(Shape) {
    constructor(radius) {
        super();
        this.radius = radius;
    }
    area() { return Math.PI * this.radius ** 2; }
}

class Rectangle extends Scalable(Shape) {
    constructor(width, height, name) {
        super(name);
        Object.assign(this, { width, height });
    }
    area() { return this.width * this.height; }
}

class Square extends Rectangle {
    constructor(side) { super(side, side, "square"); }
    toString() { return `perfect ${super.toString()}`; }
}

class Big {
    static [Symbol.hasInstance](shape) { return shape.area() > 10; }
}

const shapes = [Circle.create(1), Rectangle.create(2, 3), Square.create(2).scale(2)];
shapes.forEach((shape) => console.log(String(shape)));
console.log(shapes[2]);
let abstract;
try { `${new Shape("blob")}`; } catch (error) { abstract = error.message; }
return {
    abstract,
    registry: Shape.registry,
    big: shapes.map((shape) => shape instanceof Big),
    chain: [shapes[2] instanceof Rectangle, shapes[2] instanceof Circle, Square.__proto__ === Rectangle],
    names: [Square.name, Square.length, Object.getPrototypeOf(shapes[0]).constructor.name],
};
