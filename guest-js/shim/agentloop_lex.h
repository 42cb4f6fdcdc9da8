/* Short ways through the text of a script: included by quickjs.c (build/patches.rs), before its own ways, which are taken where these
 * do not know. */

/* A name without escapes, in ASCII, of which the first character was read. */
static JSAtom agentloop_name(JSContext *ctx, const uint8_t **after_first)
{
    const uint8_t *p = *after_first;
    while (*p < 0x80 && lre_js_is_ident_next(*p))
        p++;
    if (*p == '\\' || *p >= 0x80)
        return JS_ATOM_NULL;
    JSAtom name = JS_NewAtomLen(ctx, (const char *)*after_first - 1, p - *after_first + 1);
    if (name != JS_ATOM_NULL)
        *after_first = p;
    return name;
}

/* A decimal integer of at most nine digits, and nothing that goes on as another number, or as a name. */
static bool agentloop_integer(JSToken *token, const uint8_t **place)
{
    const uint8_t *start = *place, *p = start;
    int32_t value = 0;
    while (is_digit(*p) && p - start < 9)
        value = value * 10 + (*p++ - '0');
    bool is_octal = *start == '0' && p - start > 1;
    if (p == start || is_octal || *p == '.' || *p == '\\' || *p >= 0x80 || lre_js_is_ident_next(*p))
        return false;
    token->val = TOK_NUMBER;
    token->u.num.val = js_int32(value);
    *place = p;
    return true;
}

/* After a string, of which the opening quote was read. NULL: it has no end on its line. */
static const uint8_t *agentloop_after_string(const uint8_t *p, uint8_t quote)
{
    for (; *p != quote; p++) {
        if (*p == '\\')
            p++;
        if (*p == '\0' || *p == '\n' || *p == '\r')
            return NULL;
    }
    return p + 1;
}

/* After the end of a template, or after its next `${`; then `*is_open`. NULL: it has no end. */
static const uint8_t *agentloop_after_template(const uint8_t *p, bool *is_open)
{
    for (; *p != '`'; p++) {
        *is_open = p[0] == '$' && p[1] == '{';
        if (*is_open)
            return p + 2;
        if (*p == '\\')
            p++;
        if (*p == '\0')
            return NULL;
    }
    *is_open = false;
    return p + 1;
}

/* After a comment, of which the first character is at `p`. NULL: it is none, or has no end. */
static const uint8_t *agentloop_after_comment(const uint8_t *p)
{
    if (p[1] == '/') {
        while (*p != '\0' && *p != '\n' && *p != '\r' && *p < 0x80)
            p++;
        return *p == '\n' || *p == '\r' ? p : NULL;
    }
    if (p[1] != '*')
        return NULL;
    for (p += 2; p[0] != '*' || p[1] != '/'; p++) {
        if (*p == '\0')
            return NULL;
    }
    return p + 2;
}

/* After an operator of which one character is at `p`, with what would else be taken for an assignment. NULL: it may begin a comment. */
static const uint8_t *agentloop_after_operator(const uint8_t *p)
{
    const uint8_t *start = p;
    while (*p && strchr("!<>+-*%&|^?~", *p))
        p++;
    bool is_comment = strncmp((const char *)start, "<!--", 4) == 0 || (p - start >= 3 && memcmp(p - 3, "-->", 3) == 0);
    while (*p == '=')
        p++;
    return is_comment ? NULL : p;
}

/* Whether a slash after this byte divides: after what ends a number, most often, or a bracket. After a name it may begin a regular
 * expression. */
static bool agentloop_divides(uint8_t before)
{
    return is_digit(before) || before == ')' || before == ']';
}

/* Passes over the bracket that is the token, and all within it, without making tokens: for js_parse_skip_parens_token, which comes
 * by here once for every bracket around. False where that is not so simple: the text may have a regular expression, is not ASCII
 * outside of strings, or does not fit together. Tells of the same as the long way. */
static bool agentloop_skip_brackets(JSParseState *s, int *bits)
{
    uint8_t open[64], before = 0;
    int level = 0;
    const uint8_t *p = s->token.ptr;
    do {
        bool is_template = false, is_open = false;
        uint8_t c = *p;
        switch (c) {
        case '(': case '[': case '{':
            if (level == countof(open))
                return false;
            open[level++] = c;
            p++;
            break;
        case ')': case ']':
            if (open[--level] != (c == ')' ? '(' : '['))
                return false;
            p++;
            break;
        case '}':
            is_template = open[--level] == '`';
            if (!is_template && open[level] != '{')
                return false;
            p++;
            break;
        case '`':
            is_template = true;
            p++;
            break;
        case '"': case '\'':
            p = agentloop_after_string(p + 1, c);
            break;
        case '/':
            if (agentloop_divides(before) && p[1] != '/' && p[1] != '*')
                p += p[1] == '=' ? 2 : 1;
            else if (p = agentloop_after_comment(p), p)
                continue;
            break;
        case ';':
            *bits |= level == 1 ? SKIP_HAS_SEMI : 0;
            p++;
            break;
        case '.':
            if (p[1] == '.' && p[2] == '.') {
                *bits |= level == 1 ? SKIP_HAS_ELLIPSIS : 0;
                p += 2;
            }
            p++;
            break;
        case '=':
            if (p[1] == '=')
                p += strspn((const char *)p, "=");
            else if (p[1] == '>')
                p += 2;
            else {
                *bits |= SKIP_HAS_ASSIGNMENT;
                p++;
            }
            break;
        case '!': case '<': case '>': case '+': case '-': case '*': case '%': case '&': case '|': case '^': case '?': case '~':
            p = agentloop_after_operator(p);
            break;
        case ' ': case '\t': case '\n': case '\r':
            p++;
            continue;
        default:
            if (c == '\0' || c == '\\' || c >= 0x80)
                return false;
            p++;
        }
        if (is_template) {
            p = agentloop_after_template(p, &is_open);
            if (is_open) {
                if (level == countof(open))
                    return false;
                open[level++] = '`';
            }
        }
        if (!p)
            return false;
        before = p[-1];
    } while (level > 0);
    /* Lines within are not counted: what comes next is compared with the last of them. */
    s->token.line_num = s->line_num;
    s->buf_ptr = p;
    return true;
}
