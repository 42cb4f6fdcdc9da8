/* Owns the runtime, the context and their initialisation, which happens once, at build, before the image is taken. */
#include <stdlib.h>

#include "shim.h"

JSRuntime *runtime;
JSContext *context;
Bridge bridge;

/* Bytes of shadow stack that JavaScript may use. Deeper recursion is a RangeError; the 1 MiB shadow stack of the module
 * and the 16 MiB native stack that the host provides both hold more. */
enum { JS_STACK_BYTES = 512 * 1024 };

/* What a script may allocate before its memory grows. */
enum {
    HEADROOM_BYTES = 1024 * 1024,
    /* Room for what lasts. The build fails if it is too little. */
    IMAGE_BYTES = 6 * 1024 * 1024,
    /* What an ordinary run writes to lies together: what it changes of the realm, and what it allocates first. */
    RUN_BYTES = 96 * 1024,
};

/* Cyclic garbage is looked for when this much has been allocated: rarely, since reference counts free the rest. */
enum { GC_THRESHOLD_BYTES = 4 * 1024 * 1024 };

void must(bool ok)
{
    if (!ok)
        __builtin_trap();
}

JSValue agentloop_throw_not_defined(JSContext *ctx, JSAtom name)
{
    JSValue text = JS_AtomToString(ctx, name);
    if (JS_IsException(text))
        return JS_EXCEPTION;
    JSValue thrown = JS_Call(ctx, bridge.not_defined, JS_UNDEFINED, 1, &text);
    JS_FreeValue(ctx, text);
    return thrown;
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

static JSValue property(JSValueConst object, const char *name)
{
    JSValue value = JS_GetPropertyStr(context, object, name);
    must(!JS_IsException(value) && !JS_IsUndefined(value));
    return value;
}

/* Takes `sample`. */
static JSClassID class_of(JSValue sample)
{
    must(!JS_IsException(sample));
    JSClassID class = JS_GetClassID(sample);
    JS_FreeValue(context, sample);
    return class;
}

/* Takes `kit`. */
static void build_bridge(JSValue kit)
{
    bridge.finding = property(kit, "finding");
    bridge.missing = property(kit, "missing");
    bridge.offer_finish = property(kit, "offerFinish");
    bridge.map_entries = property(kit, "mapEntries");
    bridge.set_values = property(kit, "setValues");
    bridge.typed_values = property(kit, "typedValues");
    bridge.plain = property(kit, "plain");
    bridge.tool_error_proto = property(kit, "toolErrorPrototype");
    bridge.describe = property(kit, "describe");
    bridge.report_unhandled = property(kit, "reportUnhandled");
    bridge.fire_timer = property(kit, "fireTimer");
    bridge.not_defined = property(kit, "throwNotDefined");
    bridge.related = property(kit, "related");
    bridge.retranslate = property(kit, "retranslate");
    bridge.take_literals = property(kit, "takeLiterals");
    bridge.tool_calls = property(kit, "toolCalls");
    bridge.make_collected = property(kit, "makeCollected");
    bridge.survey = property(kit, "surveyScript");
    bridge.forget = property(kit, "forget");
    bridge.tool_names = JS_UNDEFINED;
    bridge.plain_object_class = class_of(JS_NewObject(context));
    bridge.error_class = class_of(JS_NewError(context));
    JS_FreeValue(context, kit);
}

/* Called by the build, never by a host: the export is gone from the image. */
__attribute__((export_name("agentloop-initialise"))) void agentloop_initialise(void)
{
    meter_stop();
    must(heap_set_passing_apart(IMAGE_BYTES));
    runtime = JS_NewRuntime2(&allocator, NULL);
    must(runtime);
    JS_SetMaxStackSize(runtime, JS_STACK_BYTES);
    context = JS_NewContextRaw(runtime);
    must(context);
    /* Before anything else, so that they lie with what every run looks at. */
    bridge.tools = JS_NewAtom(context, "tools");
    bridge.to_json = JS_NewAtom(context, "toJSON");
    must(bridge.tools != JS_ATOM_NULL && bridge.to_json != JS_ATOM_NULL);
    must(heap_set_aside(RUN_BYTES));
    add_intrinsics();
    build_bridge(prelude_load());
    must(!tools_install(&(agentloop_sandbox_types_list_tool_signature_t){0}));
    must(!JS_IsJobPending(runtime));
    JS_RunGC(runtime);
    agentloop_retire_image(runtime);
    agentloop_shift();
    JS_SetGCThreshold(runtime, GC_THRESHOLD_BYTES);
    /* So that an ordinary script runs without growing its memory: a growth is a system call, another one takes it back, and both
     * stop every thread of the process for a moment. */
    must(heap_settle() >= HEADROOM_BYTES);
    must(agentloop_part_from_image(context));
    meter_begin();
}
