/* Short ways through JSON text: included by quickjs.c (build/patches/json.rs), before its own ways, which are taken where these do not
 * know. What they make is the same. */

/* The closing quote of a string in ASCII without escapes, of which the opening quote was read. NULL: it is another, or has no end. */
static const uint8_t *agentloop_json_quote(JSParseState *s, const uint8_t *p)
{
    while (s->buf_end - p >= 8 && agentloop_is_plain(p))
        p += 8;
    while (p < s->buf_end && *p != '"') {
        if (*p == '\\' || *p < 0x20 || *p >= 0x80)
            return NULL;
        p++;
    }
    return p < s->buf_end ? p : NULL;
}

/* The name of a property, where one comes next. JS_ATOM_NULL: the next token is to be read. */
static JSAtom agentloop_json_name(JSParseState *s)
{
    const uint8_t *p = s->buf_ptr;
    while (*p == ' ')
        p++;
    const uint8_t *quote = *p == '"' ? agentloop_json_quote(s, p + 1) : NULL;
    if (!quote)
        return JS_ATOM_NULL;
    JSAtom name = JS_NewAtomLen(s->ctx, (const char *)p + 1, quote - p - 1);
    if (name == JS_ATOM_NULL)
        JS_FreeValue(s->ctx, JS_GetException(s->ctx));
    else
        s->buf_ptr = quote + 1;
    return name;
}

/* A number of at most 15 digits without an exponent: such an integer is exact, and so is the power of ten that it is divided by
 * (W. D. Clinger, "How to Read Floating Point Numbers Accurately"). */
static bool agentloop_json_number(const uint8_t **place, JSValue *value)
{
    static const double POWERS[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const uint8_t *p = *place;
    bool is_negative = *p == '-';
    p += is_negative;
    if (!is_digit(*p) || (p[0] == '0' && is_digit(p[1])))
        return false;
    int64_t digits = 0;
    int count = 0, decimals = 0;
    for (; is_digit(*p) && count < 15; p++, count++)
        digits = digits * 10 + (*p - '0');
    if (*p == '.') {
        for (p++; is_digit(*p) && count < 15; p++, count++, decimals++)
            digits = digits * 10 + (*p - '0');
        if (!decimals)
            return false;
    }
    if (is_digit(*p) || *p == '.' || (*p | 0x20) == 'e')
        return false;
    *place = p;
    if (!decimals && digits <= INT32_MAX && (digits || !is_negative))
        *value = js_int32(is_negative ? -digits : digits);
    else
        *value = js_float64((is_negative ? -(double)digits : (double)digits) / POWERS[decimals]);
    return true;
}

/* Adds a property to an object that nobody has seen yet. Takes `value`. */
static int agentloop_json_add(JSContext *ctx, JSValueConst object, JSAtom name, JSValue value)
{
    JSProperty *property;
    JSObject *p = JS_VALUE_GET_OBJ(object);
    if (__JS_AtomIsTaggedInt(name) || find_own_property(&property, p, name))
        return JS_DefinePropertyValue(ctx, object, name, value, JS_PROP_C_W_E);
    property = add_property(ctx, p, name, JS_PROP_C_W_E);
    if (!property) {
        JS_FreeValue(ctx, value);
        return -1;
    }
    property->u.value = value;
    return 1;
}

/* Where the first byte is that has to be escaped. */
static const uint8_t *agentloop_json_escaped(const uint8_t *p, const uint8_t *end)
{
    while (end - p >= 8 && agentloop_is_plain(p))
        p += 8;
    while (p < end && *p >= 0x20 && *p != '"' && *p != '\\')
        p++;
    return p;
}

static void agentloop_json_write_escaped(StringBuffer *b, const uint8_t *p, const uint8_t *end)
{
    static const char LETTERS[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
    string_buffer_putc8(b, '"');
    for (;;) {
        const uint8_t *stop = agentloop_json_escaped(p, end);
        if (stop > p)
            string_buffer_write8(b, p, stop - p);
        if (stop == end)
            break;
        char letter = LETTERS[*stop], text[7] = {'\\', letter};
        if (!letter)
            snprintf(text, sizeof text, "\\u%04x", *stop);
        string_buffer_write8(b, (const uint8_t *)text, letter ? 2 : 6);
        p = stop + 1;
    }
    string_buffer_putc8(b, '"');
}

/* Writes a string in quotes. One of 16-bit units, or of parts, is left to the engine: false. */
static bool agentloop_json_write_string(StringBuffer *b, JSValueConst value)
{
    if (JS_VALUE_GET_TAG(value) != JS_TAG_STRING || JS_VALUE_GET_STRING(value)->is_wide_char)
        return false;
    int length = JS_VALUE_GET_STRING(value)->len;
    const uint8_t *p = str8(JS_VALUE_GET_STRING(value)), *end = p + length;
    if (b->is_wide_char || agentloop_json_escaped(p, end) < end) {
        agentloop_json_write_escaped(b, p, end);
        return true;
    }
    if (length > b->size - b->len - 2 && string_buffer_realloc(b, b->len + length + 2, 0))
        return true;
    uint8_t *to = str8(b->str) + b->len;
    to[0] = '"';
    memcpy(to + 1, p, length);
    to[length + 1] = '"';
    b->len += length + 2;
    return true;
}

/* Writes a string, or the text of another value, in quotes. */
static int agentloop_json_write(JSContext *ctx, StringBuffer *b, JSValueConst value)
{
    if (agentloop_json_write_string(b, value))
        return b->error_status ? -1 : 0;
    JSValue quoted = JS_ToQuotedString(ctx, value);
    return JS_IsException(quoted) ? -1 : string_buffer_concat_value_free(b, quoted);
}

static int agentloop_json_write_integer(StringBuffer *b, int32_t value)
{
    char text[12];
    size_t length = i32toa(text, value);
    return string_buffer_write8(b, (const uint8_t *)text, length);
}
