/* Owns the description of what left the script as an exception. Everything it reads may be hostile: getters that throw,
 * objects whose `toString` throws, stacks that the script wrote itself. A loop in there is stopped by fuel. */
#include <string.h>

#include "shim.h"

enum { RELATED_MAX = 8, RELATED_PARTS = 4, EXCEPTION_PARTS = 3 };
/* Strings of the step that is being returned; released when the next one is made. */
static const char *held[EXCEPTION_PARTS + RELATED_MAX * RELATED_PARTS];
static agentloop_sandbox_types_related_error_t related_errors[RELATED_MAX];

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

/* The errors behind `thrown`, as the prelude tells them: [path, name, message, stack, path, …]. */
static void take_related(JSValueConst thrown, agentloop_sandbox_types_list_related_error_t *list)
{
    *list = (agentloop_sandbox_types_list_related_error_t){.ptr = related_errors, .len = 0};
    JSValue flat = JS_Call(context, bridge.related, JS_UNDEFINED, 1, &thrown);
    if (JS_IsException(flat)) {
        /* A Proxy that throws, or no memory: the exception itself is told all the same. */
        JS_FreeValue(context, JS_GetException(context));
        return;
    }
    for (; list->len < RELATED_MAX; list->len++) {
        sandbox_string_t parts[RELATED_PARTS];
        uint32_t first = list->len * RELATED_PARTS;
        JSValue path = JS_GetPropertyUint32(context, flat, first);
        bool is_end = !JS_IsString(path);
        for (uint32_t i = 0; i < RELATED_PARTS && !is_end; i++) {
            JSValue part = i == 0 ? path : JS_GetPropertyUint32(context, flat, first + i);
            take(EXCEPTION_PARTS + first + i, part, "", &parts[i]);
        }
        if (is_end) {
            JS_FreeValue(context, path);
            break;
        }
        related_errors[list->len] = (agentloop_sandbox_types_related_error_t){parts[0], parts[1], parts[2], parts[3]};
    }
    JS_FreeValue(context, flat);
}

void report_exception(JSValue thrown, agentloop_sandbox_types_exception_t *exception)
{
    exception->related.len = 0;
    if (JS_IsError(thrown)) {
        take(0, string_property(thrown, "name"), "Error", &exception->name);
        take(1, string_property(thrown, "message"), "", &exception->message);
        take(2, string_property(thrown, "stack"), "", &exception->stack);
        take_related(thrown, &exception->related);
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

void report_value(JSValue thrown, sandbox_step_t *step, bool syntax)
{
    step->tag = AGENTLOOP_SANDBOX_TYPES_STEP_FAILED;
    agentloop_sandbox_types_failure_t *failure = &step->val.failed;
    if (is_out_of_memory(thrown)) {
        failure->tag = AGENTLOOP_SANDBOX_TYPES_FAILURE_OUT_OF_MEMORY;
        JS_FreeValue(context, thrown);
        return;
    }
    failure->tag = syntax ? AGENTLOOP_SANDBOX_TYPES_FAILURE_SYNTAX : AGENTLOOP_SANDBOX_TYPES_FAILURE_THREW;
    report_exception(thrown, syntax ? &failure->val.syntax : &failure->val.threw);
}

void report_pending(sandbox_step_t *step, bool syntax)
{
    report_value(JS_GetException(context), step, syntax);
}
