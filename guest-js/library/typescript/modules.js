// Owns imports and exports. What TypeScript AgentLoop's helper modules offer is there as globals, so imports of it go;
// there is nothing else to import.
import { IdentifierRole } from "sucrase/dist/esm/parser/tokenizer/index.js";
import { ContextualKeyword as word } from "sucrase/dist/esm/parser/tokenizer/keywords.js";
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";

const HELPERS = ["LiteralLoader", "toolCalls", "toolSchemas", "tools", "z"];
const HELPER_MODULE = /(?:^|\/)(?:utils|toolSchemas)(?:\.[cm]?[jt]s)?$/;
const ZOD_MODULE = /^zod(?:\/v4)?$/;

const USES = [IdentifierRole.Access, IdentifierRole.ObjectShorthand, IdentifierRole.ExportAccess];
const TOP_LEVEL_DECLARATIONS = [
    IdentifierRole.TopLevelDeclaration, IdentifierRole.ObjectShorthandTopLevelDeclaration,
    IdentifierRole.ImportDeclaration,
];

const isTypeKeyword = (source, at) =>
    source.isWord(at, word._type) &&
    (source.isOf(at + 1, tt.braceL, tt.star) || (source.isOf(at + 1, tt.name) && !source.isWord(at + 1, word._from)));

const moduleName = (source, at) => source.slice(at).slice(1, -1);

// One of `a`, `a as b`, `type a`, `type a as b`.
function specifierAt(source, first) {
    let end = first;
    while (!source.isOf(end, tt.comma, tt.braceR, tt.eof)) end++;
    const isType = source.areTypes[first];
    const imported = first + (isType ? 1 : 0);
    const name = source.slice(imported).replace(/^["']|["']$/g, "");
    return { at: imported, end, isType, imported: name, local: source.slice(end - 1) };
}

function specifiersFrom(source, open) {
    const specifiers = [];
    let at = open + 1;
    while (!source.isOf(at, tt.braceR, tt.eof)) {
        const specifier = specifierAt(source, at);
        specifiers.push(specifier);
        at = source.isOf(specifier.end, tt.comma) ? specifier.end + 1 : specifier.end;
    }
    return { specifiers, end: at + 1 };
}

// The import that begins at `first`: what it binds, from where, and which token is next.
function importAt(source, first) {
    const bindings = [];
    let at = first + 1;
    const isType = isTypeKeyword(source, at);
    if (isType) at++;
    if (source.isOf(at, tt.name) && !source.isOf(at, tt.string)) {
        bindings.push({ at, imported: "default", local: source.slice(at), isType: false });
        at += source.isOf(at + 1, tt.comma) ? 2 : 1;
    }
    if (source.isOf(at, tt.star)) {
        bindings.push({ at, imported: "*", local: source.slice(at + 2), isType: false });
        at += 3;
    } else if (source.isOf(at, tt.braceL)) {
        const { specifiers, end } = specifiersFrom(source, at);
        bindings.push(...specifiers);
        at = end;
    }
    while (!source.isOf(at, tt.string, tt.eof)) at++;
    const from = at++;
    if (source.isOf(at, tt._with) || source.isWord(at, word._assert)) while (!source.isOf(at++, tt.braceR, tt.eof));
    if (source.isOf(at, tt.semi)) at++;
    return { bindings, isType, from, end: at };
}

// The names that are used as types and never as values: as TypeScript does, an import does not count for them.
function namesOfTypes(source) {
    const types = new Set();
    const values = new Set();
    for (let i = 0; i < source.count; i++) {
        if (source.types[i] !== tt.name) continue;
        if (source.areTypes[i]) types.add(source.slice(i));
        else if (USES.includes(source.roles[i])) values.add(source.slice(i));
    }
    return types.difference(values);
}

function declaredTypes(source) {
    const types = new Set();
    const values = new Set();
    for (let i = 0; i < source.count; i++) {
        if (!TOP_LEVEL_DECLARATIONS.includes(source.roles[i])) continue;
        (source.areTypes[i] ? types : values).add(source.slice(i));
    }
    return types.difference(values);
}

export class Modules {
    #source;
    #zod;
    #types;
    #declared;

    // `zod` holds what a module of that name exports.
    constructor(source, zod) {
        this.#source = source;
        this.#zod = zod;
    }

    #isOnlyType(name) {
        this.#types ??= namesOfTypes(this.#source);
        return this.#types.has(name);
    }

    // The expression for what is imported.
    #global({ at, imported, local }, from) {
        const source = this.#source;
        const name = moduleName(source, from);
        if (ZOD_MODULE.test(name)) {
            if (["*", "default", "z"].includes(imported)) return "z";
            if (imported in this.#zod) return `z.${imported}`;
        } else if (HELPERS.includes(imported)) {
            return imported;
        }
        return source.refuse(at, `there is no "${imported}" in "${name}"${
            HELPERS.includes(local) ? `: use the global \`${local}\` without an import` : ""}`);
    }

    // Removes the import that begins at `first`; answers what token is next.
    removeImport(first) {
        const source = this.#source;
        if (source.isOf(first + 1, tt.name)) {
            const isType = isTypeKeyword(source, first + 1);
            const equals = first + (isType ? 3 : 2);
            if (source.isOf(equals, tt.eq)) return this.#removeImportEquals(first, equals, isType);
        }
        const { bindings, isType, from, end } = importAt(source, first);
        const values = isType ? [] : bindings.filter((binding) => !binding.isType && !this.#isOnlyType(binding.local));
        const isForEffect = bindings.length === 0 && !isType;
        const name = moduleName(source, from);
        const isHelper = HELPER_MODULE.test(name) || ZOD_MODULE.test(name);
        if (!isHelper && (values.length > 0 || isForEffect)) {
            source.refuse(first, "there are no modules in the sandbox: remove the import of " +
                `"${name}"; what it offers is in \`tools\``);
        }
        const renamed = [];
        for (const binding of values) {
            const value = this.#global(binding, from);
            if (value !== binding.local) renamed.push(`${binding.local}=${value}`);
        }
        if (renamed.length > 0) source.remove(first, end, `const ${renamed.join()};`);
        else source.removeStatement(first, end);
        return end;
    }

    #removeImportEquals(first, equals, isType) {
        const source = this.#source;
        if (!isType) source.refuse(first, "there are no modules in the sandbox: `import ... = ` is not supported");
        let end = equals + 1;
        while (source.isOf(end, tt.name, tt.dot, tt.parenL, tt.string, tt.parenR) && !source.startsLine(end)) end++;
        if (source.isOf(end, tt.semi)) end++;
        source.removeStatement(first, end);
        return end;
    }

    // Translates the `export` at `first`; answers what token is next.
    translateExport(first) {
        const source = this.#source;
        const rhsEndIndex = source.rhsEnds[first];
        if (source.isOf(first + 1, tt.eq)) {
            source.refuse(first, "there are no modules in the sandbox: `export =` is not supported; return the value");
        }
        if (source.isOf(first + 1, tt._import)) {
            source.refuse(first, "there are no modules in the sandbox: nothing can be imported");
        }
        if (isTypeKeyword(source, first + 1) && source.isOf(first + 2, tt.braceL, tt.star)) {
            source.removeStatement(first, rhsEndIndex);
            return rhsEndIndex;
        }
        const isDefaultName = source.isOf(first + 1, tt._default) && source.isOf(first + 2, tt.name);
        if (isDefaultName && rhsEndIndex - first <= 4 && this.#isDeclaredType(source.slice(first + 2))) {
            source.removeStatement(first, rhsEndIndex);
            return rhsEndIndex;
        }
        if (!source.isOf(first + 1, tt.braceL)) return first + 1;
        const { specifiers, end } = specifiersFrom(source, first + 1);
        const isFrom = source.isWord(end, word._from);
        for (const { at, end: next, isType, imported } of specifiers) {
            if (!isType && (isFrom || !this.#isDeclaredType(imported))) continue;
            source.remove(isType ? at - 1 : at, source.isOf(next, tt.comma) ? next + 1 : next);
        }
        return end;
    }

    // Whether a name at the top level is one of a type and of nothing else.
    #isDeclaredType(name) {
        this.#declared ??= declaredTypes(this.#source);
        return this.#declared.has(name);
    }
}
