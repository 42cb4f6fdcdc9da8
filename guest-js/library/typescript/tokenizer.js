// Owns the state of the parser and how text becomes tokens. Replaces those functions of sucrase's tokenizer that are
// called for every token: it becomes part of the one module that the parser is, and its names are those of that module.

// Where a construct can be two things the parser tries one and goes back, and so again for each inside: nested deeply
// enough it would never end. Real scripts go back over far fewer tokens than they have.
const DISCARDED_PER_UNIT_MAX = 2;
const DISCARDED_MIN = 20_000;
let discarded = 0;
let discardedMax = 0;

let input = "";
let nextContextId = 1;

// The token that is next, and what it is in.
let $pos = 0;
let $type = tt.eof;
let $keyword = 0;
let $start = 0;
let $end = 0;
let $isType = false;
let $scopeDepth = 0;
let $error = null;
let $potentialArrowAt = -1;
let $noConditional = false;

// The tokens before it.
let $count = 0;
let $types = [];
let $keywords = [];
let $starts = [];
let $ends = [];
let $areTypes = [];
let $roles = [];
let $contextIds = [];
let $rhsEnds = [];

// Whether \n is all that ends a line in the text.
let hasPlainBreaks = true;

// Answers the tokens of a text, the last of them its end, and what is wrong with it if anything is. What the tokens are
// is in one list for each property. A token has no role, no context or no end of a value if it is null.
export function tokensOf(text) {
    initParser(text);
    if (input.startsWith("#!")) skipLineComment(2);
    nextToken();
    parseBlockBody(tt.eof);
    const lists = [$types, $keywords, $starts, $ends, $areTypes, $roles, $contextIds, $rhsEnds];
    for (const list of lists) list.length = $count;
    const tokens = {
        count: $count, types: $types, keywords: $keywords, starts: $starts, ends: $ends, areTypes: $areTypes,
        roles: $roles, contextIds: $contextIds, rhsEnds: $rhsEnds, error: $error,
    };
    // Nothing of a script is to be kept for longer than needed.
    initParser("");
    return tokens;
}

function initParser(text) {
    discarded = 0;
    discardedMax = DISCARDED_MIN + DISCARDED_PER_UNIT_MAX * text.length;
    input = text;
    hasPlainBreaks = !text.includes("\r") && !text.includes("\u2028") && !text.includes("\u2029");
    nextContextId = 1;
    $pos = $keyword = $start = $end = $scopeDepth = $count = 0;
    $type = tt.eof;
    $isType = $noConditional = false;
    $error = null;
    $potentialArrowAt = -1;
    $types = [];
    $keywords = [];
    $starts = [];
    $ends = [];
    $areTypes = [];
    $roles = [];
    $contextIds = [];
    $rhsEnds = [];
}

function discard(count) {
    discarded += count;
    if (discarded > discardedMax) throw new RangeError("too many ways to read the script");
}

function takeSnapshot() {
    return [
        $potentialArrowAt, $noConditional, $count, $pos, $type, $keyword, $start, $end, $isType, $scopeDepth, $error,
    ];
}

function goBackTo(snapshot) {
    discard($count - snapshot[2]);
    $potentialArrowAt = snapshot[0];
    $noConditional = snapshot[1];
    $count = snapshot[2];
    $pos = snapshot[3];
    $type = snapshot[4];
    $keyword = snapshot[5];
    $start = snapshot[6];
    $end = snapshot[7];
    $isType = snapshot[8];
    $scopeDepth = snapshot[9];
    $error = snapshot[10];
}

// Keeps the token that is next. What is in the lists behind the count is of tokens that were discarded.
function keepToken() {
    const at = $count++;
    $types[at] = $type;
    $keywords[at] = $keyword;
    $starts[at] = $start;
    $ends[at] = $end;
    $areTypes[at] = $isType;
    $roles[at] = null;
    $contextIds[at] = null;
    $rhsEnds[at] = null;
}

function next() {
    const at = $count++;
    $types[at] = $type;
    $keywords[at] = $keyword;
    $starts[at] = $start;
    $ends[at] = $end;
    $areTypes[at] = $isType;
    $roles[at] = null;
    $contextIds[at] = null;
    $rhsEnds[at] = null;
    nextToken();
}

function nextTemplateToken() {
    keepToken();
    $start = $pos;
    readTmplToken();
}

function lookaheadTypeAndKeyword() {
    const snapshot = takeSnapshot();
    next();
    const ahead = { type: $type, contextualKeyword: $keyword };
    goBackTo(snapshot);
    return ahead;
}

function lookaheadType() {
    const snapshot = takeSnapshot();
    next();
    const type = $type;
    goBackTo(snapshot);
    return type;
}

// What a token can be that begins with an ASCII character: a word, one of several, or always the same, whose type it is.
// Or it is no token.
const IN_WORD = 1;
const SEVERAL = 2;
const SPACE = 3;
const SLASH = 4;
const KINDS = Array.from({ length: 128 }, () => SEVERAL);
for (const code of [9, 10, 11, 12, 13, 32]) KINDS[code] = SPACE;
for (let code = 0; code < 128; code++) if (/[\w$]/.test(String.fromCharCode(code))) KINDS[code] = IN_WORD;
for (let code = charCodes.digit0; code <= charCodes.digit9; code++) KINDS[code] = SEVERAL;
KINDS[charCodes.slash] = SLASH;
KINDS[charCodes.numberSign] = tt.hash;
KINDS[charCodes.leftParenthesis] = tt.parenL;
KINDS[charCodes.rightParenthesis] = tt.parenR;
KINDS[charCodes.semicolon] = tt.semi;
KINDS[charCodes.comma] = tt.comma;
KINDS[charCodes.leftSquareBracket] = tt.bracketL;
KINDS[charCodes.rightSquareBracket] = tt.bracketR;
KINDS[charCodes.leftCurlyBrace] = tt.braceL;
KINDS[charCodes.rightCurlyBrace] = tt.braceR;
KINDS[charCodes.graveAccent] = tt.backQuote;
KINDS[charCodes.tilde] = tt.tilde;

const IS_WORD = KINDS.map((kind, code) => kind === IN_WORD || (code >= charCodes.digit0 && code <= charCodes.digit9));

const WIDE_SPACES = new Set(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
);
const WIDE_SPACE_CODES = new Set([...WIDE_SPACES].map((space) => space.charCodeAt(0)));

// All that is no space is taken for part of a word: the engine knows better, and reads the text after the translation.
const isWide = (code) => code > 127 && !WIDE_SPACE_CODES.has(code);
const isIdentifierChar = (code) => (code < 128 ? IS_WORD[code] : isWide(code));
const isIdentifierStart = (code) => (code < 128 ? KINDS[code] === IN_WORD : isWide(code));

// How long the words are that begin with a letter and are no plain names: a bit for each length.
const LENGTHS = Array.from({ length: 128 }, () => 0);
for (const word of KEYWORDS.keys()) LENGTHS[word.charCodeAt(0)] |= 1 << word.length;

function nextToken() {
    let pos = $pos;
    let code = input.charCodeAt(pos);
    let kind = KINDS[code];
    while (kind === SPACE) {
        code = input.charCodeAt(++pos);
        kind = KINDS[code];
    }
    if (kind === SLASH || code > 127) {
        $pos = pos;
        skipSpace();
        pos = $pos;
        code = input.charCodeAt(pos);
        kind = KINDS[code];
    }
    $start = pos;
    if (kind === IN_WORD) {
        readWord(pos, code);
    } else if (kind > SLASH) {
        $end = $pos = pos + 1;
        $type = kind;
        $keyword = 0;
    } else {
        $pos = pos;
        if (pos >= input.length) finishText();
        else if (code > 127 || code === charCodes.backslash) readRestOfWord(pos);
        else readOther(code);
    }
}

function finishText() {
    // The parser may go on a bit at the end of the text, not without end.
    if ($count >= 2 && $starts[$count - 1] >= input.length && $starts[$count - 2] >= input.length) {
        unexpected("Unexpectedly reached the end of input.");
    }
    finishToken(tt.eof);
}

function readWord(start, first) {
    let end = start + 1;
    let code = input.charCodeAt(end);
    while (IS_WORD[code]) code = input.charCodeAt(++end);
    // At the very end of a text nothing is a keyword.
    if ((LENGTHS[first] >> (end - start)) & 1 && code >= 0 && !isIdentifierChar(code)) {
        const value = end - start < 31 ? KEYWORDS.get(input.slice(start, end)) : undefined;
        if (value !== undefined) {
            $end = $pos = end;
            if (value & 1) {
                $type = value >>> 1;
                $keyword = 0;
            } else {
                $type = tt.name;
                $keyword = value >>> 1;
            }
            return;
        }
    }
    if (code > 127 || code === charCodes.backslash || code === charCodes.atSign) {
        readRestOfWord(end);
        return;
    }
    $end = $pos = end;
    $type = tt.name;
    $keyword = 0;
}

// The rest of a word that is a name.
function readRestOfWord(start) {
    let pos = start;
    while (pos < input.length) {
        const code = input.charCodeAt(pos);
        if (isIdentifierChar(code)) {
            pos++;
        } else if (code === charCodes.backslash) {
            pos = escapeEnd(pos);
        } else if (code === charCodes.atSign && input.charCodeAt(pos + 1) === charCodes.atSign) {
            pos += 2;
        } else {
            break;
        }
    }
    $pos = pos;
    finishToken(tt.name);
}

function escapeEnd(start) {
    const pos = start + 2;
    if (input.charCodeAt(pos) !== charCodes.leftCurlyBrace) return pos;
    const close = input.indexOf("}", pos);
    return (close < 0 ? input.length : close) + 1;
}

// The flags of a regular expression.
function skipWord() {
    while ($pos < input.length) {
        const code = input.charCodeAt($pos);
        if (isIdentifierChar(code)) $pos++;
        else if (code === charCodes.backslash) $pos = escapeEnd($pos);
        else break;
    }
}

function skipSpace() {
    while ($pos < input.length) {
        const code = input.charCodeAt($pos);
        if (KINDS[code] === SPACE || (code > 127 && !isWide(code))) {
            $pos++;
        } else if (code === charCodes.slash) {
            const after = input.charCodeAt($pos + 1);
            if (after === charCodes.slash) skipLineComment(2);
            else if (after === charCodes.asterisk) skipBlockComment();
            else return;
        } else {
            return;
        }
    }
}

function skipLineComment(startSkip) {
    let pos = $pos + startSkip;
    if (hasPlainBreaks) {
        const end = input.indexOf("\n", pos);
        pos = end < 0 ? input.length : end;
    } else {
        while (pos < input.length && !isLineBreak(input.charCodeAt(pos))) pos++;
    }
    $pos = pos;
}

function skipBlockComment() {
    const end = input.indexOf("*/", $pos + 2);
    $pos = end < 0 ? input.length : end + 2;
    if (end < 0) unexpected("Unterminated comment", input.length - 1);
}

function isLineBreak(code) {
    return code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
}

function hasPrecedingLineBreak() {
    for (let i = $count > 0 ? $ends[$count - 1] : 0; i < $start; i++) {
        if (isLineBreak(input.charCodeAt(i))) return true;
    }
    return false;
}

function readString(quote) {
    let pos = $pos + 1;
    const close = input.indexOf(quote === charCodes.apostrophe ? "'" : "\"", pos);
    if (close >= 0 && !input.slice(pos, close).includes("\\")) {
        $pos = close + 1;
        finishToken(tt.string);
        return;
    }
    for (; pos < input.length; pos++) {
        const code = input.charCodeAt(pos);
        if (code === charCodes.backslash) {
            pos++;
        } else if (code === quote) {
            $pos = pos + 1;
            finishToken(tt.string);
            return;
        }
    }
    $pos = pos;
    unexpected("Unterminated string constant");
}

function readTmplToken() {
    for (let pos = $pos; pos < input.length; pos++) {
        const code = input.charCodeAt(pos);
        if (code === charCodes.backslash) {
            pos++;
        } else if (code === charCodes.graveAccent) {
            finishTemplate(pos, tt.backQuote, 1);
            return;
        } else if (code === charCodes.dollarSign && input.charCodeAt(pos + 1) === charCodes.leftCurlyBrace) {
            finishTemplate(pos, tt.dollarBraceL, 2);
            return;
        }
    }
    $pos = input.length;
    unexpected("Unterminated template");
}

// Ends the text of a template, or reads what is behind it if the text was the token before.
function finishTemplate(pos, type, size) {
    $pos = pos;
    if (pos === $start && match(tt.template)) {
        $pos = pos + size;
        finishToken(type);
    } else {
        finishToken(tt.template);
    }
}

// What reads a token that begins with a character, for those that can begin several.
const READERS = [];
READERS[charCodes.dot] = readToken_dot;
READERS[charCodes.slash] = readToken_slash;
READERS[charCodes.percentSign] = READERS[charCodes.asterisk] = readToken_mult_modulo;
READERS[charCodes.verticalBar] = READERS[charCodes.ampersand] = readToken_pipe_amp;
READERS[charCodes.caret] = readToken_caret;
READERS[charCodes.plusSign] = READERS[charCodes.dash] = readToken_plus_min;
READERS[charCodes.lessThan] = readToken_lt;
READERS[charCodes.greaterThan] = readToken_gt;
READERS[charCodes.equalsTo] = READERS[charCodes.exclamationMark] = readToken_eq_excl;
READERS[charCodes.questionMark] = readToken_question;
READERS[charCodes.quotationMark] = READERS[charCodes.apostrophe] = readString;
READERS[charCodes.colon] = () => {
    if (input.charCodeAt($pos + 1) === charCodes.colon) finishOp(tt.doubleColon, 2);
    else finishOp(tt.colon, 1);
};
READERS[charCodes.atSign] = () => {
    if (input.charCodeAt($pos + 1) === charCodes.atSign) readRestOfWord($pos);
    else finishOp(tt.at, 1);
};
READERS[charCodes.digit0] = () => {
    if ("xXoObB".includes(input.charAt($pos + 1)) && $pos + 1 < input.length) readRadixNumber();
    else readNumber(false);
};
for (let code = charCodes.digit1; code <= charCodes.digit9; code++) READERS[code] = () => readNumber(false);

function readOther(code) {
    const read = READERS[code];
    if (read === undefined) unexpected(`Unexpected character '${String.fromCharCode(code)}'`, $pos);
    else read(code);
}

const skipWhiteSpace = /(?:\s|\/\/.*|\/\*[^]*?\*\/)*/g;

function failExpected(type) {
    unexpected(`Unexpected token, expected "${formatTokenType(type)}"`);
}

export { isIdentifierChar, isIdentifierStart };
