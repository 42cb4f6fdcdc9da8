/* Owns the description of what left the script as an exception. Everything it reads may be hostile: getters that throw,
 * objects whose `toString` throws, stacks that the script wrote itself. A loop in there is stopped by fuel. */
#include <string.h>

#include "shim.h"

/* Strings of the step that is being returned; released when the next one is made. */
static const char *held[3];

static void hold(int slot, JSValueConst value, sandbox_string_t *out)
{
    size_t length = 0;
    if (held[slot])
        JS_FreeCString(context, held[slot]);
    held[slot] = text_of(value, &length);
    if (!held[slot])
        JS_FreeValue(context, JS_GetException(context));
    *out = (sandbox_string_t){.ptr = (uint8_t *)(held[slot] ? held[slot] : ""), .len = length};
}

/* A string property, or undefined: no conversion, so nothing of the script runs but a getter. */
static JSValue string_property(JSValueConst object, const char *name)
{
    JSValue value = JS_GetPropertyStr(context, object, name);
    if (JS_IsException(value)) {
        JS_FreeValue(context, JS_GetException(context));
        return JS_UNDEFINED;
    }
    if (!JS_IsString(value)) {
        JS_FreeValue(context, value);
        return JS_UNDEFINED;
    }
    return value;
}

static void take(int slot, JSValue value, const char *otherwise, sandbox_string_t *out)
{
    if (JS_IsUndefined(value))
        value = JS_NewString(context, otherwise);
    hold(slot, value, out);
    JS_FreeValue(context, value);
}

/* What the engine throws when an allocation fails; the second when it fails while the message of the first is made. */
static bool is_message_of_lost_allocation(const char *text)
{
    return strcmp(text, "out of memory") == 0 || strcmp(text, "Invalid error message") == 0;
}

/* The engine's own error for a failed allocation, or what is left of one: with no memory for the error itself it is
 * `null`. */
static bool is_out_of_memory(JSValueConst thrown)
{
    if (!allocation_failed)
        return false;
    if (JS_IsNull(thrown))
        return true;
    if (!JS_IsError(thrown))
        return false;
    JSValue message = string_property(thrown, "message");
    const char *text = JS_IsString(message) ? JS_ToCString(context, message) : NULL;
    bool matches = text && is_message_of_lost_allocation(text);
    JS_FreeCString(context, text);
    JS_FreeValue(context, message);
    return matches;
}

void report_value(JSValue thrown, sandbox_step_t *step, bool syntax)
{
    step->tag = AGENTLOOP_SANDBOX_TYPES_STEP_FAILED;
    agentloop_sandbox_types_failure_t *failure = &step->val.failed;
    if (is_out_of_memory(thrown)) {
        failure->tag = AGENTLOOP_SANDBOX_TYPES_FAILURE_OUT_OF_MEMORY;
        JS_FreeValue(context, thrown);
        return;
    }
    agentloop_sandbox_types_exception_t *exception;
    if (syntax) {
        failure->tag = AGENTLOOP_SANDBOX_TYPES_FAILURE_SYNTAX;
        exception = &failure->val.syntax;
    } else {
        failure->tag = AGENTLOOP_SANDBOX_TYPES_FAILURE_THREW;
        exception = &failure->val.threw;
    }
    if (JS_IsError(thrown)) {
        take(0, string_property(thrown, "name"), "Error", &exception->name);
        take(1, string_property(thrown, "message"), "", &exception->message);
        take(2, string_property(thrown, "stack"), "", &exception->stack);
    } else {
        JSValue description = JS_Call(context, bridge.describe, JS_UNDEFINED, 1, &thrown);
        if (JS_IsException(description)) {
            JS_FreeValue(context, JS_GetException(context));
            description = JS_UNDEFINED;
        }
        take(0, JS_UNDEFINED, "Uncaught", &exception->name);
        take(1, description, "a value that cannot be shown", &exception->message);
        take(2, JS_UNDEFINED, "", &exception->stack);
    }
    JS_FreeValue(context, thrown);
}

void report_pending(sandbox_step_t *step, bool syntax)
{
    report_value(JS_GetException(context), step, syntax);
}
