// Owns the translation of TypeScript to JavaScript: types are removed, what else TypeScript adds becomes JavaScript,
// and all that stays keeps its line and column. sucrase parses the text; what becomes of its tokens is decided here.
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";
import { tableOf } from "sucrase:parser";
import { Brackets, MODIFIERS } from "./typescript/classes.js";
import { repeatedEnums, translateEnum } from "./typescript/enums.js";
import { Modules } from "./typescript/modules.js";
import { NO_DECORATORS, parse } from "./typescript/parse.js";
import { Source } from "./typescript/source.js";
import { removeTypes } from "./typescript/types.js";

// The tokens that something may become of.
const CHANGES = tableOf([
    tt.nonNullAssertion, tt.braceL, tt.dollarBraceL, tt.parenL, tt.bracketL, tt.braceR, tt.parenR, tt.bracketR,
    tt._class, tt._super, tt._enum, tt._const, tt._import, tt._export, tt.at, ...MODIFIERS,
]);

class Translation {
    #source;
    #brackets;
    #modules;
    #repeated;

    constructor(text, zod) {
        this.#source = new Source(text, parse(text));
        this.#brackets = new Brackets(this.#source);
        this.#modules = new Modules(this.#source, zod);
        this.#repeated = repeatedEnums(this.#source);
    }

    run() {
        this.#walk(0, this.#source.count - 1);
        return this.#source.edits.apply();
    }

    #walk(first, end) {
        const { types, areTypes } = this.#source;
        for (let at = first; at < end;) {
            at = areTypes[at] || CHANGES[types[at] >> 10] ? this.#step(at) : at + 1;
        }
    }

    #enumAt(first) {
        const source = this.#source;
        const name = first + (source.isOf(first, tt._const) ? 2 : 1);
        const walk = (start, end) => this.#walk(start, end);
        return translateEnum(source, first, name, this.#repeated.has(source.slice(name)), walk);
    }

    // Translates what begins at a token; answers what token is next.
    #step(at) {
        const source = this.#source;
        const brackets = this.#brackets;
        const type = source.types[at];
        if (source.areTypes[at]) return removeTypes(source, at, brackets);
        if (MODIFIERS.has(type)) return brackets.removeModifiers(at);
        switch (type) {
            case tt.nonNullAssertion:
                source.remove(at, at + 1);
                break;
            case tt._class:
                brackets.meetClass(at);
                break;
            case tt.braceL:
            case tt.dollarBraceL:
            case tt.parenL:
            case tt.bracketL:
                brackets.meetOpening(at);
                break;
            case tt.braceR:
            case tt.bracketR:
                brackets.meetClosing();
                break;
            case tt._super:
                brackets.meetSuper(at);
                break;
            case tt.parenR:
                brackets.meetClosingParenthesis(at);
                break;
            case tt._enum:
                return this.#enumAt(at);
            case tt._const:
                if (source.isOf(at + 1, tt._enum)) return this.#enumAt(at);
                break;
            case tt._import:
                // `import(...)` is an expression.
                if (!source.isOf(at + 1, tt.parenL)) return this.#modules.removeImport(at);
                break;
            case tt._export:
                return this.#modules.translateExport(at);
            case tt.at:
                return source.refuse(at, NO_DECORATORS);
        }
        return at + 1;
    }
}

export default function install() {
    const zod = globalThis.z ?? {};
    // The text as JavaScript; undefined if there is nothing to change. A SyntaxError that it throws has `line` and
    // `column`, and `isRefusal` if it is about a construct that is known and not supported.
    const translate = (text) => new Translation(text, zod).run();
    return { translate };
}
