// Owns which names a program binds where, and the walk through it, which does not recurse.

const isNode = (value) => value !== null && typeof value === "object" && typeof value.type === "string";

export class Scope {
    #names = new Map();

    constructor(parent, isFunction) {
        this.parent = parent;
        this.isFunction = isFunction;
        // The nodes that bind a name, and so are no uses of it; of the whole program.
        this.binders = parent === undefined ? new Set() : parent.binders;
    }

    // `init` is what a constant is, if it is named in whole.
    bind(name, binding) {
        // A name that is bound twice stands for neither.
        this.#names.set(name, this.#names.has(name) ? {} : binding);
    }

    // What a name is bound to; undefined if to nothing in the program.
    find(name) {
        for (let scope = this; scope !== undefined; scope = scope.parent) {
            const binding = scope.#names.get(name);
            if (binding !== undefined) return binding;
        }
        return undefined;
    }

    functionScope() {
        let scope = this;
        while (!scope.isFunction) scope = scope.parent;
        return scope;
    }
}

// The name of a property if it can be seen.
export function keyName(key, isComputed) {
    if (!isComputed && key.type === "Identifier") return key.name;
    if (key.type === "Literal" && !key.regex) return String(key.value);
    if (key.type === "TemplateLiteral" && key.expressions.length === 0) return key.quasis[0].value.cooked;
    return undefined;
}

// Binds the names of a pattern. `source` is what a constant pattern takes apart: an expression and a path in it.
function bindPattern(scope, pattern, source) {
    switch (pattern.type) {
        case "Identifier":
            scope.binders.add(pattern);
            return scope.bind(pattern.name, source === undefined ? {} : { constant: source });
        case "AssignmentPattern":
            return bindPattern(scope, pattern.left, undefined);
        case "RestElement":
            return bindPattern(scope, pattern.argument, undefined);
        case "ArrayPattern":
            for (const element of pattern.elements) if (element !== null) bindPattern(scope, element, undefined);
            return undefined;
        case "ObjectPattern":
            for (const property of pattern.properties) {
                if (property.type === "RestElement") {
                    bindPattern(scope, property.argument, undefined);
                    continue;
                }
                const name = keyName(property.key, property.computed);
                const isSeen = source !== undefined && name !== undefined;
                bindPattern(scope, property.value, isSeen ? { ...source, path: [...source.path, name] } : undefined);
            }
    }
    return undefined;
}

function children(node) {
    const found = [];
    for (const key of Object.keys(node)) {
        const value = node[key];
        if (Array.isArray(value)) {
            for (const item of value) if (isNode(item)) found.push(item);
        } else if (isNode(value)) {
            found.push(value);
        }
    }
    return found;
}

const present = (...nodes) => nodes.filter(isNode);

function enterFunction(node, scope) {
    const isDeclaration = node.type === "FunctionDeclaration";
    let outer = scope;
    if (!isDeclaration && isNode(node.id)) {
        outer = new Scope(scope, true);
        outer.bind(node.id.name, {});
    }
    const inner = new Scope(outer, true);
    if (node.type !== "ArrowFunctionExpression") inner.bind("arguments", {});
    for (const parameter of node.params) bindPattern(inner, parameter, undefined);
    // The body of a function has no scope apart from its parameters'.
    const body = node.body.type === "BlockStatement" ? node.body.body : [node.body];
    return { nodes: [...node.params, ...body], scope: inner };
}

function enterClass(node, scope) {
    const inner = new Scope(scope, false);
    if (isNode(node.id)) inner.bind(node.id.name, {});
    return { nodes: present(node.superClass, node.body), scope: inner };
}

function enterVariables(node, scope) {
    const owner = node.kind === "var" ? scope.functionScope() : scope;
    for (const { id, init } of node.declarations) {
        bindPattern(owner, id, node.kind === "const" && isNode(init) ? { node: init, scope, path: [] } : undefined);
    }
    return { nodes: node.declarations, scope };
}

function enterImport(node, scope) {
    for (const { local } of node.specifiers) scope.bind(local.name, {});
    return { nodes: [], scope };
}

const withKey = (node) => present(node.computed ? node.key : null, node.value);
const inBlock = (node, scope) => ({ nodes: children(node), scope: new Scope(scope, false) });
const inFunction = (node, scope) => ({ nodes: children(node), scope: new Scope(scope, true) });

const ENTER = {
    __proto__: null,
    FunctionDeclaration: enterFunction,
    FunctionExpression: enterFunction,
    ArrowFunctionExpression: enterFunction,
    ClassDeclaration: enterClass,
    ClassExpression: enterClass,
    StaticBlock: inFunction,
    BlockStatement: inBlock,
    ForStatement: inBlock,
    ForInStatement: inBlock,
    ForOfStatement: inBlock,
    SwitchStatement: inBlock,
    CatchClause(node, scope) {
        const inner = new Scope(scope, false);
        if (isNode(node.param)) bindPattern(inner, node.param, undefined);
        return { nodes: children(node), scope: inner };
    },
    VariableDeclaration: enterVariables,
    ImportDeclaration: enterImport,
    ExportNamedDeclaration: (node, scope) => ({
        nodes: node.source ? [] : present(node.declaration, ...node.specifiers.map(({ local }) => local)),
        scope,
    }),
    ExportAllDeclaration: (node, scope) => ({ nodes: [], scope }),
    LabeledStatement: (node, scope) => ({ nodes: [node.body], scope }),
    BreakStatement: (node, scope) => ({ nodes: [], scope }),
    ContinueStatement: (node, scope) => ({ nodes: [], scope }),
    MetaProperty: (node, scope) => ({ nodes: [], scope }),
    Property: (node, scope) => ({ nodes: withKey(node), scope }),
    MethodDefinition: (node, scope) => ({ nodes: withKey(node), scope }),
    PropertyDefinition: (node, scope) => ({ nodes: withKey(node), scope }),
    MemberExpression: (node, scope) => ({ nodes: present(node.object, node.computed ? node.property : null), scope }),
};

// Declarations whose names the scope around them has.
function bindDeclared(node, scope) {
    if ((node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && isNode(node.id)) {
        scope.bind(node.id.name, {});
    }
}

// Calls `visit(node, scope)` for each node; it may answer the nodes to go on with. Scopes know all their names only
// afterwards.
export function walk(program, visit) {
    const work = [{ node: program, scope: new Scope(undefined, true) }];
    while (work.length > 0) {
        const { node, scope } = work.pop();
        if (scope.binders.has(node)) continue;
        bindDeclared(node, scope);
        const chosen = visit(node, scope);
        const enter = ENTER[node.type];
        const next = chosen !== undefined ? { nodes: chosen, scope } :
            enter === undefined ? { nodes: children(node), scope } : enter(node, scope);
        for (let i = next.nodes.length - 1; i >= 0; i--) work.push({ node: next.nodes[i], scope: next.scope });
    }
}
