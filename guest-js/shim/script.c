/* Owns the life of a script: compile, run, pump the job queue, say how it stands. */
#include <stdlib.h>
#include <string.h>

#include "shim.h"

/* The promise of the whole script. */
static JSValue completion;
/* A script that is one function, or whose default export is one, is called once, with no arguments. */
static bool may_call_function;
/* A module (`export default …`) answers with its default export. */
static JSModuleDef *module;
/* A script that declares the function `callTools` and has no value of its own: that function is called once, with no
 * arguments, and answers with a list of calls for the host to make. */
static bool may_call_tools;
static bool must_be_collected;
/* A script has begun in this instance. */
static bool has_started;

/* The contract's strings are borrowed from the shim's own buffers, which live until the next step. */
__attribute__((export_name("cabi_post_survey"))) void __wasm_export_exports_sandbox_survey_post_return(uint8_t *found) {}
__attribute__((export_name("cabi_post_start"))) void __wasm_export_exports_sandbox_start_post_return(uint8_t *step) {}
__attribute__((export_name("cabi_post_settle"))) void __wasm_export_exports_sandbox_settle_post_return(uint8_t *step) {}

/* An allocation for what the host passes in: always a new one. Nothing that is called from here may call the host (build/meter.rs).
 * Out of memory is a trap; the host knows that growth was denied. */
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *block, size_t old_size, size_t align, size_t new_size)
{
    if (new_size == 0)
        return (void *)align;
    if (block)
        __builtin_trap();
    void *place = restore_place();
    if (place)
        return place;
    void *result = malloc(new_size);
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

/* Makes the calls that the script collected, if it did, and goes on with their reports. Then 1, and `result` is taken; 0:
 * there are none; -1: an exception is pending. */
static int make_collected_calls(JSValue result)
{
    bool is_collected = must_be_collected;
    must_be_collected = false;
    if (JS_IsObject(result) && JS_VALUE_GET_PTR(result) == JS_VALUE_GET_PTR(bridge.tool_calls)) {
        int64_t count;
        if (JS_GetLength(context, result, &count))
            return -1;
        is_collected |= count > 0;
    }
    if (!is_collected)
        return 0;
    JSValue reports = JS_Call(context, bridge.make_collected, JS_UNDEFINED, 1, &result);
    JS_FreeValue(context, result);
    JS_FreeValue(context, completion);
    return adopt(reports) ? -1 : 1;
}

static JSValue global_value(const char *name)
{
    JSValue global = JS_GetGlobalObject(context);
    JSValue value = JS_GetPropertyStr(context, global, name);
    JS_FreeValue(context, global);
    return value;
}

/* Calls a function without arguments and makes what it answers the completion. Takes it. Then 1; -1: an exception is
 * pending. */
static int go_on_with(JSValue function)
{
    JSValue called = JS_Call(context, function, JS_UNDEFINED, 0, NULL);
    JS_FreeValue(context, function);
    JS_FreeValue(context, completion);
    return adopt(promise_for(called)) ? -1 : 1;
}

/* What is left to do when the script has come to `*result`: call the function that it is, or its `callTools`; make the calls
 * that it collected. 1: it goes on, and `*result` is taken; 0: it is done; -1: an exception is pending. */
static int go_on(JSValue *result)
{
    if (may_call_function) {
        may_call_function = false;
        *result = subject_of(*result);
        if (JS_IsFunction(context, *result))
            return go_on_with(*result);
        JS_FreeValue(context, completion);
        return adopt(promise_for(*result)) ? -1 : 1;
    }
    if (may_call_tools && JS_IsUndefined(*result)) {
        may_call_tools = false;
        JSValue function = global_value("callTools");
        if (JS_IsException(function))
            return -1;
        if (JS_IsFunction(context, function)) {
            must_be_collected = true;
            return go_on_with(function);
        }
        JS_FreeValue(context, function);
    }
    return make_collected_calls(*result);
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
        int goes_on = go_on(&result);
        if (goes_on < 0) {
            report_pending(step, false);
            return;
        }
        if (goes_on)
            continue;
        finish(result, step);
        tell_unhandled();
        return;
    }
}

static bool is_named(JSAtom atom, const char *name)
{
    if (atom == JS_ATOM_NULL)
        return false;
    const char *text = JS_AtomToCString(context, atom);
    bool is_equal = text && strcmp(text, name) == 0;
    JS_FreeCString(context, text);
    return is_equal;
}

/* Drops what the script before this one left waiting: its promises, calls, timers and literals. What it declared stays. -1: an
 * exception is pending. */
static int forget_script(void)
{
    for (int i = 0; i < unhandled_count; i++) {
        JS_FreeValue(context, unhandled[i].promise);
        JS_FreeValue(context, unhandled[i].reason);
    }
    unhandled_count = 0;
    JS_FreeValue(context, completion);
    completion = JS_UNDEFINED;
    must_be_collected = false;
    allocation_failed = false;
    tools_forget();
    timers_forget();
    JSValue forgotten = JS_Call(context, bridge.forget, JS_UNDEFINED, 0, NULL);
    return JS_IsException(forgotten) ? -1 : 0;
}

/* Gives the realm what this run has: clock, randomness, tools, literals. -1: an exception is pending. */
static int furnish(sandbox_environment_t *environment)
{
    JS_UpdateStackTop(runtime);
    clock_start_ms = clock_ms = environment->clock_ms;
    agentloop_seed_random(context, environment->seed);
    JS_SetHostPromiseRejectionTracker(runtime, on_rejection, NULL);
    /* The image has no tools: a run without any finds it as it is to be. */
    bool has_tools = environment->tools.len || has_started;
    return (has_tools && tools_install(&environment->tools)) || literals_install(&environment->literals) ? -1 : 0;
}

static void start(sandbox_string_t *script, sandbox_environment_t *environment, sandbox_step_t *step)
{
    if ((has_started && forget_script()) || furnish(environment)) {
        report_pending(step, false);
        return;
    }
    has_started = true;
    compile_next();
    JSValue code = compile_script(script, NULL);
    if (JS_IsException(code)) {
        report_pending(step, true);
        return;
    }
    module = JS_VALUE_GET_TAG(code) == JS_TAG_MODULE ? JS_VALUE_GET_PTR(code) : NULL;
    may_call_tools = !module;
    may_call_function = module || (agentloop_program.elements == 1 && !is_named(agentloop_program.function_name, "callTools") &&
                                   !(environment->in_session && agentloop_program.function_name != JS_ATOM_NULL));
    if (adopt(promise_for(JS_EvalFunction(context, code)))) {
        report_pending(step, false);
        return;
    }
    stand(step);
}

static bool survey(sandbox_string_t *script, sandbox_environment_t *environment, agentloop_sandbox_types_json_t *found,
                   agentloop_sandbox_types_exception_t *exception)
{
    JSValue text = JS_UNDEFINED;
    JSValue code = furnish(environment) ? JS_EXCEPTION : compile_script(script, &text);
    JSValue json = JS_IsException(code) ? JS_EXCEPTION : JS_Call(context, bridge.survey, JS_UNDEFINED, 1, &text);
    JS_FreeValue(context, code);
    JS_FreeValue(context, text);
    size_t length;
    const char *bytes = JS_IsException(json) ? NULL : text_of(json, &length);
    JS_FreeValue(context, json);
    if (!bytes) {
        report_exception(JS_GetException(context), exception);
        return false;
    }
    *found = (agentloop_sandbox_types_json_t){.ptr = (uint8_t *)bytes, .len = length};
    return true;
}

static void settle(sandbox_list_settlement_t *settlements, sandbox_list_timer_id_t *timers, sandbox_step_t *step)
{
    JS_UpdateStackTop(runtime);
    for (size_t i = 0; i < settlements->len; i++)
        tools_settle(&settlements->ptr[i]);
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

void exports_sandbox_start(sandbox_string_t *script, sandbox_environment_t *environment, sandbox_step_t *step)
{
    meter_begin();
    start(script, environment, step);
    meter_end();
}

bool exports_sandbox_survey(sandbox_string_t *script, sandbox_environment_t *environment, agentloop_sandbox_types_json_t *found,
                            agentloop_sandbox_types_exception_t *exception)
{
    meter_begin();
    bool is_program = survey(script, environment, found, exception);
    meter_end();
    return is_program;
}

void exports_sandbox_settle(sandbox_list_settlement_t *settlements, sandbox_list_timer_id_t *timers, sandbox_step_t *step)
{
    meter_begin();
    settle(settlements, timers, step);
    meter_end();
}
