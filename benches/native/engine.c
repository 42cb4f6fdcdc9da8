/* Owns one execution on native QuickJS-NG: new runtime and context, one script, its value as text, everything freed.
 * No limit, no hardening, no snapshot: what an embedder gets who calls the engine as its documentation says. */
#include <string.h>

#include "quickjs.h"

/* Writes the value's text (or, after an exception, the exception's) to `out`, cut to `capacity`, and its full length to
 * `length`. 0: a value, 1: an exception, -1: no memory. `source` must have a zero at `source_length`. */
int agentloop_native_run(const char *source, size_t source_length, char *out, size_t capacity, size_t *length)
{
    *length = 0;
    JSRuntime *runtime = JS_NewRuntime();
    if (!runtime)
        return -1;
    JSContext *context = JS_NewContext(runtime);
    if (!context) {
        JS_FreeRuntime(runtime);
        return -1;
    }
    JSValue value = JS_Eval(context, source, source_length, "script.js", JS_EVAL_TYPE_GLOBAL);
    int status = JS_IsException(value);
    if (status)
        value = JS_GetException(context);
    const char *text = JS_ToCStringLen(context, length, value);
    if (text)
        memcpy(out, text, *length < capacity ? *length : capacity);
    else
        status = -1;
    JS_FreeCString(context, text);
    JS_FreeValue(context, value);
    JS_FreeContext(context);
    JS_FreeRuntime(runtime);
    return status;
}
