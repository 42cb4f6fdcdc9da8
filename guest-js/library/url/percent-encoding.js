// Stands in for `whatwg-url/lib/percent-encoding.js` and `@exodus/bytes/whatwg.js`, for UTF-8 only: percent-encoding
// and -decoding (URL Standard). A percent-encode set is opaque to whatwg-url. Theirs are predicates over bytes, with an
// array of bytes for each character; here they are tables of what each ASCII character becomes.
const encoder = new TextEncoder();

const HEX = "0123456789ABCDEF";

const percent = (byte) => `%${HEX[byte >> 4]}${HEX[byte & 15]}`;

// The set of C0 controls and `characters`, with the sets that it extends.
function set(characters, base = undefined) {
    const table = [];
    for (let code = 0; code < 0x80; code++) {
        const character = String.fromCharCode(code);
        const isEncoded = code <= 0x1F || code === 0x7F || characters.includes(character);
        table[code] = isEncoded ? percent(code) : base === undefined ? character : base[code];
    }
    return table;
}

export const isC0ControlPercentEncode = set("");
export const isFragmentPercentEncode = set(" \"<>`");
export const extraQueryPercentEncodeChars = set(" \"#<>");
export const extraSpecialQueryPercentEncodeChars = set("'", extraQueryPercentEncodeChars);
export const isPathPercentEncode = set("?`{}^", extraQueryPercentEncodeChars);
export const isUserinfoPercentEncode = set("/:;=@[\\]|", isPathPercentEncode);
export const isURLEncodedPercentEncode = set("$%&+,!'()~", isUserinfoPercentEncode);

// For a character beyond ASCII, its bytes. A surrogate alone, which has none, stands for U+FFFD.
function percentBytes(code) {
    if (code < 0x800) return percent(0xC0 | code >> 6) + percent(0x80 | code & 63);
    if (code < 0x10000) {
        const scalar = (code & 0xF800) === 0xD800 ? 0xFFFD : code;
        return percent(0xE0 | scalar >> 12) + percent(0x80 | scalar >> 6 & 63) + percent(0x80 | scalar & 63);
    }
    return percent(0xF0 | code >> 18) + percent(0x80 | code >> 12 & 63) + percent(0x80 | code >> 6 & 63) +
        percent(0x80 | code & 63);
}

export function utf8PercentEncodeCodePoint(code, table) {
    return code < 0x80 ? table[code] : percentBytes(code);
}

export function utf8PercentEncodeString(text, table, spaceAsPlus = false) {
    let output = "";
    for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i);
        if (code > 0xFFFF) i++;
        output += spaceAsPlus && code === 0x20 ? "+" : utf8PercentEncodeCodePoint(code, table);
    }
    return output;
}

export function percentEncodeAfterEncoding(encoding, text, table) {
    return utf8PercentEncodeString(text, table);
}

function hexValue(code) {
    if (code >= 0x30 && code <= 0x39) return code - 0x30;
    const letter = code | 0x20;
    return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

export function percentDecodeBytes(bytes) {
    const output = new Uint8Array(bytes.length);
    let end = 0;
    for (let i = 0; i < bytes.length; i++) {
        const high = bytes[i] === 0x25 && i + 2 < bytes.length ? hexValue(bytes[i + 1]) : -1;
        const low = high >= 0 ? hexValue(bytes[i + 2]) : -1;
        output[end++] = low >= 0 ? high << 4 | low : bytes[i];
        if (low >= 0) i += 2;
    }
    return output.subarray(0, end);
}

export function percentDecodeString(text) {
    return percentDecodeBytes(encoder.encode(text));
}
