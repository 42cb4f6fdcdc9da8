/* Owns the runtime, the context and their initialisation, which happens once, at build, before the image is taken. */
#include <stdlib.h>

#include "shim.h"

JSRuntime *runtime;
JSContext *context;
Bridge bridge;

/* Bytes of shadow stack that JavaScript may use. Deeper recursion is a RangeError; the 1 MiB shadow stack of the module
 * and the 4 MiB native stack that the host provides both hold more. */
enum { JS_STACK_BYTES = 256 * 1024 };

/* What a script may allocate before its memory grows. */
enum { HEADROOM_BYTES = 256 * 1024 };

/* Cyclic garbage is looked for when this much has been allocated: rarely, since reference counts free the rest. */
enum { GC_THRESHOLD_BYTES = 4 * 1024 * 1024 };

static const char bridge_source[] = {
#embed "bridge.js"
    , 0};
static const char console_source[] = {
#embed "console.js"
    , 0};
static const char timers_source[] = {
#embed "timers.js"
    , 0};
static const char lockdown_source[] = {
#embed "lockdown.js"
    , 0};

static void must(bool ok)
{
    if (!ok)
        __builtin_trap();
}

static JSValue evaluate(const char *source, size_t length, const char *file)
{
    JSValue value = JS_Eval(context, source, length, file, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);
    must(!JS_IsException(value));
    return value;
}

static JSValue property(JSValueConst object, const char *name)
{
    JSValue value = JS_GetPropertyStr(context, object, name);
    must(!JS_IsException(value) && !JS_IsUndefined(value));
    return value;
}

static JSValue native(JSCFunction *function, const char *name, int length)
{
    JSValue value = JS_NewCFunction(context, function, name, length);
    must(!JS_IsException(value));
    return value;
}

static JSValue mark_intrinsic(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    agentloop_mark_intrinsic(argv[0]);
    return JS_UNDEFINED;
}

static void add_intrinsics(void)
{
    /* JS_AddIntrinsicWeakRef is left out: a script cannot observe garbage collection. */
    must(!JS_AddIntrinsicBaseObjects(context));
    must(!JS_AddIntrinsicDate(context));
    must(!JS_AddIntrinsicEval(context)); /* the compiler itself; `eval` goes in lockdown.js */
    must(!JS_AddIntrinsicRegExp(context));
    must(!JS_AddIntrinsicJSON(context));
    must(!JS_AddIntrinsicProxy(context));
    must(!JS_AddIntrinsicMapSet(context));
    must(!JS_AddIntrinsicTypedArrays(context));
    must(!JS_AddIntrinsicPromise(context));
}

static JSValue call_prelude(const char *source, size_t length, const char *file, JSValue argument)
{
    JSValue function = evaluate(source, length, file);
    JSValue result = JS_Call(context, function, JS_UNDEFINED, 1, &argument);
    must(!JS_IsException(result));
    JS_FreeValue(context, function);
    JS_FreeValue(context, argument);
    return result;
}

/* Takes `sample`. */
static JSClassID class_of(JSValue sample)
{
    must(!JS_IsException(sample));
    JSClassID class = JS_GetClassID(sample);
    JS_FreeValue(context, sample);
    return class;
}

/* Takes `report`. */
static JSValue timer_natives(JSValue report)
{
    JSValue natives = JS_NewObject(context);
    must(JS_SetPropertyStr(context, natives, "start", native(timers_start, "start", 2)) >= 0);
    must(JS_SetPropertyStr(context, natives, "cancel", native(timers_cancel, "cancel", 1)) >= 0);
    must(JS_SetPropertyStr(context, natives, "clock", native(timers_clock, "clock", 1)) >= 0);
    must(JS_SetPropertyStr(context, natives, "report", report) >= 0);
    return natives;
}

/* Leaves free heap in the image, so that an ordinary script runs without growing its memory: a growth is a system call,
 * another one takes it back, and both stop every thread of the process for a moment. No page of it is written. */
static void warm_heap(void)
{
    void *volatile headroom = malloc(HEADROOM_BYTES);
    must(headroom);
    free(headroom);
}

/* Called by the build, never by a host: the export is gone from the image. */
__attribute__((export_name("agentloop-initialise"))) void agentloop_initialise(void)
{
    runtime = JS_NewRuntime2(&allocator, NULL);
    must(runtime);
    JS_SetMaxStackSize(runtime, JS_STACK_BYTES);
    context = JS_NewContextRaw(runtime);
    must(context);
    add_intrinsics();

    JSValue exports = call_prelude(bridge_source, sizeof bridge_source - 1, "bridge.js", native(tools_submit, "submit", 2));
    bridge.make_tools = property(exports, "makeTools");
    bridge.map_entries = property(exports, "mapEntries");
    bridge.set_values = property(exports, "setValues");
    bridge.typed_values = property(exports, "typedValues");
    bridge.plain = property(exports, "plain");
    bridge.tool_error_proto = property(exports, "toolErrorPrototype");
    JS_FreeValue(context, exports);

    exports = call_prelude(console_source, sizeof console_source - 1, "console.js", native(console_write, "write", 2));
    bridge.describe = property(exports, "describe");
    bridge.report_unhandled = property(exports, "reportUnhandled");
    JSValue report_thrown = property(exports, "reportThrown");
    JS_FreeValue(context, exports);
    exports = call_prelude(timers_source, sizeof timers_source - 1, "timers.js", timer_natives(report_thrown));
    bridge.fire_timer = property(exports, "fire");
    JS_FreeValue(context, exports);
    bridge.plain_object_class = class_of(JS_NewObject(context));
    bridge.error_class = class_of(JS_NewError(context));
    JS_FreeValue(context, call_prelude(lockdown_source, sizeof lockdown_source - 1, "lockdown.js",
                                       native(mark_intrinsic, "markIntrinsic", 1)));

    JS_RunGC(runtime);
    JS_SetGCThreshold(runtime, GC_THRESHOLD_BYTES);
    warm_heap();
}
