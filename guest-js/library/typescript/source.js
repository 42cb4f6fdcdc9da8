// Owns what the parts of the translation share: the text, its tokens, and what of it changes.
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";
import { Edits, hasLineBreak } from "./edits.js";
import { fail, refuse } from "./parse.js";

// Tokens that go on with the expression before them if no semicolon is between.
const CONTINUES = new Set([
    tt.parenL, tt.bracketL, tt.backQuote, tt.plus, tt.minus, tt.slash, tt.regexp, tt.lessThan, tt.star, tt.dot,
]);

export class Source {
    // What the tokens are is in lists, one for each property.
    constructor(text, tokens) {
        this.text = text;
        this.count = tokens.count;
        this.types = tokens.types;
        this.keywords = tokens.keywords;
        this.starts = tokens.starts;
        this.ends = tokens.ends;
        this.areTypes = tokens.areTypes;
        this.roles = tokens.roles;
        this.contextIds = tokens.contextIds;
        this.rhsEnds = tokens.rhsEnds;
        this.edits = new Edits(text);
    }

    slice(index) {
        return this.text.slice(this.starts[index], this.ends[index]);
    }

    isWord(index, keyword) {
        return this.types[index] === tt.name && this.keywords[index] === keyword;
    }

    isOf(index, ...types) {
        return types.includes(this.types[index]);
    }

    // Whether a line ends between a token and the one before it.
    startsLine(index) {
        return index === 0 || hasLineBreak(this.text.slice(this.ends[index - 1], this.starts[index]));
    }

    breaksWithin(first, end) {
        return hasLineBreak(this.text.slice(this.starts[first], this.starts[end]));
    }

    // Removes the tokens from `first` to before `end`, and what is between them.
    remove(first, end, code = "") {
        if (first < end) this.edits.replace(this.starts[first], this.ends[end - 1], code);
    }

    // Removes a statement. What is before and after it must not grow together.
    removeStatement(first, end) {
        const isApart = first === 0 || this.isOf(first - 1, tt.semi, tt.braceL);
        this.remove(first, end, !isApart && CONTINUES.has(this.types[end]) ? ";" : "");
    }

    fail(index, message) {
        return fail(this.text, this.starts[index], message);
    }

    refuse(index, message) {
        return refuse(this.text, this.starts[index], message);
    }
}
