/* Owns the way from the text of a script to code of the engine. */
#include <stdio.h>
#include <string.h>

#include "shim.h"

enum { FILE_BYTES_MAX = 24 };
char script_file[FILE_BYTES_MAX] = "script.js";

void compile_next(void)
{
    static unsigned number;
    if (++number > 1) {
        snprintf(script_file, sizeof script_file, "script-%u.js", number);
        agentloop_may_redeclare = true;
    }
}

static JSModuleDef *refuse_module(JSContext *ctx, const char *name, void *opaque)
{
    JS_ThrowTypeError(ctx, "cannot import '%s': there are no modules in the sandbox; what it offers is in `tools`", name);
    return NULL;
}

/* Compiles without running. The text is compiled as it stands: nothing is put around it that it could close. It ends with a
 * zero. */
static JSValue compile(const char *text, size_t length)
{
    const int flags = JS_EVAL_FLAG_COMPILE_ONLY | JS_EVAL_FLAG_STRICT;
    JSValue code = JS_Eval(context, text, length, script_file, flags | JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_ASYNC);
    if (!JS_IsException(code) || !agentloop_program.is_module)
        return code;
    JS_FreeValue(context, JS_GetException(context));
    return JS_Eval(context, text, length, script_file, flags | JS_EVAL_TYPE_MODULE);
}

/* Has the prelude make JavaScript of a text that is none, which `error` says, and compiles that. Takes `error`; another one, or
 * the same, is pending if the text is nothing else either. */
static JSValue compile_translated(JSValue *text, JSValue error)
{
    JSValue file = JS_NewString(context, script_file);
    JSValueConst arguments[] = {*text, error, file};
    JSValue translated = JS_Call(context, bridge.retranslate, JS_UNDEFINED, 3, arguments);
    JS_FreeValue(context, file);
    JS_FreeValue(context, error);
    if (JS_IsException(translated))
        return JS_EXCEPTION;
    JS_FreeValue(context, *text);
    *text = translated;
    size_t length;
    const char *bytes = JS_ToCStringLen(context, &length, translated);
    if (!bytes)
        return JS_EXCEPTION;
    callee_in(bytes);
    return compile(bytes, length);
}

JSValue compile_script(const sandbox_string_t *script, JSValue *text_out)
{
    JS_SetModuleLoaderFunc(runtime, NULL, refuse_module, NULL);
    /* Kept for the messages of errors. */
    char *bytes = js_malloc(context, script->len + 1);
    if (!bytes)
        return JS_EXCEPTION;
    memcpy(bytes, script->ptr, script->len);
    bytes[script->len] = 0;
    callee_in(bytes);
    JSValue code = compile(bytes, script->len);
    if (!text_out && !JS_IsException(code))
        return code;
    JSValue error = JS_GetException(context);
    JSValue text = JS_NewStringLen(context, bytes, script->len);
    if (JS_IsException(text)) {
        JS_FreeValue(context, code);
        JS_FreeValue(context, error);
        return JS_EXCEPTION;
    }
    if (JS_IsException(code))
        code = compile_translated(&text, error);
    if (text_out)
        *text_out = text;
    else
        JS_FreeValue(context, text);
    return code;
}
