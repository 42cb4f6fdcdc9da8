// Owns how a text is changed so that what stays of it keeps its line and column: what goes is replaced by spaces, as
// many as it had bytes, and its line breaks stay.
import { bytesIn } from "../text/positions.js";

const LINE_BREAK = /[\n\r\u2028\u2029]/;
const LINE_BREAKS = /[\n\r\u2028\u2029]/g;

export const hasLineBreak = (text) => LINE_BREAK.test(text);

export class Edits {
    #text;
    #edits = [];
    // Most are made in the order of the text.
    #isSorted = true;

    constructor(text) {
        this.#text = text;
    }

    // Removes what is from `start` to `end`, with `code` in its place. Ranges must not overlap.
    replace(start, end, code = "") {
        if (this.#edits.length > 0 && start < this.#edits[this.#edits.length - 1].end) this.#isSorted = false;
        this.#edits.push({ start, end, code });
    }

    insert(at, code) {
        this.replace(at, at, code);
    }

    // The text as changed; undefined if nothing is.
    apply() {
        if (this.#edits.length === 0) return undefined;
        // What is inserted at a place comes before what is removed there.
        if (!this.#isSorted) this.#edits.sort((a, b) => a.start - b.start || a.end - b.end);
        const parts = [];
        let at = 0;
        // Bytes by which the line is longer than it was.
        let excess = 0;
        for (const { start, end, code } of this.#edits) {
            const kept = this.#text.slice(at, start);
            parts.push(kept);
            if (excess > 0 && hasLineBreak(kept)) excess = 0;
            excess = this.#write(parts, start, end, code, excess);
            at = end;
        }
        parts.push(this.#text.slice(at));
        return parts.join("");
    }

    #write(parts, start, end, code, excess) {
        parts.push(code);
        let wanted = -bytesIn(code, 0, code.length);
        let least = code === "" && end > start ? 1 : 0;
        let at = start;
        const removed = this.#text.slice(start, end);
        for (const { index } of hasLineBreak(removed) ? removed.matchAll(LINE_BREAKS) : []) {
            const lineEnd = start + index;
            wanted += bytesIn(this.#text, at, lineEnd);
            parts.push(" ".repeat(Math.max(0, wanted)), this.#text[lineEnd]);
            [wanted, excess, least, at] = [0, 0, 0, lineEnd + 1];
        }
        wanted += bytesIn(this.#text, at, end);
        const spaces = Math.max(least, wanted - excess);
        parts.push(" ".repeat(spaces));
        return excess + spaces - wanted;
    }
}
