/* Owns how a JavaScript value becomes JSON text: the arguments of a call and the final value. The rules are written for
 * users in docs/VALUES.md: what JSON.stringify does, except that what it would silently lose is either kept or an error
 * that names the place. Getters, `toJSON` and proxies run code of the script here; they are metered like any other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/* The contract's bound on the nesting of any value that crosses. */
enum { DEPTH_MAX = 128 };
/* The engine cuts messages at 256 bytes. */
enum { PATH_BYTES_MAX = 100 };

typedef struct {
    char *bytes;
    size_t length;
    size_t capacity;
} Buffer;

/* Reused by every encoding of a run. */
static Buffer buffer;

/* Where the encoder is: for the message of an error, and to recognise a cycle. */
typedef struct {
    void *object;
    JSAtom key;    /* JS_ATOM_NULL: an index */
    int64_t index; /* -1: at the object itself, at no member yet */
} Place;
static Place places[DEPTH_MAX];
static int depth;
static const char *subject;
/* A getter or `toJSON` that runs during an encoding must not start another: there is one buffer. */
static bool encoding;

static int encode_value(JSValueConst value);

static int out_of_memory(void)
{
    allocation_failed = true;
    JS_ThrowOutOfMemory(context);
    return -1;
}

static int reserve(size_t more)
{
    if (buffer.capacity - buffer.length >= more)
        return 0;
    size_t capacity = buffer.capacity + buffer.capacity / 2;
    if (capacity < buffer.length + more)
        capacity = buffer.length + more + 256;
    char *grown = realloc(buffer.bytes, capacity);
    if (!grown)
        return out_of_memory();
    buffer.bytes = grown;
    buffer.capacity = capacity;
    return 0;
}

static int put(const char *bytes, size_t length)
{
    if (reserve(length))
        return -1;
    memcpy(buffer.bytes + buffer.length, bytes, length);
    buffer.length += length;
    return 0;
}

static int put_byte(char byte)
{
    if (reserve(1))
        return -1;
    buffer.bytes[buffer.length++] = byte;
    return 0;
}

#define PUT(literal) put(literal, sizeof(literal) - 1)

/* ` at .items[3].name`, the way to the value at hand. Cut where it gets long, so that the reason after it is not. */
static void write_path(char *out, size_t size)
{
    size_t length = 0;
    out[0] = 0;
    for (int i = 0; i < depth; i++) {
        if (places[i].key == JS_ATOM_NULL && places[i].index < 0)
            continue;
        const char *key = places[i].key == JS_ATOM_NULL ? NULL : JS_AtomToCString(context, places[i].key);
        const char *at = length ? "" : " at ";
        int written = key ? snprintf(out + length, size - length, "%s.%.40s", at, key)
                          : snprintf(out + length, size - length, "%s[%lld]", at, (long long)places[i].index);
        JS_FreeCString(context, key);
        if (written < 0 || length + written >= size) {
            strcpy(out + length, "…");
            return;
        }
        length += written;
    }
}

static int refuse(const char *reason)
{
    char path[PATH_BYTES_MAX + sizeof "…"];
    write_path(path, PATH_BYTES_MAX);
    JS_ThrowTypeError(context, "%s%s: %s", subject, path, reason);
    return -1;
}

static const char HEX[] = "0123456789abcdef";

static int put_escape(unsigned char byte)
{
    switch (byte) {
    case '"': return PUT("\\\"");
    case '\\': return PUT("\\\\");
    case '\b': return PUT("\\b");
    case '\f': return PUT("\\f");
    case '\n': return PUT("\\n");
    case '\r': return PUT("\\r");
    case '\t': return PUT("\\t");
    }
    char escape[] = {'\\', 'u', '0', '0', HEX[byte >> 4], HEX[byte & 15]};
    return put(escape, sizeof escape);
}

/* How much of a text can be put as it stands. */
static size_t plain_length(const char *text, size_t length)
{
    size_t i = 0;
    for (;;) {
        while (i + 8 <= length && agentloop_is_plain(text + i))
            i += 8;
        size_t end = i + 8 < length ? i + 8 : length;
        for (; i < end; i++) {
            unsigned char byte = text[i];
            if (byte < 0x20 || byte == '"' || byte == '\\')
                return i;
        }
        if (i == length)
            return i;
    }
}

static int put_quoted(const char *text, size_t length)
{
    size_t start = 0;
    if (put_byte('"'))
        return -1;
    for (size_t i = plain_length(text, length); i < length; i += 1 + plain_length(text + i + 1, length - i - 1)) {
        unsigned char byte = text[i];
        if (put(text + start, i - start) || put_escape(byte))
            return -1;
        start = i + 1;
    }
    return put(text + start, length - start) || put_byte('"') ? -1 : 0;
}

static int put_string(JSValueConst value)
{
    size_t length;
    const char *text = text_of(value, &length);
    if (!text)
        return -1;
    int result = put_quoted(text, length);
    JS_FreeCString(context, text);
    return result;
}

static int put_key(JSAtom key)
{
    size_t length;
    const char *text = text_of_key(key, &length);
    if (!text)
        return -1;
    int result = put_quoted(text, length);
    JS_FreeCString(context, text);
    return result || put_byte(':') ? -1 : 0;
}

static int put_number(JSValueConst value)
{
    double number;
    if (JS_ToFloat64(context, &number, value))
        return -1;
    if (!__builtin_isfinite(number))
        return PUT("null");
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, value);
    if (!text)
        return -1;
    int result = put(text, length);
    JS_FreeCString(context, text);
    return result;
}

/* Whole numbers of JSON are read as doubles nearly everywhere: beyond 2^53 a digit would be lost. */
static int put_bigint(JSValueConst value)
{
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, value);
    if (!text)
        return -1;
    const char *digits = text[0] == '-' ? text + 1 : text;
    size_t count = length - (digits - text);
    bool safe = count < 16 || (count == 16 && strcmp(digits, "9007199254740991") <= 0);
    int result = safe ? put(text, length)
                      : refuse("a BigInt beyond 2^53-1 has no exact JSON number; use String(value)");
    JS_FreeCString(context, text);
    return result;
}

static int enter(JSValueConst value)
{
    void *object = JS_VALUE_GET_PTR(value);
    for (int i = 0; i < depth; i++) {
        if (places[i].object == object)
            return refuse("it refers back to an object that contains it (a cycle)");
    }
    if (depth == DEPTH_MAX) {
        /* No path: it would be 128 names long. */
        JS_ThrowTypeError(context, "%s: it is nested more than 128 deep", subject);
        return -1;
    }
    places[depth++] = (Place){.object = object, .key = JS_ATOM_NULL, .index = -1};
    return 0;
}

static void leave(void)
{
    depth--;
}

static bool is_absent(JSValueConst value)
{
    return JS_IsUndefined(value) || JS_IsSymbol(value) || JS_IsFunction(context, value);
}

/* One property of the object that is open. Takes `value`. */
static int put_member(JSAtom key, JSValue value, bool *first)
{
    places[depth - 1].key = key;
    int result = 0;
    if (!is_absent(value)) {
        if (!*first)
            result = put_byte(',');
        *first = false;
        result = result || put_key(key) || encode_value(value) ? -1 : 0;
    }
    JS_FreeValue(context, value);
    return result;
}

static int put_object(JSValueConst object)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (JS_GetOwnPropertyNames(context, &names, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY))
        return -1;
    bool first = true;
    int result = put_byte('{');
    for (uint32_t i = 0; i < count && !result; i++) {
        JSValue value = JS_GetProperty(context, object, names[i].atom);
        result = JS_IsException(value) ? -1 : put_member(names[i].atom, value, &first);
    }
    JS_FreePropertyEnum(context, names, count);
    return result || put_byte('}') ? -1 : 0;
}

/* One element of the array that is open. Takes `value`. */
static int put_element(int64_t index, JSValue value)
{
    places[depth - 1].key = JS_ATOM_NULL;
    places[depth - 1].index = index;
    int result = index ? put_byte(',') : 0;
    if (!result)
        result = is_absent(value) ? PUT("null") : encode_value(value);
    JS_FreeValue(context, value);
    return result;
}

static int put_array(JSValueConst array)
{
    int64_t length;
    if (JS_GetLength(context, array, &length))
        return -1;
    int result = put_byte('[');
    for (int64_t i = 0; i < length && !result; i++) {
        JSValue value = JS_GetPropertyInt64(context, array, i);
        result = JS_IsException(value) ? -1 : put_element(i, value);
    }
    return result || put_byte(']') ? -1 : 0;
}

static int put_map(JSValueConst map)
{
    JSValue entries = JS_Call(context, bridge.map_entries, JS_UNDEFINED, 1, &map);
    int64_t length;
    if (JS_IsException(entries) || JS_GetLength(context, entries, &length))
        return -1;
    bool first = true;
    int result = put_byte('{');
    for (int64_t i = 0; i < length && !result; i += 2) {
        JSValue key = JS_GetPropertyInt64(context, entries, i);
        if (!JS_IsString(key)) {
            result = refuse("a Map with a key that is not a string; use Object.fromEntries or [...map]");
        } else {
            JSAtom atom = JS_ValueToAtom(context, key);
            JSValue value = JS_GetPropertyInt64(context, entries, i + 1);
            result = atom == JS_ATOM_NULL || JS_IsException(value) ? -1 : put_member(atom, value, &first);
            JS_FreeAtom(context, atom);
        }
        JS_FreeValue(context, key);
    }
    JS_FreeValue(context, entries);
    return result || put_byte('}') ? -1 : 0;
}

/* An array that a function of the prelude makes of the value: of a Set, or of the bytes of a typed array. */
static int put_listed(JSValueConst lister, JSValueConst value)
{
    JSValue list = JS_Call(context, lister, JS_UNDEFINED, 1, &value);
    if (JS_IsException(list))
        return -1;
    int result = put_array(list);
    JS_FreeValue(context, list);
    return result;
}

static int put_error(JSValueConst error)
{
    static const char *const NAMES[] = {"name", "message", "cause"};
    bool first = true;
    int result = put_byte('{');
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES && !result; i++) {
        JSAtom key = JS_NewAtom(context, NAMES[i]);
        JSValue value = JS_GetProperty(context, error, key);
        result = JS_IsException(value) ? -1 : put_member(key, value, &first);
        JS_FreeAtom(context, key);
    }
    return result || put_byte('}') ? -1 : 0;
}

/* A proxy is what its innermost target is, as for JSON.stringify; its traps are what answers. */
static bool is_array(JSValueConst value)
{
    if (!JS_IsProxy(value))
        return JS_IsArray(value);
    JSValue target = JS_DupValue(context, value);
    while (JS_IsProxy(target)) {
        JSValue inner = JS_GetProxyTarget(context, target);
        JS_FreeValue(context, target);
        target = inner;
    }
    bool answer = JS_IsArray(target);
    JS_FreeValue(context, target);
    return answer;
}

/* Kinds that JSON.stringify would turn into `{}`. Takes nothing; -1 with a message, or the encoding. */
static int put_exotic(JSValueConst object)
{
    if (JS_IsMap(object))
        return put_map(object);
    if (JS_IsSet(object))
        return put_listed(bridge.set_values, object);
    if (JS_IsError(object))
        return put_error(object);
    if (JS_GetTypedArrayType(object) >= 0)
        return put_listed(bridge.typed_values, object);
    if (JS_IsPromise(object))
        return refuse("it is a Promise; is an `await` missing?");
    JSValue plain = JS_Call(context, bridge.plain, JS_UNDEFINED, 1, &object);
    if (JS_IsException(plain))
        return -1;
    /* The prelude answers with a primitive, with a description to refuse, or with nothing: an ordinary object. */
    int result;
    if (JS_IsUndefined(plain)) {
        result = put_object(object);
    } else if (JS_IsObject(plain)) {
        JSValue reason = JS_GetPropertyStr(context, plain, "refusal");
        const char *text = JS_ToCString(context, reason);
        result = text ? refuse(text) : -1;
        JS_FreeCString(context, text);
        JS_FreeValue(context, reason);
    } else {
        result = encode_value(plain);
    }
    JS_FreeValue(context, plain);
    return result;
}

static int put_container(JSValueConst object)
{
    if (enter(object))
        return -1;
    int result;
    if (is_array(object))
        result = put_array(object);
    else if (JS_GetClassID(object) == bridge.plain_object_class || JS_IsProxy(object))
        result = put_object(object);
    else
        result = put_exotic(object);
    leave();
    return result;
}

/* What stands for an object after its own `toJSON`, if it has one. Takes nothing, gives a new reference. */
static JSValue apply_to_json(JSValueConst object)
{
    JSValue to_json = JS_GetProperty(context, object, bridge.to_json);
    if (!JS_IsFunction(context, to_json)) {
        if (JS_IsException(to_json))
            return to_json;
        JS_FreeValue(context, to_json);
        return JS_DupValue(context, object);
    }
    JSValue key = JS_NewString(context, "");
    JSValue result = JS_Call(context, to_json, object, 1, &key);
    JS_FreeValue(context, key);
    JS_FreeValue(context, to_json);
    return result;
}

static int encode_value(JSValueConst value)
{
    if (JS_IsString(value))
        return put_string(value);
    if (JS_IsNumber(value))
        return put_number(value);
    if (JS_IsBool(value))
        return JS_VALUE_GET_BOOL(value) ? PUT("true") : PUT("false");
    if (JS_IsBigInt(value))
        return put_bigint(value);
    if (!JS_IsObject(value) || JS_IsFunction(context, value))
        return PUT("null");
    JSValue standing = apply_to_json(value);
    if (JS_IsException(standing))
        return -1;
    int result = JS_IsObject(standing) && !JS_IsFunction(context, standing) ? put_container(standing)
                                                                           : encode_value(standing);
    JS_FreeValue(context, standing);
    return result;
}

int encode_json(JSValueConst value, const char *what, Text *out)
{
    if (encoding) {
        JS_ThrowTypeError(context, "a getter or toJSON cannot call a tool during the encoding of %s", subject);
        return -1;
    }
    subject = what;
    buffer.length = 0;
    depth = 0;
    encoding = true;
    int result = encode_value(value);
    encoding = false;
    if (result)
        return -1;
    *out = (Text){.bytes = buffer.bytes, .length = buffer.length};
    return 0;
}
