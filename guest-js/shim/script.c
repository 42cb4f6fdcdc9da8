/* Owns the life of the script: compile, run, pump the job queue, say how it stands. */
#include <string.h>

#include "shim.h"

static const char SCRIPT_FILE[] = "script.js";

/* The promise of the whole script. */
static JSValue completion;
/* A script that is one function, or whose default export is one, is called once, with no arguments. */
static bool may_call_function;
/* A module (`export default …`) answers with its default export. */
static JSModuleDef *module;

/* The contract's strings are borrowed from the shim's own buffers, which live until the next step. */
__attribute__((export_name("cabi_post_start"))) void __wasm_export_exports_sandbox_start_post_return(uint8_t *step) {}
__attribute__((export_name("cabi_post_settle"))) void __wasm_export_exports_sandbox_settle_post_return(uint8_t *step) {}

/* An allocation for what the host passes in. Out of memory is a trap here; the host knows that growth was denied. */
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *block, size_t old_size, size_t align, size_t new_size)
{
    if (new_size == 0)
        return (void *)align;
    void *result = allocator.js_realloc(NULL, block, new_size);
    if (!result)
        __builtin_trap();
    return result;
}

/* Promises that were rejected with nobody listening: told on the console when the script has nothing more to do. */
enum { UNHANDLED_MAX = 8 };
static struct {
    JSValue promise;
    JSValue reason;
} unhandled[UNHANDLED_MAX];
static int unhandled_count;

static void on_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool is_handled, void *opaque)
{
    if (!is_handled) {
        if (unhandled_count < UNHANDLED_MAX) {
            unhandled[unhandled_count].promise = JS_DupValue(ctx, promise);
            unhandled[unhandled_count].reason = JS_DupValue(ctx, reason);
            unhandled_count++;
        }
        return;
    }
    for (int i = 0; i < unhandled_count; i++) {
        if (JS_VALUE_GET_PTR(unhandled[i].promise) == JS_VALUE_GET_PTR(promise)) {
            JS_FreeValue(ctx, unhandled[i].promise);
            JS_FreeValue(ctx, unhandled[i].reason);
            unhandled[i] = unhandled[--unhandled_count];
            return;
        }
    }
}

static void tell_unhandled(void)
{
    for (int i = 0; i < unhandled_count; i++) {
        JSValue told = JS_Call(context, bridge.report_unhandled, JS_UNDEFINED, 1, &unhandled[i].reason);
        if (JS_IsException(told))
            JS_FreeValue(context, JS_GetException(context));
        JS_FreeValue(context, unhandled[i].promise);
        JS_FreeValue(context, unhandled[i].reason);
    }
    unhandled_count = 0;
}

static void pump(void)
{
    JSContext *job_context;
    while (JS_ExecutePendingJob(runtime, &job_context) != 0) {
    }
}

static JSModuleDef *refuse_module(JSContext *ctx, const char *name, void *opaque)
{
    JS_ThrowTypeError(ctx, "cannot import '%s': there are no modules in the sandbox; what it offers is in `tools`", name);
    return NULL;
}

/* Compiles without running. The text is compiled as it stands: nothing is put around it that it could close. */
static JSValue compile(const char *text, size_t length)
{
    const int flags = JS_EVAL_FLAG_COMPILE_ONLY | JS_EVAL_FLAG_STRICT;
    JSValue code = JS_Eval(context, text, length, SCRIPT_FILE, flags | JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_ASYNC);
    if (!JS_IsException(code) || !agentloop_program.is_module)
        return code;
    JS_FreeValue(context, JS_GetException(context));
    return JS_Eval(context, text, length, SCRIPT_FILE, flags | JS_EVAL_TYPE_MODULE);
}

/* A promise for `value`, which is adopted if it is a promise or another thenable. Takes `value`. */
static JSValue promise_for(JSValue value)
{
    JSValue functions[2];
    if (JS_IsException(value) || JS_IsPromise(value))
        return value;
    JSValue promise = JS_NewPromiseCapability(context, functions);
    if (!JS_IsException(promise)) {
        JSValue done = JS_Call(context, functions[0], JS_UNDEFINED, 1, &value);
        JS_FreeValue(context, done);
        JS_FreeValue(context, functions[0]);
        JS_FreeValue(context, functions[1]);
    }
    JS_FreeValue(context, value);
    return promise;
}

/* Makes `promise` the completion of the script. Takes it. -1: an exception is pending. */
static int adopt(JSValue promise)
{
    if (JS_IsException(promise))
        return -1;
    completion = promise;
    JS_PromiseMarkAsHandled(context, completion);
    pump();
    return 0;
}

/* The value the script stands for once it has been evaluated: a module's default export, a lone function, or itself. */
static JSValue subject_of(JSValue value)
{
    if (module) {
        JS_FreeValue(context, value);
        JSValue namespace = JS_GetModuleNamespace(context, module);
        value = JS_GetPropertyStr(context, namespace, "default");
        JS_FreeValue(context, namespace);
        return value;
    }
    if (agentloop_program.elements == 1 && agentloop_program.function_name != JS_ATOM_NULL && JS_IsUndefined(value)) {
        JSValue global = JS_GetGlobalObject(context);
        value = JS_GetProperty(context, global, agentloop_program.function_name);
        JS_FreeValue(context, global);
    }
    return value;
}

static void finish(JSValue value, sandbox_step_t *step)
{
    Text text;
    int failed = encode_json(value, "the result", &text);
    JS_FreeValue(context, value);
    if (failed) {
        report_pending(step, false);
        return;
    }
    step->tag = AGENTLOOP_SANDBOX_TYPES_STEP_FINISHED;
    step->val.finished = (sandbox_string_t){.ptr = (uint8_t *)text.bytes, .len = text.length};
}

/* Says how the script stands. Nothing is pending in the job queue. */
static void stand(sandbox_step_t *step)
{
    for (;;) {
        JSPromiseStateEnum state = JS_PromiseState(context, completion);
        if (state == JS_PROMISE_PENDING) {
            if (!tools_in_flight() && !timers_in_flight()) {
                tell_unhandled();
                /* What nobody will settle any more was lost to an allocation that failed. */
                if (allocation_failed) {
                    step->tag = AGENTLOOP_SANDBOX_TYPES_STEP_FAILED;
                    step->val.failed.tag = AGENTLOOP_SANDBOX_TYPES_FAILURE_OUT_OF_MEMORY;
                    return;
                }
            }
            step->tag = AGENTLOOP_SANDBOX_TYPES_STEP_WAITING;
            return;
        }
        JSValue result = JS_PromiseResult(context, completion);
        if (state == JS_PROMISE_REJECTED) {
            tell_unhandled();
            report_value(result, step, false);
            return;
        }
        if (may_call_function) {
            may_call_function = false;
            result = subject_of(result);
            if (JS_IsException(result)) {
                report_pending(step, false);
                return;
            }
            if (JS_IsFunction(context, result)) {
                JSValue called = JS_Call(context, result, JS_UNDEFINED, 0, NULL);
                JS_FreeValue(context, result);
                result = called;
            }
            JS_FreeValue(context, completion);
            if (adopt(promise_for(result))) {
                report_pending(step, false);
                return;
            }
            continue;
        }
        finish(result, step);
        tell_unhandled();
        return;
    }
}

void exports_sandbox_start(sandbox_string_t *script, sandbox_environment_t *environment, sandbox_step_t *step)
{
    JS_UpdateStackTop(runtime);
    clock_ms = environment->clock_ms;
    agentloop_seed_random(context, environment->seed);
    JS_SetHostPromiseRejectionTracker(runtime, on_rejection, NULL);
    JS_SetModuleLoaderFunc(runtime, NULL, refuse_module, NULL);
    if (tools_install(&environment->tools)) {
        report_pending(step, false);
        return;
    }
    /* The compiler wants a zero after the text. */
    char *text = js_malloc(context, script->len + 1);
    if (!text) {
        report_pending(step, true);
        return;
    }
    memcpy(text, script->ptr, script->len);
    text[script->len] = 0;
    JSValue code = compile(text, script->len);
    js_free(context, text);
    if (JS_IsException(code)) {
        report_pending(step, true);
        return;
    }
    module = JS_VALUE_GET_TAG(code) == JS_TAG_MODULE ? JS_VALUE_GET_PTR(code) : NULL;
    may_call_function = module || agentloop_program.elements == 1;
    if (adopt(promise_for(JS_EvalFunction(context, code)))) {
        report_pending(step, false);
        return;
    }
    stand(step);
}

void exports_sandbox_settle(sandbox_list_settlement_t *settlements, sandbox_list_timer_id_t *timers, sandbox_step_t *step)
{
    JS_UpdateStackTop(runtime);
    for (size_t i = 0; i < settlements->len; i++) {
        if (tools_settle(&settlements->ptr[i])) {
            report_pending(step, false);
            return;
        }
    }
    sandbox_list_settlement_free(settlements);
    pump();
    for (size_t i = 0; i < timers->len; i++) {
        if (timers_fire(timers->ptr[i])) {
            report_pending(step, false);
            return;
        }
        pump();
    }
    sandbox_list_timer_id_free(timers);
    stand(step);
}
