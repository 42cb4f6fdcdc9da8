// Owns how text is laid out for people, as Node does it: quotes and escapes, columns, lines, and the width of a string
// on a terminal. It sees strings only, never a script's objects.
(function () {
    "use strict";
    const uncurry = Function.prototype.bind.bind(Function.prototype.call);
    const join = uncurry(Array.prototype.join);
    const push = uncurry(Array.prototype.push);
    const slice = uncurry(String.prototype.slice);
    const hasText = uncurry(String.prototype.includes);
    const indexOf = uncurry(String.prototype.indexOf);
    const repeat = uncurry(String.prototype.repeat);
    const padStart = uncurry(String.prototype.padStart);
    const padEnd = uncurry(String.prototype.padEnd);
    const charCodeAt = uncurry(String.prototype.charCodeAt);
    const codePointAt = uncurry(String.prototype.codePointAt);
    const hexadecimal = uncurry(Number.prototype.toString);
    const toUpperCase = uncurry(String.prototype.toUpperCase);
    const test = uncurry(RegExp.prototype.test);
    const { floor, max, min, round, sqrt } = Math;

    const escaped = /[\x00-\x1f'\\\x7f-\x9f\ud800-\udfff]/;
    const notPrintable = /[^\x20-\x7e]/;
    const LETTERS = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 92: "\\\\" };

    // First and last of the common blocks of characters that take no column: controls, accents, marks of direction.
    const NO_WIDTH = [
        0x00, 0x1f, 0x7f, 0x9f, 0xad, 0xad, 0x300, 0x36f, 0x483, 0x489, 0x591, 0x5bd, 0x64b, 0x65f, 0x1ab0, 0x1aff,
        0x1dc0, 0x1dff, 0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x2064, 0x20d0, 0x20ff, 0x3099, 0x309a, 0xfe00, 0xfe0f,
        0xfe20, 0xfe2f, 0xfeff, 0xfeff,
    ];
    // The same of those that take two.
    const WIDE = [
        0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0xa4cf, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe30, 0xfe6f, 0xff00, 0xff60,
        0xffe0, 0xffe6, 0x1f300, 0x1f64f, 0x1f680, 0x1f6ff, 0x1f900, 0x1f9ff, 0x20000, 0x3fffd,
    ];

    function escape(code) {
        return LETTERS[code] ?? `\\x${toUpperCase(padStart(hexadecimal(code, 16), 2, "0"))}`;
    }

    // The quote that needs no escape, if there is one.
    function quoteFor(text) {
        if (!hasText(text, "'")) return "'";
        if (!hasText(text, '"')) return '"';
        return hasText(text, "`") || hasText(text, "${") ? "'" : "`";
    }

    function escapeText(text, quote) {
        let result = "";
        let from = 0;
        for (let i = 0; i < text.length; i++) {
            const code = charCodeAt(text, i);
            let replacement;
            if (code < 32 || code === 92 || (code > 126 && code < 160)) {
                replacement = escape(code);
            } else if (code === 39 && quote === "'") {
                replacement = "\\'";
            } else if (code >= 0xd800 && code <= 0xdfff) {
                if (codePointAt(text, i) > 0xffff) {
                    i++;
                    continue;
                }
                replacement = `\\u${hexadecimal(code, 16)}`;
            } else {
                continue;
            }
            result += slice(text, from, i) + replacement;
            from = i + 1;
        }
        return result + slice(text, from);
    }

    function quote(text) {
        if (!test(escaped, text)) return `'${text}'`;
        const mark = quoteFor(text);
        return mark + escapeText(text, mark) + mark;
    }

    // One quoted string for each line of `text`, as a sum.
    function quoteLines(text, indentation) {
        const lines = [];
        let from = 0;
        while (from < text.length) {
            const end = indexOf(text, "\n", from) + 1 || text.length;
            push(lines, quote(slice(text, from, end)));
            from = end;
        }
        return join(lines, ` +\n${repeat(" ", indentation + 2)}`);
    }

    function isWithin(blocks, code) {
        for (let i = 0; i < blocks.length; i += 2) {
            if (code < blocks[i]) return false;
            if (code <= blocks[i + 1]) return true;
        }
        return false;
    }

    // Columns that `text` takes on a terminal.
    function width(text) {
        if (!test(notPrintable, text)) return text.length;
        let columns = 0;
        for (let i = 0; i < text.length; i++) {
            const code = codePointAt(text, i);
            if (code > 0xffff) i++;
            if (!isWithin(NO_WIDTH, code)) columns += isWithin(WIDE, code) ? 2 : 1;
        }
        return columns;
    }

    const SEPARATOR = 2;
    const COLUMNS_MAX = 15;
    const CHARACTER_RATIO = 2.5;

    // How many columns make a block of about square shape: Node's measure. One means that there should be no columns.
    function columnCount(count, total, widest, all, view) {
        const cell = widest + SEPARATOR;
        if (cell * 3 + view.indentation >= view.lineWidth) return 1;
        if (total / cell <= 5 && widest > 6) return 1;
        const biased = max(cell - 3 - sqrt(cell - total / all), 1);
        return min(
            round(sqrt(CHARACTER_RATIO * biased * count) / biased),
            floor((view.lineWidth - view.indentation) / cell),
            view.compact * 4,
            COLUMNS_MAX,
        );
    }

    // Puts short entries side by side in columns. `view` is what show.js keeps of one inspection.
    function inColumns(entries, isNumeric, view) {
        // What says that there are more is not part of the block.
        const more = entries.length > view.itemsMax;
        const count = more ? entries.length - 1 : entries.length;
        const widths = [];
        let total = 0;
        let widest = 0;
        for (let i = 0; i < count; i++) {
            const taken = isNumeric ? entries[i].length : width(entries[i]);
            push(widths, taken);
            total += taken + SEPARATOR;
            if (taken > widest) widest = taken;
        }
        const columns = columnCount(count, total, widest, entries.length, view);
        if (columns <= 1) return entries;
        const columnWidths = [];
        for (let i = 0; i < columns; i++) {
            let taken = 0;
            for (let j = i; j < count; j += columns) taken = max(taken, widths[j]);
            push(columnWidths, taken + SEPARATOR);
        }
        const pad = isNumeric ? padStart : padEnd;
        const lines = [];
        for (let i = 0; i < count; i += columns) {
            const last = min(i + columns, count) - 1;
            let line = "";
            for (let j = i; j < last; j++) {
                line += pad(`${entries[j]}, `, columnWidths[j - i] + entries[j].length - widths[j]);
            }
            const rest = columnWidths[last - i] + entries[last].length - widths[last] - SEPARATOR;
            push(lines, line + (isNumeric ? padStart(entries[last], rest) : entries[last]));
        }
        if (more) push(lines, entries[count]);
        return lines;
    }

    // Puts braces around entries: on one line if they are few, short and not deeply nested, else on a line each.
    // `level` is how deep the object is, `view.innermost` how deep the last of its parts went.
    function enclose(entries, form, level, view) {
        const { base, open, close, isList, isNumeric } = form;
        const shown = isList && entries.length > 6 && view.compact > 0 ? inColumns(entries, isNumeric, view) : entries;
        const head = base === "" ? open : `${base} ${open}`;
        if (shown === entries && view.innermost - level < view.compact && !hasText(base, "\n")) {
            let total = 2 * entries.length + view.indentation + open.length + base.length + 10;
            for (let i = 0; i < entries.length && total <= view.lineWidth; i++) total += entries[i].length;
            if (total <= view.lineWidth) {
                const line = join(entries, ", ");
                if (!hasText(line, "\n")) return `${head} ${line} ${close}`;
            }
        }
        const indentation = `\n${repeat(" ", view.indentation)}`;
        return `${head}${indentation}  ${join(shown, `,${indentation}  `)}${indentation}${close}`;
    }

    return { layout: { quote, quoteLines, width, enclose } };
})
