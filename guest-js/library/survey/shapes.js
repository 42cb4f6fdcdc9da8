// Owns what can be said of a value from how it is written. Says nothing that could turn out wrong when the script runs.
import { keyName } from "./scopes.js";

// How deep and how far one value is looked into, constants included.
const DEPTH_MAX = 64;
const LOOKS_MAX = 1000;
const PRIMITIVES = ["string", "number", "boolean", "bigint", "undefined"];
const COMPARISONS = ["==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "instanceof"];
const ARITHMETIC = ["-", "*", "/", "%", "**", "|", "&", "^", "<<", ">>"];

const unknown = { kind: "unknown" };
const typed = (type) => ({ kind: "type", type });
const literal = (value) => ({ kind: "literal", value });

// The type of a value of that shape; undefined if it has none for sure.
function typeOf(shape) {
    if (shape.kind === "type") return shape.type;
    if (shape.kind === "literal") return shape.value === null ? "null" : typeof shape.value;
    return undefined;
}

function literalShape({ value, regex, bigint }) {
    if (regex) return typed("object");
    if (bigint) return typed("bigint");
    // JSON has no other numbers.
    return typeof value === "number" && !Number.isFinite(value) ? typed("number") : literal(value);
}

function unaryShape({ operator, argument }, around) {
    if (operator === "!" || operator === "delete") return typed("boolean");
    if (operator === "typeof") return typed("string");
    if (operator === "void") return typed("undefined");
    if (operator === "+") return typed("number");
    const shape = bareShape(argument, around);
    if (operator === "-" && shape.kind === "literal" && typeof shape.value === "number") return literal(-shape.value);
    return typeOf(shape) === "number" ? typed("number") : unknown;
}

function binaryShape({ operator, left, right }, around) {
    if (COMPARISONS.includes(operator)) return typed("boolean");
    if (operator === ">>>") return typed("number");
    // A chain of operators is as deep as it is long. The right operand often says enough.
    const last = typeOf(bareShape(right, around));
    if (operator === "+" && last === "string") return typed("string");
    if (ARITHMETIC.includes(operator) && last === "number") return typed("number");
    const first = typeOf(bareShape(left, around));
    if (operator === "+" && first === "string") return typed("string");
    if (first !== "number") return unknown;
    return ARITHMETIC.includes(operator) || last === "number" ? typed("number") : unknown;
}

function eitherShape(one, other) {
    const type = typeOf(one);
    return PRIMITIVES.includes(type) && type === typeOf(other) ? typed(type) : unknown;
}

function nameShape({ name }, around) {
    const { scope } = around;
    const binding = scope.find(name);
    if (binding === undefined) {
        if (name === "undefined") return typed("undefined");
        return name === "NaN" || name === "Infinity" ? typed("number") : unknown;
    }
    const { constant } = binding;
    if (constant === undefined || constant.path.length > 0) return unknown;
    const shape = bareShape(constant.node, { ...around, scope: constant.scope });
    // What is no primitive may have been changed since.
    return shape.kind === "literal" || PRIMITIVES.includes(typeOf(shape)) ? shape : unknown;
}

const BARE = {
    __proto__: null,
    Literal: literalShape,
    TemplateLiteral: (node) => (node.expressions.length > 0 ? typed("string") : literal(node.quasis[0].value.cooked)),
    UnaryExpression: unaryShape,
    BinaryExpression: binaryShape,
    ConditionalExpression: ({ consequent, alternate }, around) =>
        eitherShape(bareShape(consequent, around), bareShape(alternate, around)),
    SequenceExpression: (node, around) => bareShape(node.expressions[node.expressions.length - 1], around),
    Identifier: nameShape,
    ArrowFunctionExpression: () => typed("function"),
    FunctionExpression: () => typed("function"),
    ClassExpression: () => typed("function"),
    ObjectExpression: () => typed("object"),
    ArrayExpression: () => typed("array"),
};

// The shape without its place, and without what is in an object or array.
function bareShape(node, around) {
    const shape = BARE[node.type];
    if (shape === undefined || around.depth >= DEPTH_MAX || ++around.looks.count > LOOKS_MAX) return unknown;
    return shape(node, { ...around, depth: around.depth + 1 });
}

function objectShape(node, scope, place) {
    const properties = new Map();
    let open = false;
    // The properties since the last one that may be any.
    let certain = [];
    for (const property of node.properties) {
        const name = property.type === "SpreadElement" ? undefined : keyName(property.key, property.computed);
        const setsPrototype = name === "__proto__" && !property.computed && !property.shorthand && !property.method;
        if (name === undefined || setsPrototype) {
            open = true;
            // What was there may be overwritten.
            for (const earlier of certain) {
                const { line, column } = earlier.value;
                earlier.value = { ...unknown, line, column };
            }
            certain = [];
            continue;
        }
        const isAccessor = property.kind !== "init";
        const at = place(property.key.start);
        const value = isAccessor ? { ...unknown, ...at } : shapeOf(property.value, scope, place);
        const found = { name, ...at, value };
        properties.delete(name);
        properties.set(name, found);
        certain.push(found);
    }
    return { kind: "object", open, properties: [...properties.values()], ...place(node.start) };
}

function arrayShape(node, scope, place) {
    const items = [];
    let open = false;
    for (const element of node.elements) {
        if (element === null) items.push({ ...typed("undefined"), ...place(node.start) });
        else if (element.type === "SpreadElement") open = true;
        else items.push(shapeOf(element, scope, place));
    }
    return { kind: "array", open, items, ...place(node.start) };
}

// `place` tells line and column of an index.
export function shapeOf(node, scope, place) {
    if (node.type === "ObjectExpression") return objectShape(node, scope, place);
    if (node.type === "ArrayExpression") return arrayShape(node, scope, place);
    return { ...bareShape(node, { scope, depth: 0, looks: { count: 0 } }), ...place(node.start) };
}
