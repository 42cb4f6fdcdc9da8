// Owns the order of texts: that of ICU's root collation for Latin letters, digits and punctuation. Other scripts
// follow in the order of their code points. Texts are compared at three levels, as UTS 10 has it: characters, accents,
// case.

/** Ascending. Punctuation and white space are what `ignorePunctuation` ignores. */
const SPACES = "\t\n\v\f\r\u0085\u2028\u2029 ";
const PUNCTUATION = "_-‐‑–—―,;:!¡?¿.…·'‘’‚‹›\"“”„«»()[]{}§¶@*/\\&#%‰†‡•";
const SYMBOLS = "`´^¯¨¸°©®←→↑↓∑+±÷×<=≠>¬|¦~√∞≤≥■▪●◦★☆✓✔✗";
const CURRENCIES = "¤¢$£¥€₹₿";
const GROUP = {
    space: 1,
    punctuation: 0x100,
    symbol: 0x200000,
    currency: 0x400000,
    digit: 0x600000,
    latin: 0x700000,
    other: 0x800000,
};
const LETTER_STEP = 16;

/** Weight of each ASCII character at the first level; 0 where it is ignored. */
const PRIMARY = new Array(128).fill(0);
[...SPACES].forEach((space, i) => {
    if (space.charCodeAt(0) < 128) PRIMARY[space.charCodeAt(0)] = GROUP.space + i;
});
/** Weights of the marks beyond ASCII that are listed. */
const MARKS = new Map();
for (const [marks, weight] of [
    [PUNCTUATION, GROUP.punctuation],
    [SYMBOLS, GROUP.symbol],
    [CURRENCIES, GROUP.currency],
]) {
    [...marks].forEach((mark, i) => {
        if (mark.charCodeAt(0) < 128) PRIMARY[mark.charCodeAt(0)] = weight + i;
        else MARKS.set(mark, weight + i);
    });
}
for (let digit = 0; digit < 10; digit++) PRIMARY[48 + digit] = GROUP.digit + digit;
for (let letter = 0; letter < 26; letter++) {
    PRIMARY[65 + letter] = PRIMARY[97 + letter] = GROUP.latin + letter * LETTER_STEP;
}

/** Accents in ascending order; those not listed follow by code point. */
const ACCENTS = "\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303\u0307\u0338\u0327\u0328\u0304";
const LIGATURE = 0x10000;
/** Latin letters that do not decompose: what they are at the first level, and what sets them apart at the second. */
const SPECIAL = new Map(
    Object.entries({
        ø: ["o", "\u0338"],
        đ: ["d", "\u0335"],
        ħ: ["h", "\u0335"],
        ł: ["l", "\u0335"],
        ð: ["d", "\u0335"],
        ﬁ: ["fi", undefined],
        ﬂ: ["fl", undefined],
        æ: ["ae", ""],
        œ: ["oe", ""],
        ĳ: ["ij", ""],
        ß: ["ss", ""],
        ſ: ["s", undefined],
        "’": ["'", "\u0338"],
    }),
);
/** Letters of their own, each after the one named. */
const AFTER = new Map(Object.entries({ ı: "i", ŋ: "n", ŧ: "t", þ: "z" }));

/** At the third level: lower case, upper case, another form of the same letters. */
const [LOWER, UPPER, VARIANT] = [0, 1, 2];

const isUpperAscii = (code) => code >= 65 && code <= 90;

/** For two ASCII texts with the usual options; undefined when one of them needs the long way. */
export function compareAscii(a, b) {
    const length = a.length < b.length ? a.length : b.length;
    let third = 0;
    for (let i = 0; i < length; i++) {
        const x = a.charCodeAt(i);
        const y = b.charCodeAt(i);
        const weight = PRIMARY[x];
        if (x === y) {
            if (weight > 0) continue;
            return undefined;
        }
        const other = PRIMARY[y];
        if (!(weight > 0 && other > 0)) return undefined;
        if (weight !== other) return weight < other ? -1 : 1;
        if (third === 0) third = isUpperAscii(x) ? 1 : -1;
    }
    if (a.length === b.length) return third;
    const next = a.length > length ? a.charCodeAt(length) : b.charCodeAt(length);
    if (!(PRIMARY[next] > 0)) return undefined;
    return a.length < b.length ? -1 : 1;
}

/** The levels of a text: three lists of weights. */
function keysOf(text, { numeric, ignorePunctuation, isSpanish }) {
    const keys = { first: [], second: [], third: [] };
    const characters = [...text.normalize("NFD")];
    for (let i = 0; i < characters.length; i++) {
        const character = characters[i];
        if (numeric && isDigit(character)) {
            i = addNumber(characters, i, keys) - 1;
        } else if (isSpanish && (character === "n" || character === "N") && characters[i + 1] === "\u0303") {
            addLetter(keys, PRIMARY[110] + 1, character === "N" ? UPPER : LOWER);
            i++;
        } else {
            addCharacter(character, keys, ignorePunctuation);
        }
    }
    return keys;
}

const isDigit = (character) => character >= "0" && character <= "9" && character.length === 1;

/** A run of digits sorts by its value: first by how many digits it has without leading zeros. Returns where it ends. */
function addNumber(characters, start, keys) {
    let end = start;
    while (end < characters.length && isDigit(characters[end])) end++;
    let first = start;
    while (first < end - 1 && characters[first] === "0") first++;
    addLetter(keys, GROUP.digit + 0x100 + (end - first), LOWER);
    for (let i = first; i < end; i++) addLetter(keys, PRIMARY[characters[i].charCodeAt(0)], LOWER);
    return end;
}

function addLetter(keys, weight, third) {
    keys.first.push(weight);
    keys.second.push(0);
    keys.third.push(third);
}

function addCharacter(character, keys, ignorePunctuation) {
    const code = character.codePointAt(0);
    if (code < 128) {
        const weight = PRIMARY[code];
        if (weight === 0 || (ignorePunctuation && weight < GROUP.symbol)) return;
        addLetter(keys, weight, isUpperAscii(code) ? UPPER : LOWER);
        return;
    }
    if (/\p{M}/u.test(character)) {
        const known = ACCENTS.indexOf(character);
        keys.second.push(known >= 0 ? known + 1 : 0x100 + code);
        return;
    }
    if (/\p{C}/u.test(character)) return;
    const lower = character.toLowerCase();
    const third = lower === character ? LOWER : UPPER;
    const special = SPECIAL.get(lower);
    if (special !== undefined) {
        if (!ignorePunctuation || /\p{L}/u.test(character)) addSpecial(special, third, keys);
    } else if (AFTER.has(lower)) {
        addLetter(keys, PRIMARY[AFTER.get(lower).charCodeAt(0)] + 2, third);
    } else {
        addOther(character, lower, third, keys, ignorePunctuation);
    }
}

function addSpecial([letters, accent], third, keys) {
    for (const letter of letters) {
        addLetter(keys, PRIMARY[letter.charCodeAt(0)], accent === undefined ? VARIANT : third);
    }
    if (accent === "") keys.second.push(LIGATURE);
    else if (accent !== undefined) keys.second.push(ACCENTS.indexOf("\u0338") + 1 + accent.charCodeAt(0) / LIGATURE);
}

function addOther(character, lower, third, keys, ignorePunctuation) {
    const isVariable = /[\p{P}\p{Z}]/u.test(character);
    if (isVariable && ignorePunctuation) return;
    const isLetter = /[\p{L}\p{N}]/u.test(character);
    const group = isVariable
        ? /\p{Z}/u.test(character)
            ? GROUP.space
            : GROUP.punctuation
        : /\p{Sc}/u.test(character)
          ? GROUP.currency
          : isLetter
            ? GROUP.other
            : GROUP.symbol;
    // Above what ASCII has in the same group.
    addLetter(keys, MARKS.get(character) ?? group + 0x80 + lower.codePointAt(0), third);
}

function compareLists(a, b) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
    return Math.sign(a.length - b.length);
}

/** The comparison for resolved options. */
export function comparison(options) {
    const { sensitivity, numeric, ignorePunctuation, caseFirst } = options;
    const hasQuickWay = sensitivity === "variant" && !numeric && !ignorePunctuation && caseFirst !== "upper";
    const bySecond = sensitivity === "accent" || sensitivity === "variant";
    const byThird = sensitivity === "case" || sensitivity === "variant";
    return (a, b) => {
        if (a === b) return 0;
        const quick = hasQuickWay ? compareAscii(a, b) : undefined;
        if (quick !== undefined) return quick;
        const [x, y] = [keysOf(a, options), keysOf(b, options)];
        let order = compareLists(x.first, y.first);
        if (order === 0 && bySecond) order = compareLists(x.second, y.second);
        if (order === 0 && byThird) order = compareLists(x.third, y.third) * (caseFirst === "upper" ? -1 : 1);
        return order;
    };
}
