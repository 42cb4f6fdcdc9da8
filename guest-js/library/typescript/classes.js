// Owns the brackets that are open, and what TypeScript adds to classes: modifiers, fields that are only declared,
// parameters that become properties.
import { TokenType as tt } from "sucrase/dist/esm/parser/tokenizer/types.js";
import { memberAt, runEnd } from "./types.js";

export const MODIFIERS = new Set([
    tt._public, tt._private, tt._protected, tt._readonly, tt._override, tt._abstract, tt._declare,
]);

const isModifier = (source, at) => MODIFIERS.has(source.types[at]);

// The brackets that are open, innermost last. Known of them: whether a class's, or a constructor's of a derived class
// whose parameters become properties.
export class Brackets {
    #source;
    #open = [];
    #classes = new Map();
    #constructors = new Map();
    #superCalls = new Map();

    constructor(source) {
        this.#source = source;
    }

    isInClass() {
        return this.#open.at(-1)?.ownClass !== undefined;
    }

    // Whether the innermost bracket holds expressions, and so no names with types.
    holdsExpressions() {
        const innermost = this.#open.at(-1);
        if (innermost === undefined || !this.#source.isOf(innermost.at, tt.parenL)) {
            return innermost !== undefined && this.#source.isOf(innermost.at, tt.bracketL);
        }
        innermost.isParameters ??= this.#isParameters(innermost.at);
        return !innermost.isParameters;
    }

    // Whether what opens at a parenthesis is the parameters of a function: its body is behind them.
    #isParameters(at) {
        let depth = 0;
        let end = at;
        do {
            if (this.#source.isOf(end, tt.parenL)) depth++;
            if (this.#source.isOf(end, tt.parenR)) depth--;
            end++;
        } while (depth > 0 && !this.#source.isOf(end, tt.eof));
        return this.#source.isOf(runEnd(this.#source, end), tt.arrow, tt.braceL);
    }

    #innermostClass() {
        return this.#open.findLast(({ ownClass }) => ownClass !== undefined)?.ownClass;
    }

    // The parameters that become properties of the constructor whose `super` is called.
    #ownProperties() {
        return this.#open.findLast(({ ownClass, derived }) => ownClass !== undefined || derived !== undefined)?.derived;
    }

    meetClass(at) {
        const contextId = this.#source.contextIds[at];
        let header = at;
        let isDerived = false;
        while (!this.#source.isOf(header, tt.eof)) {
            const type = this.#source.types[header];
            if (type === tt.braceL && this.#source.contextIds[header] === contextId) break;
            isDerived ||= type === tt._extends && !this.#source.areTypes[header];
            header++;
        }
        this.#classes.set(contextId, { isDerived });
    }

    meetOpening(at) {
        if (this.#source.types[at] !== tt.braceL) {
            this.#open.push({ at });
            return;
        }
        const contextId = this.#source.contextIds[at];
        const end = this.#source.ends[at];
        const ownClass = this.#classes.get(contextId);
        if (ownClass !== undefined) ownClass.bodyStart = end;
        const names = this.#constructors.get(contextId);
        const derived = names !== undefined && this.#innermostClass().isDerived ? names : undefined;
        if (names !== undefined && derived === undefined) {
            this.#source.edits.insert(end, names.map((name) => `this.${name}=${name};`).join(""));
        }
        this.#open.push({ at, ownClass, derived });
    }

    meetClosing() {
        this.#open.pop();
    }

    // Removes the modifiers that begin at `first`; answers what token is next.
    removeModifiers(first) {
        const source = this.#source;
        let end = first;
        while (isModifier(source, end)) end++;
        if (source.isOf(end, tt._class)) source.remove(first, end);
        else if (source.isOf(first - 1, tt.parenL, tt.comma)) this.#addProperty(first, end);
        else return this.#removeFromMember(first);
        return end;
    }

    #addProperty(first, end) {
        const source = this.#source;
        if (!source.isOf(end, tt.name)) source.refuse(end, "a parameter that becomes a property must be a name");
        const contextId = source.contextIds[first - 1];
        if (!this.#constructors.has(contextId)) this.#constructors.set(contextId, []);
        const name = source.slice(end);
        this.#constructors.get(contextId).push(name);
        // Properties come in the order of TypeScript's: before the fields.
        source.edits.insert(this.#innermostClass().bodyStart, `${name};`);
        source.remove(first, end);
    }

    #removeFromMember(first) {
        const source = this.#source;
        const isApart = source.isOf(first - 1, tt.braceL, tt.semi, tt._static, tt._async);
        const { end: nameEnd, isAbstract } = memberAt(source, first);
        let end = runEnd(source, nameEnd);
        if (isAbstract && !source.isOf(end, tt.eq, tt.parenL)) {
            if (source.isOf(end, tt.semi)) end++;
            source.remove(first, end, isApart ? "" : ";");
            return end;
        }
        source.remove(first, first + 1, isApart ? "" : ";");
        let next = first + 1;
        while (isModifier(source, next)) {
            source.remove(next, next + 1);
            next++;
        }
        return next;
    }

    // At `super(` of a constructor with parameters that become properties: they are set when it returns.
    meetSuper(at) {
        const source = this.#source;
        const names = this.#ownProperties();
        if (names === undefined || !source.isOf(at + 1, tt.parenL)) return;
        if (!source.isOf(at - 1, tt.braceL, tt.braceR, tt.semi) && !source.startsLine(at)) this.#refuseSuper(at);
        this.#superCalls.set(source.contextIds[at + 1], { at, names });
    }

    meetClosingParenthesis(at) {
        this.meetClosing();
        const source = this.#source;
        const call = this.#superCalls.get(source.contextIds[at]);
        if (call === undefined) return;
        if (!source.isOf(at + 1, tt.semi, tt.braceR) && !source.startsLine(at + 1)) this.#refuseSuper(call.at);
        source.edits.insert(source.ends[at], call.names.map((name) => `,this.${name}=${name}`).join(""));
    }

    #refuseSuper(at) {
        this.#source.refuse(at, "with parameters that become properties, super(...) must be a statement of its own");
    }
}
