// Owns which tool an expression names: `tools.github.create_issue`, through constants that stand for part of it.
import { keyName } from "./scopes.js";

const STEPS_MAX = 32;
const NAMES_MAX = 32;

// An expression taken apart: the one that it begins with, the names of properties after it, and whether each is seen.
export function chainOf(expression, namesMax = Infinity) {
    const path = [];
    let isOptional = false;
    let isSeen = true;
    const computed = [];
    let node = expression;
    while (path.length <= namesMax && (node.type === "MemberExpression" || node.type === "ChainExpression")) {
        if (node.type === "ChainExpression") {
            node = node.expression;
            continue;
        }
        isOptional ||= node.optional;
        const name = node.property.type === "PrivateIdentifier" ? undefined : keyName(node.property, node.computed);
        if (name === undefined) isSeen = false;
        else path.push(name);
        if (node.computed) computed.push(node.property);
        node = node.object;
    }
    return { root: node, path: path.reverse(), isOptional, isSeen, computed };
}

// The global that a chain begins with, and the path from there. Undefined if it begins with none, or cannot be seen.
export function globalPath(expression, scope, prefix = []) {
    let path = prefix;
    let node = expression;
    for (let step = 0; step < STEPS_MAX; step++) {
        const chain = chainOf(node, NAMES_MAX);
        if (!chain.isSeen || chain.root.type !== "Identifier") return undefined;
        path = [...chain.path, ...path];
        if (path.length > NAMES_MAX) return undefined;
        const binding = scope.find(chain.root.name);
        if (binding === undefined) return { name: chain.root.name, path };
        if (binding.constant === undefined) return undefined;
        path = [...binding.constant.path, ...path];
        ({ node, scope } = binding.constant);
    }
    return undefined;
}
