// Owns what can be seen of a script that does not run: the calls of tools in it, and the names that nothing stands
// behind.
import { parse } from "acorn";
import { positionsOf } from "./text/positions.js";
import { chainOf, globalPath } from "./survey/paths.js";
import { walk } from "./survey/scopes.js";
import { shapeOf } from "./survey/shapes.js";

const OPTIONS = {
    ecmaVersion: "latest",
    sourceType: "script",
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    allowImportExportEverywhere: true,
};

// Properties of a function, which is what a tool is.
const OF_FUNCTIONS = ["call", "apply", "bind"];

function programOf(text, place) {
    try {
        return parse(text, OPTIONS);
    } catch (error) {
        if (error.pos === undefined) throw error;
        if (error.message.startsWith("Not enough stack space")) throw new RangeError("the script is nested too deeply");
        throw Object.assign(new SyntaxError(error.message.replace(/ \(\d+:\d+\)$/, "")), place(error.pos));
    }
}

// Where a value is only asked whether it is there.
function asked(node) {
    switch (node.type) {
        case "UnaryExpression":
            return node.argument;
        case "IfStatement":
        case "ConditionalExpression":
            return node.test;
        case "LogicalExpression":
            return node.left;
    }
    return undefined;
}

class Survey {
    #place;
    #names = [];
    #calls = [];
    #values = [];
    #guarded = new Set();
    // Nodes that are part of what is looked at already.
    #passed = new Set();

    constructor(text) {
        this.#place = positionsOf(text);
        walk(programOf(text, this.#place), (node, scope) => this.#visit(node, scope));
    }

    #visit(node, scope) {
        const test = asked(node);
        if (test !== undefined) this.#passed.add(test);
        switch (node.type) {
            case "Identifier":
                this.#names.push({ node, scope });
                if (!this.#passed.has(node)) this.#values.push({ node, scope });
                return undefined;
            case "UnaryExpression":
                if (node.operator === "typeof" && node.argument.type === "Identifier") {
                    this.#guarded.add(node.argument.name);
                }
                return undefined;
            case "VariableDeclaration":
                // A constant that stands for a tool: its uses are looked at.
                if (node.kind === "const") for (const { init } of node.declarations) if (init) this.#passed.add(init);
                return undefined;
            case "CallExpression":
                this.#passed.add(node.callee);
                this.#calls.push({ node, scope });
                return undefined;
            case "ChainExpression":
                if (this.#passed.has(node)) this.#passed.add(node.expression);
                return undefined;
            case "MemberExpression": {
                if (!this.#passed.has(node)) this.#values.push({ node, scope });
                // The chain as a whole is looked at, not its parts.
                const { root, computed } = chainOf(node);
                this.#passed.add(root);
                return [root, ...computed];
            }
        }
        return undefined;
    }

    #call({ node, scope }) {
        const found = globalPath(node.callee, scope);
        if (found === undefined) return [];
        const { name, path } = found;
        const last = path[path.length - 1];
        if (name === "tools" && path.length > 0) {
            const isOfFunction = path.length > 1 && OF_FUNCTIONS.includes(last);
            return [isOfFunction ? this.#reference(node.callee, path.slice(0, -1)) :
                this.#report(node, path, node.arguments, scope)];
        }
        if (name === "toolSchemas" && path.length === 2 && last === "parse") {
            return [this.#report(node, path[0].split("."), node.arguments, scope)];
        }
        if (name === "toolCalls" && path.length === 1 && last === "push") return this.#collected(node, scope);
        return [];
    }

    // `toolCalls.push({ toolName: "weather", city: "Oslo" })`.
    #collected(node, scope) {
        const calls = [];
        for (const argument of node.arguments) {
            if (argument.type !== "ObjectExpression") continue;
            const shape = shapeOf(argument, scope, this.#place);
            const name = shape.properties.find((property) => property.name === "toolName")?.value.value;
            if (typeof name !== "string") continue;
            shape.properties = shape.properties.filter((property) => property.name !== "toolName");
            calls.push({
                start: argument.start,
                path: name.split("."),
                ...this.#place(argument.start),
                optional: false,
                argument_count: 1,
                spread: false,
                argument: shape,
            });
        }
        return calls;
    }

    #report(node, path, given, scope) {
        const [first] = given;
        const isShaped = first !== undefined && first.type !== "SpreadElement";
        return {
            start: node.start,
            path,
            ...this.#place(node.start),
            optional: node.optional || chainOf(node.callee).isOptional,
            argument_count: given.length,
            spread: given.some(({ type }) => type === "SpreadElement"),
            argument: isShaped ? shapeOf(first, scope, this.#place) : null,
        };
    }

    // A tool that is named and not called here.
    #reference(node, path) {
        return {
            start: node.start,
            path,
            ...this.#place(node.start),
            optional: chainOf(node).isOptional,
            argument_count: null,
            spread: false,
            argument: null,
        };
    }

    #value({ node, scope }) {
        const found = globalPath(node, scope);
        return found?.name === "tools" && found.path.length > 0 ? [this.#reference(node, found.path)] : [];
    }

    calls() {
        const calls = [
            ...this.#calls.flatMap((call) => this.#call(call)),
            ...this.#values.flatMap((value) => this.#value(value)),
        ];
        calls.sort((a, b) => a.start - b.start);
        return calls.map(({ start, ...call }) => call);
    }

    unknownGlobals(globals) {
        const known = new Set([...globals, ...this.#guarded, "undefined"]);
        const unknown = [];
        this.#names.sort((a, b) => a.node.start - b.node.start);
        for (const { node, scope } of this.#names) {
            if (known.has(node.name) || scope.find(node.name) !== undefined) continue;
            known.add(node.name);
            unknown.push({ name: node.name, ...this.#place(node.start) });
        }
        return unknown;
    }
}

export default function install() {
    const survey = (text, globals) => {
        const found = new Survey(text);
        return { calls: found.calls(), unknown_globals: found.unknownGlobals(globals) };
    };
    return { survey };
}
