/* Owns the calls: submission, the promises that wait, and their settlement. Call ids never reach the script. */
#include <stdlib.h>
#include <string.h>

#include "shim.h"

typedef struct {
    JSValue resolve;
    JSValue reject;
} Waiting;

/* Indexed by call id. A slot that is not waiting holds `undefined` twice. */
static Waiting *calls;
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

static JSValue rejected_with_pending(void)
{
    JSValue reason = JS_GetException(context);
    JSValue promise = JS_NewSettledPromise(context, true, reason);
    JS_FreeValue(context, reason);
    return promise;
}

static bool reserve_slot(void)
{
    if (calls_count < calls_capacity)
        return true;
    uint32_t capacity = calls_capacity ? calls_capacity * 2 : 16;
    Waiting *grown = js_realloc(context, calls, capacity * sizeof *calls);
    if (!grown)
        return false;
    calls = grown;
    calls_capacity = capacity;
    return true;
}

static JSValue settled_promise(agentloop_sandbox_types_call_result_t *outcome)
{
    bool rejected;
    JSValue value = outcome_value(outcome, &rejected);
    agentloop_sandbox_types_call_result_free(outcome);
    if (JS_IsException(value))
        return rejected_with_pending();
    JSValue promise = JS_NewSettledPromise(context, rejected, value);
    JS_FreeValue(context, value);
    return promise;
}

/* submit(name: string, arguments: any) => Promise. Never throws but for lack of memory: a failure is a rejection. */
JSValue tools_submit(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    Text arguments;
    size_t name_length;
    if (encode_json(argv[1], "the arguments", &arguments))
        return rejected_with_pending();
    if (!reserve_slot())
        return JS_EXCEPTION;
    const char *name = JS_ToCStringLen(ctx, &name_length, argv[0]);
    if (!name)
        return JS_EXCEPTION;

    JSValue functions[2];
    JSValue promise = JS_NewPromiseCapability(ctx, functions);
    if (JS_IsException(promise)) {
        JS_FreeCString(ctx, name);
        return promise;
    }
    uint32_t id = calls_count++;
    calls[id] = (Waiting){functions[0], functions[1]};

    sandbox_string_t name_text = {.ptr = (uint8_t *)name, .len = name_length};
    sandbox_string_t arguments_text = {.ptr = (uint8_t *)arguments.bytes, .len = arguments.length};
    agentloop_sandbox_tools_submission_t submission;
    meter_end();
    agentloop_sandbox_tools_submit(id, &name_text, &arguments_text, &submission);
    JS_FreeCString(ctx, name);
    if (submission.tag == AGENTLOOP_SANDBOX_TOOLS_SUBMISSION_ACCEPTED) {
        in_flight++;
        return promise;
    }

    calls[id] = (Waiting){JS_UNDEFINED, JS_UNDEFINED};
    JS_FreeValue(ctx, promise);
    JS_FreeValue(ctx, functions[0]);
    JS_FreeValue(ctx, functions[1]);
    return settled_promise(&submission.val.settled);
}

void tools_forget(void)
{
    for (uint32_t i = 0; i < calls_count; i++) {
        JS_FreeValue(context, calls[i].resolve);
        JS_FreeValue(context, calls[i].reject);
    }
    calls_count = in_flight = 0;
}

int tools_settle(sandbox_settlement_t *settlement)
{
    if (settlement->id >= calls_count)
        __builtin_trap();
    Waiting waiting = calls[settlement->id];
    calls[settlement->id] = (Waiting){JS_UNDEFINED, JS_UNDEFINED};
    in_flight--;

    bool rejected;
    JSValue value = outcome_value(&settlement->outcome, &rejected);
    if (JS_IsException(value)) {
        rejected = true;
        value = JS_GetException(context);
    }
    JSValue done = JS_Call(context, rejected ? waiting.reject : waiting.resolve, JS_UNDEFINED, 1, &value);
    JS_FreeValue(context, value);
    JS_FreeValue(context, waiting.resolve);
    JS_FreeValue(context, waiting.reject);
    if (JS_IsException(done))
        return -1;
    JS_FreeValue(context, done);
    return 0;
}

JSValue tools_names(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_DupValue(ctx, bridge.tool_names);
}

int tools_install(const agentloop_sandbox_types_list_tool_signature_t *tools)
{
    JSValue names = JS_NewArray(context);
    if (JS_IsException(names))
        return -1;
    for (size_t i = 0; i < tools->len; i++) {
        const sandbox_string_t *name = &tools->ptr[i].name;
        JSValue text = JS_NewStringLen(context, (const char *)name->ptr, name->len);
        if (JS_IsException(text) || JS_DefinePropertyValueUint32(context, names, i, text, JS_PROP_C_W_E) < 0) {
            JS_FreeValue(context, names);
            return -1;
        }
    }
    JSValue namespace = JS_Call(context, bridge.make_tools, JS_UNDEFINED, 1, &names);
    JS_FreeValue(context, bridge.tool_names);
    bridge.tool_names = names;
    if (JS_IsException(namespace))
        return -1;
    JSValue global = JS_GetGlobalObject(context);
    int defined = JS_DefinePropertyValueStr(context, global, "tools", namespace, JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE);
    JS_FreeValue(context, global);
    return defined < 0 ? -1 : 0;
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
