// Owns what becomes of sucrase's parser at build: a plugin for esbuild. Its modules become one, in which the state of
// the parser is in variables and not in properties of objects, constants are numbers, what the parser knows of Flow and
// JSX is gone, and the functions that take most of the time are replaced with ours. Whatever it expects must be there,
// or the build fails. It runs on the machine that builds; nothing of it is in the image.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { REPLACED } from "./replaced.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const PARSER = /[\\/]sucrase[\\/]dist[\\/]esm[\\/]parser[\\/]/;
const PARTS = [
    "tokenizer/index", "tokenizer/types", "traverser/base", "traverser/util", "traverser/lval", "traverser/expression",
    "traverser/statement", "plugins/types", "plugins/typescript",
];
const OURS = ["tokenizer.js", "expressions.js"];

// The state of the parser, and what of a token is kept, each in a list of its own.
const STATE = {
    pos: "$pos", type: "$type", contextualKeyword: "$keyword", start: "$start", end: "$end", isType: "$isType",
    scopeDepth: "$scopeDepth", error: "$error", potentialArrowAt: "$potentialArrowAt",
    inDisallowConditionalTypesContext: "$noConditional",
};
const TOKEN = {
    type: "$types", contextualKeyword: "$keywords", start: "$starts", end: "$ends", isType: "$areTypes",
    identifierRole: "$roles", contextId: "$contextIds", rhsEndIndex: "$rhsEnds",
};

// Each place of the left is as on the right; each must be found. A function that is called for every token is no more:
// what it does stands in its place.
const EDITS = [
    [/^ *const token = state\.tokens\[(.*)\];$/gm, "const token = $1;"],
    [/\btoken\.(\w+)\b/g, (_, field) => `${known(TOKEN, field)}[token]`],
    [/\bIS_IDENTIFIER_START\[(\w+)\]/g, "isIdentifierStart($1)"],
    // What only the transformations of sucrase use.
    [/^ *state\.scopes\.push\([^;]*;\n/gm, ""],
    [/^ *state\.tokens\[[^;]*\]\.(?:subscriptStartIndex|isExpression|isOptionalChainStart) = [^;]*;\n/gm, ""],
    [/\bstate\.tokens\.length\b/g, "$count"],
    [/\bstate\.tokens\[([^\]]+)\]\.(\w+)\b/g, (_, index, field) => `${known(TOKEN, field)}[${index}]`],
    [/\bstate\.snapshot\(\)/g, "takeSnapshot()"],
    [/\bstate\.restoreFromSnapshot\b/g, "goBackTo"],
    [/\bstate\.(\w+)\b/g, (_, field) => known(STATE, field)],
    [/\bisTypeScriptEnabled\b/g, "true"],
    [/\bis(?:Flow|JSX)Enabled\b/g, "false"],
    [/\bmatch\((\w+)\)/g, "($type === $1)"],
    [/\beat\((\w+)\)/g, "($type === $1 && (next(), true))"],
    [/\bexpect\((\w+)\)/g, "($type === $1 ? next() : failExpected($1))"],
    [/\bisContextual\((\w+)\)/g, "($keyword === $1)"],
    [/\beatContextual\((\w+)\)/g, "($keyword === $1 && $type === tt.name && (next(), true))"],
    [/\bfinishToken\((\w+)\)/g, "($end = $pos, $type = $1, $keyword = 0)"],
    [/\bpopTypeContext\((\w+)\)/g, "($isType = $1)"],
    [/\bpushTypeContext\(0\);/g, "$isType; $isType = true;"],
    [/\btsParseModifiers\(\[/g, "$keyword !== 0 && tsParseModifiers(["],
    [/!!tsParseModifier\(\[/g, "$keyword !== 0 && !!tsParseModifier(["],
    [/\b(tsTryParseTypeAnnotation)\(\)/g, "($type === tt.colon && tsParseTypeAnnotation())"],
    [/\b(tsTryParseTypeParameters)\(\)/g, "($type === tt.lessThan && tsParseTypeParameters())"],
];

// What is not needed of an import when its constants are numbers.
const ENUM_IMPORT = /^import .* from "sucrase\/dist\/esm\/parser\/tokenizer\/(?:index|keywords|types)\.js";\n/gm;

// What must not be left of the text as it was.
const LEFT = /\b(?:state|token|tt|TokenType|ContextualKeyword|charCodes|IdentifierRole|FunctionType)\.\w+|\bIS_IDENTIFIER_/;

function known(names, name) {
    if (!Object.hasOwn(names, name)) throw new Error(`sucrase's parser has a field that is not known: ${name}`);
    return names[name];
}

const digestOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

function enumsOf(require) {
    const part = (name) => require(`sucrase/dist/parser/${name}`);
    const { TokenType } = part("tokenizer/types");
    const { ContextualKeyword } = part("tokenizer/keywords");
    const { IdentifierRole } = part("tokenizer/index");
    const { charCodes } = part("util/charcodes");
    const FunctionType = { TSFunctionType: 0, TSConstructorType: 1, TSAbstractConstructorType: 2 };
    return { tt: TokenType, TokenType, word: ContextualKeyword, ContextualKeyword, IdentifierRole, charCodes, FunctionType };
}

function foldEnums(text, enums) {
    return text.replace(/\b(tt|TokenType|word(?=\._)|ContextualKeyword|IdentifierRole|charCodes|FunctionType)\.(\w+)\b/g,
        (_, name, member) => {
            const value = enums[name][member];
            if (typeof value !== "number") throw new Error(`sucrase's ${name} has no ${member}`);
            return String(value);
        });
}

// The words that are no plain names, and what the tokenizer makes of them: as sucrase's tree of their letters has it.
function keywordsOf(require) {
    const { READ_WORD_TREE: tree } = require("sucrase/dist/parser/tokenizer/readWordTree");
    const words = [];
    const visit = (position, word) => {
        if (tree[position] > -1) words.push([word, tree[position]]);
        for (let letter = 0; letter < 26; letter++) {
            const next = tree[position + letter + 1];
            if (next !== -1) visit(next, word + String.fromCharCode(97 + letter));
        }
    };
    visit(0, "");
    if (words.length < 60) throw new Error("sucrase's tree of words is not as expected");
    return words;
}

// Takes a function out of the text. It must be the one that ours was made to replace.
function without(text, name, digest) {
    const found = new RegExp(`^(?:export )?(?:default )?(?:function|class) ${name}\\b[^]*?^\\}$\\n`, "m").exec(text);
    if (found === null) throw new Error(`sucrase's parser has no ${name}`);
    if (digestOf(found[0]) !== digest) {
        throw new Error(`sucrase's ${name} is not the one that was replaced, but ${digestOf(found[0])}`);
    }
    return text.slice(0, found.index) + text.slice(found.index + found[0].length);
}

// Instead of a table with each of the characters there are, a function.
function identifierModule(source) {
    const text = source
        .replace(/^import .*;$/m, `import { isIdentifierChar, isIdentifierStart } from "sucrase:parser";`)
        .replace(/IS_IDENTIFIER_START\[(name\.charCodeAt\(0\))\]/, "isIdentifierStart($1)")
        .replace(/IS_IDENTIFIER_CHAR\[(name\.charCodeAt\(i\))\]/, "isIdentifierChar($1)");
    if (/IS_IDENTIFIER/.test(text)) throw new Error("sucrase's isIdentifier is not as expected");
    return text;
}

function parserModule(folder, require) {
    const enums = enumsOf(require);
    let text = PARTS.map((part) => readFileSync(join(folder, `${part}.js`), "utf8")).join("\n");
    text = text.replace(/^import [^;]*;$/gm, "").replace(/^export let \w+;$/gm, "");
    text = text.replace(/^ *\/\*\*[^]*?\*\/\n|^ *\/\/.*\n/gm, "");
    text = text.replace(/^(?:export )?var (\w+); \(function \(\1\) \{[^]*?^\}\)\(\1 \|\| \(\1 = \{\}\)\);$/gm, "");
    for (const [name, digest] of Object.entries(REPLACED)) text = without(text, name, digest);
    text = text.replace(/^export (?=function|class)/gm, "");
    // Ours does what is common, and has the rest done.
    text = text.replace(/^function parseExprAtom\(/m, "function parseOtherAtom(");
    text += OURS.map((name) => readFileSync(join(HERE, name), "utf8")).join("\n");
    for (const [pattern, replacement] of EDITS) {
        const edited = foldEnums(text, enums).replace(pattern, replacement);
        if (edited === text) throw new Error(`sucrase's parser has nothing like ${pattern}`);
        text = edited;
    }
    text = foldEnums(text, enums);
    const left = LEFT.exec(text);
    if (left !== null) throw new Error(`sucrase's parser has still ${left[0]}`);
    return `const KEYWORDS = new Map(${JSON.stringify(keywordsOf(require))});\n${text}`;
}

/** `modules` is the folder of the installed packages. */
export function typescriptPlugin(modules) {
    const require = createRequire(join(modules, "package.json"));
    const folder = join(dirname(require.resolve("sucrase/package.json")), "dist/esm/parser");
    const enums = enumsOf(require);
    return {
        name: "typescript",
        setup(build) {
            const inParser = { path: "parser", namespace: "sucrase" };
            build.onResolve({ filter: /^sucrase:parser$/ }, () => inParser);
            build.onLoad({ filter: /.*/, namespace: "sucrase" }, () => {
                const contents = parserModule(folder, require);
                return { contents, loader: "js", resolveDir: HERE };
            });
            build.onLoad({ filter: PARSER }, ({ path }) => {
                throw new Error(`${path} is part of the one module that the parser is`);
            });
            build.onLoad({ filter: /[\\/]sucrase[\\/]dist[\\/]esm[\\/]util[\\/]isIdentifier\.js$/ }, ({ path }) => ({
                contents: identifierModule(readFileSync(path, "utf8")),
                loader: "js",
                resolveDir: HERE,
            }));
            build.onLoad({ filter: /[\\/]library[\\/]typescript(?:[\\/]\w+)?\.js$/ }, ({ path }) => ({
                contents: foldEnums(readFileSync(path, "utf8").replace(ENUM_IMPORT, ""), enums),
                loader: "js",
            }));
        },
    };
}
