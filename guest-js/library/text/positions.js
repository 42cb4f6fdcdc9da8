// Owns where in a text an index is: line and column as the engine counts them, from 1, columns in bytes of UTF-8.

const STEP = 256;
const LINE_BREAK = /\r\n|[\n\r\u2028\u2029]/g;

// Bytes that a UTF-16 code unit takes. A pair of surrogates takes four.
const byteWidth = (unit) => (unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3);

export function bytesIn(text, start, end) {
    let bytes = 0;
    for (let i = start; i < end; i++) bytes += byteWidth(text.charCodeAt(i));
    return bytes;
}

// Answers in logarithmic time, so that a long line with many positions in it costs no more than many short ones.
export function positionsOf(text) {
    const starts = [0];
    for (const found of text.matchAll(LINE_BREAK)) starts.push(found.index + found[0].length);
    const steps = [0];
    for (let i = STEP; i <= text.length; i += STEP) steps.push(steps[steps.length - 1] + bytesIn(text, i - STEP, i));

    const bytesBefore = (index) => {
        const step = Math.floor(index / STEP);
        return steps[step] + bytesIn(text, step * STEP, index);
    };

    return (index) => {
        let low = 0;
        let high = starts.length;
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (starts[middle] <= index) low = middle;
            else high = middle;
        }
        return { line: low + 1, column: bytesBefore(index) - bytesBefore(starts[low]) + 1 };
    };
}
