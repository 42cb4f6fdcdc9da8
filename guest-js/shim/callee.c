/* Owns the name in "x.y is not a function": the engine knows where the call stands, the text of the script says what is there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim.h"

enum { NAME_BYTES_MAX = 80 };

/* The text that runs, which ends with a zero. NULL while none does. */
static const char *script;

void callee_in(const char *text)
{
    script = text;
}

static bool is_name_byte(char byte)
{
    unsigned char c = byte;
    return c == '_' || c == '$' || c == '#' || c >= 0x80 || isalnum(c);
}

/* Where the innermost frame stands in the script, if it is one of the script. */
static const char *place_in(const char *stack)
{
    const char *end = strchr(stack, '\n');
    const char *file = strstr(stack, script_file);
    if (!file || (end && file > end) || file[strlen(script_file)] != ':')
        return NULL;
    char *rest;
    unsigned long line = strtoul(file + strlen(script_file) + 1, &rest, 10);
    unsigned long column = *rest == ':' ? strtoul(rest + 1, NULL, 10) : 0;
    if (!line || !column)
        return NULL;
    const char *start = script;
    while (--line && start)
        start = (start = strchr(start, '\n')) ? start + 1 : NULL;
    return start && column - 1 <= strcspn(start, "\n") ? start + column - 1 : NULL;
}

/* The whole name around `place`: `a.b.c` of a place at `c`. Its length; 0: there is none. */
static size_t name_around(const char **place)
{
    const char *start = *place, *end = *place;
    while (is_name_byte(*end))
        end++;
    if (end == start || isdigit((unsigned char)*start))
        return 0;
    while (start > script && end - start < NAME_BYTES_MAX) {
        const char *dot = start - 1;
        if (*dot != '.' || dot == script)
            break;
        const char *before = dot[-1] == '?' ? dot - 1 : dot;
        if (before == script || !is_name_byte(before[-1]))
            break;
        for (start = before; start > script && is_name_byte(start[-1]);)
            start--;
    }
    *place = start;
    return end - start;
}

/* The name of what `new` is applied to: all of `a.B` of a place at `new`. */
static size_t name_behind_new(const char **place)
{
    const char *start = *place + strlen("new");
    start += strspn(start, " ");
    const char *end = start;
    while (is_name_byte(*end) || (*end == '.' && is_name_byte(end[1])))
        end++;
    *place = start;
    return end - start;
}

static bool is_keyword(const char *name, size_t length)
{
    static const char *const KEYWORDS[] = {"super", "import", "function", "class", "await", "async"};
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (strlen(KEYWORDS[i]) == length && memcmp(KEYWORDS[i], name, length) == 0)
            return true;
    }
    return false;
}

JSValue agentloop_name_callee(JSContext *ctx)
{
    JSValue error = JS_GetException(ctx);
    JSValue stack = JS_GetPropertyStr(ctx, error, "stack");
    const char *text = JS_ToCString(ctx, stack);
    const char *name = text ? place_in(text) : NULL;
    bool is_new = name && strncmp(name, "new ", 4) == 0;
    size_t length = is_new ? name_behind_new(&name) : name ? name_around(&name) : 0;
    if (length && length <= NAME_BYTES_MAX && !is_keyword(name, length)) {
        char message[NAME_BYTES_MAX + 32];
        int written = snprintf(message, sizeof message, "%.*s is not a %s", (int)length, name,
                               is_new ? "constructor" : "function");
        JSValue told = JS_NewStringLen(ctx, message, written);
        JS_DefinePropertyValueStr(ctx, error, "message", told, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    }
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, stack);
    return JS_Throw(ctx, error);
}
