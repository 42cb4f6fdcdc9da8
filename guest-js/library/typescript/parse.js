// Owns the way from text to tokens that know what they are: sucrase's parser, and what it says of text that it does not
// understand.
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";
import { tokensOf } from "sucrase:parser";
import { positionsOf } from "../text/positions.js";

// For what is no TypeScript.
export function fail(text, index, message) {
    throw Object.assign(new SyntaxError(message), positionsOf(text)(index));
}

// For what is TypeScript, or near to it, and has no place here. Says more than any other parser could of the same text.
export function refuse(text, index, message) {
    throw Object.assign(new SyntaxError(message), positionsOf(text)(index), { isRefusal: true });
}

export const NO_DECORATORS = "there are no decorators in the sandbox: call the function yourself";

const TAGS_BACK = 64;
const TAG_LENGTH_MAX = 4096;

// Whether a tag of JSX is what the parser stopped at or in.
function tagBefore(text, { count, types, starts }, index) {
    for (let i = count - 2; i >= 0 && i > count - TAGS_BACK; i--) {
        if (types[i] !== tt.lessThan || ![tt.name, tt.greaterThan].includes(types[i + 1])) continue;
        const start = starts[i];
        const found = /^<([\w.]*)(?:\s[^<>]*)?(?:\/>|>[^]*?<\/\1\s*>)/.exec(text.slice(start, start + TAG_LENGTH_MAX));
        if (found !== null && index <= start + found[0].length) return start;
    }
    return undefined;
}

// The tokens of a text, the last of them its end.
export function parse(text) {
    const tokens = tokensOf(text);
    const { error } = tokens;
    if (error === null) return tokens;
    if (text[error.pos] === "@") refuse(text, error.pos, NO_DECORATORS);
    const tag = tagBefore(text, tokens, error.pos);
    if (tag !== undefined) refuse(text, tag, "there is no JSX in the sandbox: make text with a template literal");
    return fail(text, Math.min(error.pos, text.length), error.message);
}
