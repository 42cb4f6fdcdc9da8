// Owns the decimal digits of a number: rounding half away from zero on the shortest decimal text, as ICU does, and
// grouping. Everything here takes finite numbers that are not negative, or the text of their digits.

/** `[digits, point]`: the value is 0.digits × 10^point. */
function decompose(text) {
    let mantissa = text;
    let exponent = 0;
    const e = text.indexOf("e");
    if (e >= 0) {
        mantissa = text.slice(0, e);
        exponent = +text.slice(e + 1);
    }
    const dot = mantissa.indexOf(".");
    let digits = dot < 0 ? mantissa : mantissa.slice(0, dot) + mantissa.slice(dot + 1);
    let point = (dot < 0 ? mantissa.length : dot) + exponent;
    let zeros = 0;
    while (zeros < digits.length && digits[zeros] === "0") zeros++;
    digits = digits.slice(zeros);
    point -= zeros;
    return digits === "" ? ["", 0] : [digits, point];
}

/** Keeps `count` digits, of which there may be none. */
function round(digits, point, count) {
    if (digits.length <= count) return [digits, point];
    if (count < 0 || digits.charCodeAt(count) < 53) return [digits.slice(0, Math.max(count, 0)), point];
    let last = count - 1;
    while (last >= 0 && digits[last] === "9") last--;
    if (last < 0) return ["1", point + 1];
    return [digits.slice(0, last) + String.fromCharCode(digits.charCodeAt(last) + 1), point];
}

function join(digits, point, fractionMin) {
    const integer = point <= 0 ? "0" : digits.slice(0, point).padEnd(point, "0");
    let fraction = point >= digits.length ? "" : digits.slice(Math.max(point, 0)).padStart(digits.length - point, "0");
    let end = fraction.length;
    while (end > fractionMin && fraction[end - 1] === "0") end--;
    fraction = fraction.slice(0, end).padEnd(fractionMin, "0");
    return fraction === "" ? integer : `${integer}.${fraction}`;
}

/** Digits of `text` × 10^shift, with at least and at most so many after the point. */
export function fixedText(text, shift, fractionMin, fractionMax) {
    if (shift === 0 && !text.includes("e")) {
        const dot = text.indexOf(".");
        const length = dot < 0 ? 0 : text.length - dot - 1;
        if (length >= fractionMin && length <= fractionMax) return text;
    }
    const [digits, point] = decompose(text);
    const [kept, where] = round(digits, point + shift, point + shift + fractionMax);
    return join(kept, kept === "" ? 0 : where, fractionMin);
}

export function precisionText(text, significantMin, significantMax) {
    const [digits, point] = decompose(text);
    const [kept, where] = round(digits, point, significantMax);
    const position = kept === "" ? 1 : where;
    return join(kept, position, Math.max(significantMin - position, 0));
}

/** Puts `separator` between groups of digits: the last has `primary`, those before `secondary`. */
export function group(integer, separator, primary, secondary) {
    const end = integer.length - primary;
    if (end <= 0) return integer;
    // From the front, because appending is what the engine does in place.
    let at = end % secondary || secondary;
    let result = integer.slice(0, at);
    for (; at < end; at += secondary) result += separator + integer.slice(at, at + secondary);
    return result + separator + integer.slice(end);
}
