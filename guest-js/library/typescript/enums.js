// Owns enums. Each becomes an object that is filled by a function in which the members are variables, as they may be
// used in what initialises others:
//
//     enum Level { Low, High = Low + 5 }
//     let Level; (function (Level) { var Low, High; Low = 0; Level[Level["Low"] = Low] = "Low"; ...
import isIdentifier from "sucrase/dist/esm/util/isIdentifier.js";
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";

function membersOf(source, open) {
    const members = [];
    let at = open + 1;
    while (!source.isOf(at, tt.braceR)) {
        const isString = source.isOf(at, tt.string);
        const text = source.slice(at);
        const hasValue = source.isOf(at + 1, tt.eq);
        const end = hasValue ? source.rhsEnds[at + 1] : at + 1;
        const names = isString ? { key: text, name: text.slice(1, -1) } : { key: `"${text}"`, name: text };
        members.push({ at, end, hasValue, ...names });
        at = source.isOf(end, tt.comma) ? end + 1 : end;
    }
    return { members, close: at };
}

// A variable for members whose names are none.
function freeName(source, open, close) {
    const taken = new Set();
    for (let i = open; i < close; i++) taken.add(source.slice(i));
    let name = "_";
    while (taken.has(name)) name += "_";
    return name;
}

function nameVariables(source, enumName, open, { members, close }) {
    const names = new Set();
    let spare;
    for (const member of members) {
        const isTaken = [enumName, "arguments", "eval"].includes(member.name);
        const isVariable = isIdentifier(member.name) && !isTaken;
        member.variable = isVariable ? member.name : (spare ??= freeName(source, open, close));
        names.add(member.variable);
    }
    return names.size === 0 ? "" : ` var ${[...names].join(",")};`;
}

// Only numbers are mapped back to their names.
function store(enumName, { key, variable }, isString) {
    const stored = `${enumName}[${key}]=${variable}`;
    return isString ? ` ${stored};` : ` if(typeof(${stored})!=="string")${enumName}[${variable}]=${key};`;
}

// `first` is `enum` or what is before it, `name` its name. Answers what token is next. `walk` translates tokens.
export function translateEnum(source, first, name, isRepeated, walk) {
    const enumName = source.slice(name);
    const open = name + 1;
    const found = membersOf(source, open);
    const variables = nameVariables(source, enumName, open, found);
    const kind = isRepeated ? "var" : "let";
    source.remove(first, open + 1, `${kind} ${enumName};(function(${enumName}){${variables}`);
    let previous = "0";
    for (const member of found.members) {
        const { at, end, hasValue, variable, key } = member;
        if (hasValue) {
            source.remove(at, at + 1, variable);
            walk(at + 1, end);
        } else {
            source.remove(at, at + 1, `${variable}=${previous}`);
        }
        const isString = hasValue && end === at + 3 && source.isOf(at + 2, tt.string);
        source.edits.insert(source.ends[end - 1], `;${store(enumName, member, isString)}`);
        if (source.isOf(end, tt.comma)) source.remove(end, end + 1);
        previous = `${enumName}[${key}]+1`;
    }
    source.edits.insert(source.ends[found.close], `)(${enumName}||(${enumName}={}));`);
    return found.close + 1;
}

// The names that more than one enum has: their declarations are of one object.
export function repeatedEnums(source) {
    const once = new Set();
    const repeated = new Set();
    for (let i = 0; i + 1 < source.count; i++) {
        if (source.types[i] !== tt._enum || source.areTypes[i]) continue;
        const name = source.slice(i + 1);
        (once.has(name) ? repeated : once).add(name);
    }
    return repeated;
}
