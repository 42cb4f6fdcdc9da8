/* Owns what encoding.js and clone.js cannot do in JavaScript, or not fast enough: strings to bytes and back, base64,
 * and the engine's own view of an object. None of it runs code of the script: the prelude passes values of the right
 * type. */
#include <string.h>

#include "shim.h"

/* encode(text) => Uint8Array */
JSValue codec_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    const char *text = text_of(argv[0], &length);
    if (!text)
        return JS_EXCEPTION;
    JSValue bytes = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, length);
    JS_FreeCString(ctx, text);
    return bytes;
}

static JSValue counts(JSContext *ctx, size_t read, size_t written)
{
    JSValue result = JS_NewObject(ctx);
    if (JS_IsException(result))
        return result;
    if (JS_DefinePropertyValueStr(ctx, result, "read", JS_NewInt64(ctx, read), JS_PROP_C_W_E) < 0 ||
        JS_DefinePropertyValueStr(ctx, result, "written", JS_NewInt64(ctx, written), JS_PROP_C_W_E) < 0) {
        JS_FreeValue(ctx, result);
        return JS_EXCEPTION;
    }
    return result;
}

/* encodeInto(text, target: Uint8Array that is not empty) => {read, written} */
JSValue codec_encode_into(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length, room, read = 0, written = 0;
    uint8_t *target = JS_GetUint8Array(ctx, &room, argv[1]);
    if (!target)
        return JS_EXCEPTION;
    const char *text = text_of(argv[0], &length);
    if (!text)
        return JS_EXCEPTION;
    while (written < length) {
        uint8_t lead = text[written];
        size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (size > room - written)
            break;
        written += size;
        read += size == 4 ? 2 : 1;
    }
    memcpy(target, text, written);
    JS_FreeCString(ctx, text);
    return counts(ctx, read, written);
}

/* The length of the UTF-8 sequence at `at`; of its maximal subpart, if it is not `whole`. `left` is at least one. */
static size_t sequence(const uint8_t *at, size_t left, bool *whole)
{
    uint8_t lead = at[0], low = 0x80, high = 0xBF;
    size_t size = 1;
    *whole = lead < 0x80;
    if (lead >= 0xC2 && lead <= 0xDF) {
        size = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        size = 3;
        low = lead == 0xE0 ? 0xA0 : 0x80;
        high = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        size = 4;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 1;
    }
    for (size_t i = 1; i < size; i++) {
        if (i == left || at[i] < low || at[i] > high)
            return i;
        low = 0x80;
        high = 0xBF;
    }
    *whole = true;
    return size;
}

/* The string for bytes of which some are not UTF-8: U+FFFD, of three bytes, stands for each maximal subpart. */
static JSValue decode_mended(JSContext *ctx, const uint8_t *bytes, size_t length)
{
    if (length > SIZE_MAX / 3)
        return JS_ThrowRangeError(ctx, "invalid string length");
    char *text = js_malloc(ctx, 3 * length);
    if (!text)
        return JS_EXCEPTION;
    size_t end = 0;
    for (size_t i = 0; i < length;) {
        bool whole;
        size_t size = sequence(bytes + i, length - i, &whole);
        if (whole) {
            for (size_t j = 0; j < size; j++)
                text[end++] = bytes[i + j];
        } else {
            text[end++] = (char)0xEF;
            text[end++] = (char)0xBF;
            text[end++] = (char)0xBD;
        }
        i += size;
    }
    JSValue string = JS_NewStringLen(ctx, text, end);
    js_free(ctx, text);
    return string;
}

/* decode(bytes: Uint8Array that is not empty, fatal: boolean) => string; undefined, if they are not UTF-8 and that is
 * fatal */
JSValue codec_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length;
    bool whole = true;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[0]);
    if (!bytes)
        return JS_EXCEPTION;
    for (size_t i = 0; i < length && whole;)
        i += sequence(bytes + i, length - i, &whole);
    if (whole)
        return JS_NewStringLen(ctx, (const char *)bytes, length);
    return JS_ToBool(ctx, argv[1]) ? JS_UNDEFINED : decode_mended(ctx, bytes, length);
}

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static JSValue base64_of(JSContext *ctx, const uint16_t *units, size_t length)
{
    if (length > SIZE_MAX / 4)
        return JS_ThrowRangeError(ctx, "invalid string length");
    char *text = js_malloc(ctx, (length + 2) / 3 * 4 + 1);
    if (!text)
        return JS_EXCEPTION;
    size_t end = 0;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t bits = units[i] << 16 | (left > 1 ? units[i + 1] << 8 : 0) | (left > 2 ? units[i + 2] : 0);
        text[end++] = BASE64[bits >> 18];
        text[end++] = BASE64[bits >> 12 & 63];
        text[end++] = left > 1 ? BASE64[bits >> 6 & 63] : '=';
        text[end++] = left > 2 ? BASE64[bits & 63] : '=';
    }
    JSValue string = JS_NewStringLen(ctx, text, end);
    js_free(ctx, text);
    return string;
}

/* toBase64(text) => string; undefined, if a code unit is more than a byte */
JSValue codec_to_base64(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length, i = 0;
    const uint16_t *units = JS_ToCStringLenUTF16(ctx, &length, argv[0]);
    if (!units)
        return JS_EXCEPTION;
    while (i < length && units[i] <= 0xFF)
        i++;
    JSValue string = i < length ? JS_UNDEFINED : base64_of(ctx, units, length);
    JS_FreeCStringUTF16(ctx, units);
    return string;
}

enum { SPACE = -1, PADDING = -2, OTHER = -3 };

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    switch (c) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return PADDING;
    case ' ':
    case '\t':
    case '\n':
    case '\f':
    case '\r':
        return SPACE;
    default:
        return OTHER;
    }
}

/* Writes each byte as the UTF-8 of the code point that it stands for: two bytes at most. */
static size_t put_byte(char *text, size_t end, uint8_t byte)
{
    if (byte < 0x80) {
        text[end] = byte;
        return end + 1;
    }
    text[end] = 0xC0 | byte >> 6;
    text[end + 1] = 0x80 | (byte & 0x3F);
    return end + 2;
}

/* Infra's forgiving-base64 decode: white space anywhere, padding or none. False: that is not base64. */
static bool unpack(const char *base64, size_t length, char *text, size_t *end)
{
    uint32_t bits = 0;
    size_t sextets = 0, padding = 0;
    *end = 0;
    for (size_t i = 0; i < length; i++) {
        int value = sextet(base64[i]);
        if (value == SPACE)
            continue;
        if (value == PADDING) {
            padding++;
            continue;
        }
        if (value == OTHER || padding)
            return false;
        bits = bits << 6 | value;
        if (++sextets % 4 == 0) {
            for (int shift = 16; shift >= 0; shift -= 8)
                *end = put_byte(text, *end, bits >> shift);
        }
    }
    if (sextets % 4 == 1 || padding > 2 || (padding && (sextets + padding) % 4))
        return false;
    if (sextets % 4 == 2)
        *end = put_byte(text, *end, bits >> 4);
    if (sextets % 4 == 3) {
        *end = put_byte(text, *end, bits >> 10);
        *end = put_byte(text, *end, bits >> 2);
    }
    return true;
}

/* fromBase64(text) => string of code units that are bytes; undefined, if it is not base64 */
JSValue codec_from_base64(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t length, end;
    const char *base64 = text_of(argv[0], &length);
    if (!base64)
        return JS_EXCEPTION;
    /* Three bytes, each of two in UTF-8, for four characters. */
    char *text = length > SIZE_MAX / 2 ? NULL : js_malloc(ctx, length + length / 2 + 6);
    JSValue string = JS_EXCEPTION;
    if (text)
        string = unpack(base64, length, text, &end) ? JS_NewStringLen(ctx, text, end) : JS_UNDEFINED;
    else if (length > SIZE_MAX / 2)
        JS_ThrowRangeError(ctx, "invalid string length");
    js_free(ctx, text);
    JS_FreeCString(ctx, base64);
    return string;
}

/* isDense(array) => whether its enumerable properties with names are its elements, all of them, and no others. The list
 * of their names as strings, which this spares the caller, would take more memory than the array. */
JSValue codec_is_dense(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    JSPropertyEnum *names;
    uint32_t count;
    int64_t length;
    if (JS_GetLength(ctx, argv[0], &length) ||
        JS_GetOwnPropertyNames(ctx, &names, &count, argv[0], JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY))
        return JS_EXCEPTION;
    /* Elements come first and in order: if the last of so many is the last element, they are all of them. */
    bool dense = count == length;
    if (dense && count) {
        JSAtom last = JS_NewAtomUInt32(ctx, count - 1);
        dense = names[count - 1].atom == last;
        JS_FreeAtom(ctx, last);
    }
    JS_FreePropertyEnum(ctx, names, count);
    return JS_NewBool(ctx, dense);
}
