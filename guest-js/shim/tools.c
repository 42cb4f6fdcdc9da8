/* Owns the calls: submission, the promises that wait, and their settlement. Call ids never reach the script. */
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/* The promises of calls, indexed by call id. `undefined` where none waits. */
static JSValue *calls;
static uint32_t calls_capacity;
static uint32_t calls_count;
static uint32_t in_flight;

bool tools_in_flight(void)
{
    return in_flight != 0;
}

static const char *const KIND_NAMES[] = {
    [AGENTLOOP_SANDBOX_TYPES_TOOL_ERROR_KIND_UNKNOWN_TOOL] = "unknown_tool",
    [AGENTLOOP_SANDBOX_TYPES_TOOL_ERROR_KIND_INVALID_ARGUMENTS] = "invalid_arguments",
    [AGENTLOOP_SANDBOX_TYPES_TOOL_ERROR_KIND_TOO_LARGE] = "too_large",
    [AGENTLOOP_SANDBOX_TYPES_TOOL_ERROR_KIND_TIMEOUT] = "timeout",
    [AGENTLOOP_SANDBOX_TYPES_TOOL_ERROR_KIND_FAILED] = "failed",
    [AGENTLOOP_SANDBOX_TYPES_TOOL_ERROR_KIND_REFUSED] = "refused",
};

static int define(JSValueConst object, const char *name, JSValue value)
{
    /* Not enumerable, as the `message` of any Error. */
    return JS_DefinePropertyValueStr(context, object, name, value, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

/* A ToolError without a stack (JS_NewError would take one here, where no frame of the script is live): the engine adds
 * one where it is thrown into the script, at the `await`, which is where a reader looks. */
static JSValue new_tool_error(const agentloop_sandbox_types_tool_error_t *error)
{
    JSValue object = JS_NewObjectProtoClass(context, bridge.tool_error_proto, bridge.error_class);
    if (JS_IsException(object))
        return object;
    if (define(object, "message", JS_NewStringLen(context, (const char *)error->message.ptr, error->message.len)) < 0 ||
        define(object, "kind", JS_NewString(context, KIND_NAMES[error->kind])) < 0) {
        JS_FreeValue(context, object);
        return JS_EXCEPTION;
    }
    return object;
}

static JSValue parse_result(const sandbox_string_t *json)
{
    /* The parser wants a zero after the text. */
    char *text = js_malloc(context, json->len + 1);
    if (!text)
        return JS_EXCEPTION;
    memcpy(text, json->ptr, json->len);
    text[json->len] = 0;
    JSValue value = JS_ParseJSON(context, text, json->len, "result");
    js_free(context, text);
    return value;
}

/* The value to resolve with, or to reject with if `*rejected`. */
static JSValue outcome_value(agentloop_sandbox_types_call_result_t *outcome, bool *rejected)
{
    *rejected = outcome->is_err;
    return outcome->is_err ? new_tool_error(&outcome->val.err) : parse_result(&outcome->val.ok);
}

/* Settles a promise with `value`, or rejects it with the pending exception if that is none. Takes `value`. */
static void settle(JSValueConst promise, JSValue value, bool rejected)
{
    if (JS_IsException(value)) {
        rejected = true;
        value = JS_GetException(context);
    }
    agentloop_settle_promise(context, promise, value, rejected);
    JS_FreeValue(context, value);
}

static JSValue rejected_with_pending(void)
{
    JSValue reason = JS_GetException(context);
    JSValue promise = agentloop_new_promise(context);
    if (JS_IsException(promise))
        JS_FreeValue(context, reason);
    else
        settle(promise, reason, true);
    return promise;
}

static bool reserve_slot(void)
{
    if (calls_count < calls_capacity)
        return true;
    uint32_t capacity = calls_capacity ? calls_capacity * 2 : 16;
    JSValue *grown = js_realloc(context, calls, capacity * sizeof *calls);
    if (!grown)
        return false;
    calls = grown;
    calls_capacity = capacity;
    return true;
}

/* A promise of what the tool answers. Never throws but for lack of memory: a failure is a rejection. */
static JSValue submit(JSValueConst tool, JSValueConst argument)
{
    Text arguments;
    size_t name_length;
    if (encode_json(argument, "the arguments", &arguments))
        return rejected_with_pending();
    if (!reserve_slot())
        return JS_EXCEPTION;
    const char *name = JS_ToCStringLen(context, &name_length, tool);
    if (!name)
        return JS_EXCEPTION;
    JSValue promise = agentloop_new_promise(context);
    if (JS_IsException(promise)) {
        JS_FreeCString(context, name);
        return promise;
    }

    uint32_t id = calls_count++;
    sandbox_string_t name_text = {.ptr = (uint8_t *)name, .len = name_length};
    sandbox_string_t arguments_text = {.ptr = (uint8_t *)arguments.bytes, .len = arguments.length};
    agentloop_sandbox_tools_submission_t submission;
    meter_end();
    agentloop_sandbox_tools_submit(id, &name_text, &arguments_text, &submission);
    JS_FreeCString(context, name);
    if (submission.tag == AGENTLOOP_SANDBOX_TOOLS_SUBMISSION_ACCEPTED) {
        calls[id] = JS_DupValue(context, promise);
        in_flight++;
        return promise;
    }
    calls[id] = JS_UNDEFINED;
    bool rejected;
    JSValue value = outcome_value(&submission.val.settled, &rejected);
    agentloop_sandbox_types_call_result_free(&submission.val.settled);
    settle(promise, value, rejected);
    return promise;
}

/* submit(name: string, arguments: any) => Promise */
JSValue tools_submit(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return submit(argv[0], argv[1]);
}

JSValue tools_call(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic, JSValueConst *tool)
{
    if (argc > 1) {
        const char *name = JS_ToCString(ctx, *tool);
        if (name)
            JS_ThrowTypeError(ctx, "tools.%s takes one object with its arguments, got %d values", name, argc);
        JS_FreeCString(ctx, name);
        return JS_EXCEPTION;
    }
    if (!JS_IsUndefined(argv[0]))
        return submit(*tool, argv[0]);
    JSValue nothing = JS_NewObject(ctx);
    JSValue promise = JS_IsException(nothing) ? JS_EXCEPTION : submit(*tool, nothing);
    JS_FreeValue(ctx, nothing);
    return promise;
}

void tools_forget(void)
{
    for (uint32_t i = 0; i < calls_count; i++)
        JS_FreeValue(context, calls[i]);
    calls_count = in_flight = 0;
}

void tools_settle(sandbox_settlement_t *settlement)
{
    if (settlement->id >= calls_count)
        __builtin_trap();
    JSValue promise = calls[settlement->id];
    calls[settlement->id] = JS_UNDEFINED;
    in_flight--;

    bool rejected;
    JSValue value = outcome_value(&settlement->outcome, &rejected);
    settle(promise, value, rejected);
    JS_FreeValue(context, promise);
}

int literals_install(const agentloop_sandbox_types_list_literal_t *literals)
{
    if (!literals->len)
        return 0;
    JSValue pairs = JS_NewArray(context);
    for (size_t i = 0; i < 2 * literals->len; i++) {
        const agentloop_sandbox_types_literal_t *literal = &literals->ptr[i / 2];
        const sandbox_string_t *part = i % 2 ? &literal->text : &literal->id;
        JSValue text = JS_NewStringLen(context, (const char *)part->ptr, part->len);
        if (JS_IsException(text) || JS_DefinePropertyValueUint32(context, pairs, i, text, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(context, pairs);
            return -1;
        }
    }
    JSValue taken = JS_Call(context, bridge.take_literals, JS_UNDEFINED, 1, &pairs);
    JS_FreeValue(context, pairs);
    return JS_IsException(taken) ? -1 : 0;
}
