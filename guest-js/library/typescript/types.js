// Owns the removal of what is type only: annotations, assertions, declarations. The parser has marked its tokens; a run
// of them is removed at once.
import { IdentifierRole } from "sucrase/dist/esm/parser/tokenizer/index.js";
import { ContextualKeyword as word } from "sucrase/dist/esm/parser/tokenizer/keywords.js";
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";

const DECLARATIONS = new Set([
    word._type, word._interface, word._declare, word._namespace, word._module, word._global, word._async,
    word._abstract,
]);

const ANNOTATES = [tt.colon, tt.question, tt.bang, tt.lessThan, tt._this, tt._implements];

// What a member of a class may have before its name.
const BEFORE_NAME = [
    tt._public, tt._private, tt._protected, tt._readonly, tt._override, tt._abstract, tt._declare, tt._static,
    tt._async, tt._get, tt._set, tt.star,
];

// What in a namespace is there at run time.
const VALUES = [tt._const, tt._let, tt._var, tt._function, tt._class, tt._enum];

// What begins a statement of a namespace that is not there at run time.
const OF_TYPES = ["type", "interface", "export", "declare", "namespace", "module"];

// What is declared with a block.
const BLOCKS = new Set([word._namespace, word._module, word._global]);

const NO_NAMESPACE = "there are no namespaces in the sandbox: use an object";

export function runEnd(source, first) {
    let end = first;
    while (source.areTypes[end]) end++;
    return end;
}

function nameEnd(source, at) {
    if (source.isOf(at, tt.bracketL)) {
        const contextId = source.contextIds[at];
        let end = at + 1;
        while (!source.isOf(end, tt.bracketR) || source.contextIds[end] !== contextId) {
            if (source.isOf(end, tt.eof)) return end;
            end++;
        }
        return end + 1;
    }
    return at + (source.isOf(at, tt.hash) ? 2 : 1);
}

export function memberAt(source, at) {
    let isAbstract = false;
    while (source.isOf(at, ...BEFORE_NAME)) {
        isAbstract ||= source.isOf(at, tt._abstract, tt._declare);
        at++;
    }
    if (source.isOf(at, tt.eof, tt.braceR)) return { at, end: at, name: undefined, isAbstract };
    const end = nameEnd(source, at);
    return { at, end, name: source.text.slice(source.starts[at], source.ends[end - 1]), isAbstract };
}

function noBody(source, index) {
    source.fail(index, "Unexpected token, expected \"{\"");
}

// A method without a body is a declaration of the one after it, or a mistake.
function checkMethod(source, first, end) {
    const declared = memberAt(source, first);
    const isIndexSignature = source.isOf(declared.at, tt.bracketL) && source.isOf(declared.at + 2, tt.colon);
    if (declared.isAbstract || isIndexSignature || source.isOf(declared.end, tt.question)) return;
    if (memberAt(source, end).name !== declared.name) noBody(source, end);
}

function functionName(source, at) {
    while (source.isOf(at, tt._export, tt._default) || source.isWord(at, word._async)) at++;
    if (!source.isOf(at, tt._function)) return undefined;
    const name = at + (source.isOf(at + 1, tt.star) ? 2 : 1);
    return source.isOf(name, tt.name) ? source.slice(name) : "";
}

function checkFunction(source, first, end) {
    const declared = functionName(source, first);
    if (declared !== undefined && functionName(source, end) !== declared) noBody(source, end);
}

// The token after the block that begins behind `at`, or the end of the run if none does.
function blockEnd(source, at, runEnd) {
    let depth = 0;
    for (let i = at; i < runEnd; i++) {
        if (source.isOf(i, tt.braceL)) depth++;
        if (source.isOf(i, tt.braceR) && --depth === 0) return i + 1;
    }
    return runEnd;
}

// Whether a block only has types in it, as far as its statements are told apart by semicolons and braces.
function hasOnlyTypes(source, first, end) {
    let depth = 0;
    for (let i = first; i < end; i++) {
        if (source.isOf(i, ...VALUES)) return false;
        if (source.isOf(i, tt.braceL)) depth++;
        if (source.isOf(i, tt.braceR)) depth--;
        const startsStatement = depth === 1 && source.isOf(i, tt.braceL, tt.semi) && !source.isOf(i + 1, tt.braceR);
        if (startsStatement && !OF_TYPES.includes(source.slice(i + 1))) return false;
    }
    return true;
}

// A namespace of types goes; one with values would be lost with them.
function checkNamespaces(source, first, end) {
    for (let i = first; i < end; i++) {
        const isNamed = source.isOf(i + 1, tt.name) && source.isOf(i + 2, tt.braceL, tt.dot);
        if (source.isOf(i, tt._declare) && BLOCKS.has(source.keywords[i + 1])) {
            i = blockEnd(source, i, end) - 1;
        } else if (isNamed && (source.isWord(i, word._namespace) || source.isWord(i, word._module))) {
            const next = blockEnd(source, i, end);
            if (!hasOnlyTypes(source, i, next)) source.refuse(i, NO_NAMESPACE);
            i = next - 1;
        }
    }
}

// `as` and `satisfies` are operators only on the line of their operand; else they are names.
function isOperator(source, first) {
    const isNamed = source.isWord(first, word._as) || source.isWord(first, word._satisfies);
    return isNamed && !source.startsLine(first) && !source.isOf(first - 1, tt.braceL, tt.semi);
}

// What must stand where a type assertion `<T>` was, for what follows to be read as the same expression.
function forAssertion(source, first, end) {
    if (first === 0) return "";
    const startsOther = source.isOf(end, tt.braceL, tt._class) || source.slice(end) === "function";
    if (startsOther && source.isOf(first - 1, tt.arrow, tt.semi, tt.braceL, tt.braceR)) return "0||";
    if (!source.breaksWithin(first, end)) return "";
    if (source.isOf(first - 1, tt._return, tt._throw)) return "0,";
    return source.isOf(first - 1, tt._yield) ? "0||" : "";
}

function removeAssertion(source, first, end) {
    const isAsync = first > 0 && source.isWord(first - 1, word._async) && source.isOf(end, tt.parenL);
    if (isAsync && source.breaksWithin(first, end)) {
        // No line may end between `async` and its parameters.
        source.remove(first, end, "(");
        source.remove(end, end + 1);
        return end;
    }
    source.remove(first, end, forAssertion(source, first, end));
    return end;
}

// Removes the type that an arrow function returns. No line may end between its parameters and the arrow.
function removeReturnType(source, first, end) {
    const last = source.ends[end - 1];
    source.remove(first - 1, first);
    source.edits.replace(source.starts[first], last - 1);
    source.edits.replace(last - 1, last, ")");
}

const NO_MEMBERS = [
    tt.eq, tt.arrow, tt.braceL, tt.parenL, tt.semi, tt.braceR, tt.comma, tt.parenR, tt.lessThan,
];

// After a field without a value, whatever its name is, a member begins.
function endsField(source, first, end) {
    if (!source.isOf(first, tt.colon, tt.question, tt.bang) || !source.startsLine(end)) return false;
    return !source.isOf(end, ...NO_MEMBERS);
}

// To the parser what follows an expression in brackets is its type, as if it was a parameter: `f(city: "Oslo")` is a
// mistake, not a call with `city`.
function checkAnnotated(source, first, end, brackets) {
    if (first === 0 || !source.isOf(first, tt.colon, tt.question)) return;
    const type = source.types[first - 1];
    const role = source.roles[first - 1];
    // A member of a class may have any name.
    let isAllowed = brackets.isInClass() || (role !== null && role !== IdentifierRole.Access);
    if (type === tt.parenR) isAllowed = source.isOf(end, tt.arrow, tt.braceL);
    else if (type === tt.braceR || type === tt.bracketR) isAllowed = !brackets.holdsExpressions();
    if (!isAllowed) source.fail(first, "Unexpected token");
}

// Removes the run of type tokens that begins at `first`; answers what token is next.
export function removeTypes(source, first, brackets) {
    const end = runEnd(source, first);
    const isInClass = brackets.isInClass();
    checkNamespaces(source, first, end);
    if (source.isOf(first, tt.lessThan)) return removeAssertion(source, first, end);
    if (source.isOf(first, ...ANNOTATES)) {
        checkAnnotated(source, first, end, brackets);
        const isReturnType = first > 0 && source.isOf(first - 1, tt.parenR) && source.isOf(end, tt.arrow);
        if (isReturnType && source.breaksWithin(first, end)) removeReturnType(source, first, end);
        else source.remove(first, end, isInClass && endsField(source, first, end) ? ";" : "");
    } else if (isOperator(source, first)) {
        // After an operand with `as` nothing is called, indexed or tagged: what looks so is a statement.
        const isNext = source.isOf(end, tt.parenL, tt.bracketL, tt.backQuote) && source.startsLine(end);
        source.remove(first, end, isNext ? ";" : "");
    } else if (isInClass) {
        checkMethod(source, first, end);
        source.remove(first, end, source.isOf(first - 1, tt.braceL, tt.semi) ? "" : ";");
    } else {
        const type = source.types[first];
        const isDeclared = [tt._function, tt._export, tt._declare].includes(type);
        if (!isDeclared && !DECLARATIONS.has(source.keywords[first])) noBody(source, end);
        checkFunction(source, first, end);
        source.removeStatement(first, end);
    }
    return end;
}
