// Owns the parsing of what scripts consist of for the most part: expressions, and types. Replaces those functions of
// sucrase's parser; it becomes part of the one module that the parser is, and its names are those of that module. What
// is plain (a name, a literal, between commas or brackets) takes a few calls, not one for each precedence that there is.

// A type of token is its number in the upper bits, and below them properties.
export function tableOf(types) {
    const table = Array.from({ length: 128 }, () => false);
    for (const type of types) table[type >> 10] = true;
    return table;
}

// What is an expression by itself, and nothing else.
const IS_LITERAL = tableOf([
    tt._super, tt._this, tt.regexp, tt.num, tt.bigint, tt.decimal, tt.string, tt._null, tt._true, tt._false,
]);

// What can go on with an expression without an operator.
const IS_SUBSCRIPT = tableOf([
    tt.bang, tt.lessThan, tt.bitShiftL, tt.questionDot, tt.doubleColon, tt.dot, tt.bracketL, tt.parenL, tt.backQuote,
]);

// What ends an expression, whatever it is.
const ENDS_EXPRESSION = tableOf([tt.comma, tt.parenR, tt.semi, tt.bracketR, tt.braceR]);

// What ends a type that has only a name.
const ENDS_TYPE = tableOf([
    tt.comma, tt.parenR, tt.semi, tt.bracketR, tt.braceR, tt.eq, tt.braceL, tt.greaterThan, tt.arrow,
]);

// Each of the functions of expressions answers whether it was an arrow function.
function parseMaybeAssign(noIn = false, isWithinParens = false) {
    return match(tt.lessThan)
        ? tsParseMaybeAssignWithoutJSX(noIn, isWithinParens)
        : baseParseMaybeAssign(noIn, isWithinParens);
}

function baseParseMaybeAssign(noIn, isWithinParens) {
    if (match(tt.name)) {
        $potentialArrowAt = $start;
    } else if (IS_LITERAL[$type >> 10]) {
        // The most common of expressions.
        next();
        if (ENDS_EXPRESSION[$type >> 10]) return false;
        parseSubscripts($count - 1);
        parsePostfix();
        return parseAfterUnary(noIn, isWithinParens, false);
    } else if (match(tt._yield)) {
        parseYield();
        return false;
    } else if (match(tt.parenL)) {
        $potentialArrowAt = $start;
    }
    const wasArrow = parseMaybeUnary();
    return ENDS_EXPRESSION[$type >> 10] ? wasArrow : parseAfterUnary(noIn, isWithinParens, wasArrow);
}

function parseAfterUnary(noIn, isWithinParens, wasArrow) {
    if (!wasArrow) {
        parseExprOp(-1, noIn);
        if (match(tt.question)) typedParseConditional(noIn);
    }
    if (isWithinParens && (match(tt.question) || match(tt.colon))) typedParseParenItem();
    if ($type & TokenType.IS_ASSIGN) {
        next();
        parseMaybeAssign(noIn);
        return false;
    }
    return wasArrow;
}

// The operators, and their operands, that bind an operand before them tighter than `minPrec`.
function parseExprOp(minPrec, noIn) {
    for (;;) {
        if (isContextual(ContextualKeyword._as) || isContextual(ContextualKeyword._satisfies)) {
            if (!match(tt.name) || (tt._in & TokenType.PRECEDENCE_MASK) <= minPrec || hasPrecedingLineBreak()) return;
            next();
            const oldIsType = pushTypeContext(1);
            tsParseType();
            popTypeContext(oldIsType);
            rescan_gt();
        } else {
            const prec = $type & TokenType.PRECEDENCE_MASK;
            if (prec === 0 || prec <= minPrec || (noIn && match(tt._in))) return;
            const isRightAssociative = $type & TokenType.IS_RIGHT_ASSOCIATIVE;
            next();
            parseMaybeUnary();
            if (!ENDS_EXPRESSION[$type >> 10]) parseExprOp(isRightAssociative ? prec - 1 : prec, noIn);
        }
    }
}

function parseMaybeUnary() {
    if ($type & TokenType.IS_PREFIX) {
        next();
        parseMaybeUnary();
        return false;
    }
    if (match(tt.lessThan)) {
        next();
        tsParseTypeAssertion();
        return false;
    }
    if (
        isContextual(ContextualKeyword._module) &&
        lookaheadCharCode() === charCodes.leftCurlyBrace &&
        !hasFollowingLineBreak()
    ) {
        parseModuleExpression();
        return false;
    }
    const start = $count;
    if (parseExprAtom()) return true;
    if (IS_SUBSCRIPT[$type >> 10]) parseSubscripts(start);
    if ($type & TokenType.IS_POSTFIX) parsePostfix();
    return false;
}

function parsePostfix() {
    while ($type & TokenType.IS_POSTFIX && !canInsertSemicolon()) {
        // The tokenizer takes all for what is before its operand.
        if (match(tt.preIncDec)) $type = tt.postIncDec;
        next();
    }
}

function parseExprSubscripts() {
    const start = $count;
    if (parseExprAtom()) return true;
    parseSubscripts(start);
    return false;
}

function parseExprAtom() {
    if (!match(tt.name) || isContextual(ContextualKeyword._await) || isContextual(ContextualKeyword._async)) {
        if (!IS_LITERAL[$type >> 10]) return parseOtherAtom();
        next();
        return false;
    }
    const canBeArrow = $potentialArrowAt === $start;
    next();
    if (match(tt.arrow)) {
        if (canBeArrow && !canInsertSemicolon()) {
            $scopeDepth++;
            markPriorBindingIdentifier(false);
            next();
            parseArrowExpression();
            return true;
        }
    } else if (match(tt._do) && !canInsertSemicolon()) {
        next();
        parseBlock();
        return false;
    }
    $roles[$count - 1] = IdentifierRole.Access;
    return false;
}

// `start` is the first token of what the subscripts are of.
function parseSubscripts(start, noCalls = false) {
    while (IS_SUBSCRIPT[$type >> 10]) {
        if (match(tt.dot)) {
            next();
            eat(tt.hash);
            next();
            $types[$count - 1] = tt.name;
        } else if (match(tt.parenL) && !noCalls && $keywords[$count - 1] !== ContextualKeyword._async) {
            parseCall();
        } else if (tsParseSubscript(start, noCalls)) {
            return;
        }
        if ($error !== null) return;
    }
}

function parseCall() {
    const contextId = nextContextId++;
    next();
    $contextIds[$count - 1] = contextId;
    parseCallExpressionArguments();
    $contextIds[$count - 1] = contextId;
}

// Answers whether there are no subscripts after this one, or it was none.
function tsParseSubscript(start, noCalls) {
    if (match(tt.bang)) {
        if (hasPrecedingLineBreak()) return true;
        next();
        $types[$count - 1] = tt.nonNullAssertion;
        return false;
    }
    if (match(tt.lessThan) || match(tt.bitShiftL)) {
        return !parseTypedSubscript(start, noCalls);
    }
    if (!noCalls && match(tt.questionDot) && lookaheadType() === tt.lessThan) {
        next();
        tsParseTypeArguments();
        expect(tt.parenL);
        parseCallExpressionArguments();
    }
    return baseParseSubscript(start, noCalls);
}

// What `f<T>` can be goes on for as long as it makes sense; else `<` is an operator. Answers whether it was a subscript.
function parseTypedSubscript(start, noCalls) {
    const snapshot = takeSnapshot();
    // Most likely an arrow function, `async <T>() => ...`, but maybe a call, `async<T>()`.
    if (!noCalls && atPossibleAsync() && tsTryParseGenericAsyncArrowFunction()) return true;
    tsParseTypeArgumentsWithPossibleBitshift();
    if (!noCalls && match(tt.parenL)) {
        next();
        parseCallExpressionArguments();
    } else if (match(tt.backQuote)) {
        parseTemplate();
    } else if (
        // `a<b>>c` is `a < (b >> c)`, and `a<b>c` is `(a < b) > c`.
        match(tt.greaterThan) ||
        (!match(tt.parenL) && $type & TokenType.IS_EXPRESSION_START && !hasPrecedingLineBreak())
    ) {
        unexpected();
    }
    if ($error === null) return true;
    goBackTo(snapshot);
    return false;
}

function baseParseSubscript(start, noCalls) {
    if (!noCalls && eat(tt.doubleColon)) {
        parseNoCallExpr();
        parseSubscripts(start, noCalls);
        return true;
    }
    if (match(tt.questionDot)) {
        if (noCalls && lookaheadType() === tt.parenL) return true;
        next();
        if (eat(tt.bracketL)) {
            parseExpression();
            expect(tt.bracketR);
        } else if (eat(tt.parenL)) {
            parseCallExpressionArguments();
        } else {
            parseMaybePrivateName();
        }
    } else if (eat(tt.dot)) {
        parseMaybePrivateName();
    } else if (eat(tt.bracketL)) {
        parseExpression();
        expect(tt.bracketR);
    } else if (!noCalls && match(tt.parenL)) {
        return atPossibleAsync() ? parseCallOfAsync() : (parseCall(), false);
    } else if (match(tt.backQuote)) {
        parseTemplate();
    } else {
        return true;
    }
    return false;
}

// `async(...)` is a call, or the parameters of an arrow function; then there are no more subscripts.
function parseCallOfAsync() {
    const snapshot = takeSnapshot();
    const start = $count;
    parseCall();
    if (!shouldParseAsyncArrow()) return false;
    goBackTo(snapshot);
    $scopeDepth++;
    parseFunctionParams();
    parseAsyncArrowFromCallExpression(start);
    return true;
}

function tsParseType() {
    if (match(tt.name) && isContextual(ContextualKeyword.NONE)) {
        // The most common of types. It takes three tokens to know one that begins with a name and is no reference.
        next();
        if (ENDS_TYPE[$type >> 10]) return;
        parseTypeAfterName();
    } else {
        tsParseNonConditionalType();
    }
    if ($noConditional || hasPrecedingLineBreak() || !eat(tt._extends)) return;
    const outer = $noConditional;
    $noConditional = true;
    tsParseNonConditionalType();
    $noConditional = outer;
    expect(tt.question);
    tsParseType();
    expect(tt.colon);
    tsParseType();
}

// A type that is not conditional, and whose first token was a name.
function parseTypeAfterName() {
    const outer = $noConditional;
    $noConditional = false;
    while (eat(tt.dot)) parseIdentifier();
    if (match(tt.lessThan) && !hasPrecedingLineBreak()) tsParseTypeArguments();
    while (match(tt.bracketL) && !hasPrecedingLineBreak()) {
        next();
        if (!eat(tt.bracketR)) {
            tsParseType();
            expect(tt.bracketR);
        }
    }
    $noConditional = outer;
    while (eat(tt.bitwiseAND)) tsParseTypeOperatorOrHigher();
    while (eat(tt.bitwiseOR)) tsParseIntersectionTypeOrHigher();
}

function tsTryParseStatementContent() {
    if (!match(tt._const)) return false;
    // A name that begins with another letter, or a bracket, is no `enum`.
    if (input.charCodeAt($pos) === charCodes.space) {
        const code = input.charCodeAt($pos + 1);
        if (code < 128 && code !== charCodes.lowercaseE && (IS_WORD[code] || KINDS[code] > SLASH)) return false;
    }
    const ahead = lookaheadTypeAndKeyword();
    if (ahead.type !== tt.name || ahead.contextualKeyword !== ContextualKeyword._enum) return false;
    next();
    expectContextual(ContextualKeyword._enum);
    $types[$count - 1] = tt._enum;
    tsParseEnumDeclaration();
    return true;
}
