/* Owns the way out of `console.*`. Formatting is the prelude's. */
#include "shim.h"

/* write(level: 0..4, text: string) */
JSValue console_write(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t level;
    size_t length;
    if (JS_ToInt32(ctx, &level, argv[0]))
        return JS_EXCEPTION;
    const char *bytes = text_of(argv[1], &length);
    if (!bytes)
        return JS_EXCEPTION;
    sandbox_string_t text = {.ptr = (uint8_t *)bytes, .len = length};
    meter_end();
    agentloop_sandbox_console_write((agentloop_sandbox_console_level_t)level, &text);
    JS_FreeCString(ctx, bytes);
    return JS_UNDEFINED;
}
