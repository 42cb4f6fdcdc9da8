/* Owns what the realm is furnished with, and the order in which that is loaded. Runs once, at build. */
#include "shim.h"

static char names_source[] = {
#embed "names.js"
    , 0};
static char bridge_source[] = {
#embed "bridge.js"
    , 0};
static char layout_source[] = {
#embed "layout.js"
    , 0};
static char objects_source[] = {
#embed "objects.js"
    , 0};
static char show_source[] = {
#embed "show.js"
    , 0};
static char table_source[] = {
#embed "table.js"
    , 0};
static char console_source[] = {
#embed "console.js"
    , 0};
static char timers_source[] = {
#embed "timers.js"
    , 0};
static char interface_source[] = {
#embed "interface.js"
    , 0};
static char clone_source[] = {
#embed "clone.js"
    , 0};
static char encoding_source[] = {
#embed "encoding.js"
    , 0};
static char events_source[] = {
#embed "events.js"
    , 0};
static char crypto_source[] = {
#embed "crypto.js"
    , 0};
static char evaluators_source[] = {
#embed "evaluators.js"
    , 0};
static char intl_source[] = {
#embed "intl.js"
    , 0};
static char url_source[] = {
#embed "url.js"
    , 0};
static char zod_source[] = {
#embed "zod.js"
    , 0};
static char typescript_source[] = {
#embed "typescript.js"
    , 0};
static char survey_source[] = {
#embed "survey.js"
    , 0};
static char absent_source[] = {
#embed "absent.js"
    , 0};
static char causes_source[] = {
#embed "causes.js"
    , 0};
static char collect_source[] = {
#embed "collect.js"
    , 0};
static char session_source[] = {
#embed "session.js"
    , 0};
static char translation_source[] = {
#embed "translation.js"
    , 0};
static char harden_source[] = {
#embed "harden.js"
    , 0};
static char lockdown_source[] = {
#embed "lockdown.js"
    , 0};
/* The allow-list of the realm. */
static const char permits[] = {
#embed "permits.txt"
    , 0};

#define PART(name) {#name, name##_source, sizeof name##_source - 1}
/* Each is an expression: a function that takes the kit and returns what it adds to it. */
static const struct {
    const char *name;
    char *source;
    size_t length;
} PARTS[] = {
    PART(names), PART(bridge), PART(layout), PART(objects), PART(show), PART(table), PART(console), PART(timers), PART(interface),
    PART(clone), PART(encoding), PART(events), PART(crypto), PART(evaluators), PART(intl), PART(url), PART(zod), PART(typescript), PART(survey),
    PART(absent), PART(causes), PART(collect), PART(session), PART(translation), PART(harden), PART(lockdown),
};

static JSValue mark_intrinsic(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    must(JS_IsObject(argv[0]) && agentloop_mark_intrinsic(ctx, argv[0]));
    return JS_UNDEFINED;
}

static JSValue is_hardened(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    must(JS_IsObject(argv[0]));
    return JS_NewBool(ctx, agentloop_is_hardened(argv[0]));
}

static JSValue set_hardened(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    must(JS_IsObject(argv[0]));
    agentloop_set_hardened(argv[0]);
    return JS_UNDEFINED;
}

/* What the prelude is given, besides JavaScript. One function calls them all: each function that WebAssembly may call through its table
 * takes a place there, and a table of more than a page costs each run a system call. */
#define NATIVES(native) \
    native("submit", tools_submit, 2) \
    native("toolNames", tools_names, 0) \
    native("write", console_write, 2) \
    native("startTimer", timers_start, 2) \
    native("cancelTimer", timers_cancel, 1) \
    native("clock", timers_clock, 1) \
    native("started", timers_started, 0) \
    native("distance", distance_of, 2) \
    native("encode", codec_encode, 1) \
    native("encodeInto", codec_encode_into, 2) \
    native("decode", codec_decode, 2) \
    native("toBase64", codec_to_base64, 1) \
    native("fromBase64", codec_from_base64, 1) \
    native("isDense", codec_is_dense, 1) \
    native("classOf", inspect_class, 1) \
    native("proxyTarget", inspect_proxy_target, 1) \
    native("promiseState", inspect_promise_state, 1) \
    native("promiseResult", inspect_promise_result, 1) \
    native("markIntrinsic", mark_intrinsic, 1) \
    native("isHardened", is_hardened, 1) \
    native("setHardened", set_hardened, 1)

#define NUMBER(name, function, length) NATIVE_##function,
enum { NATIVES(NUMBER) };

static JSValue call_native(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int native)
{
    switch (native) {
#define CASE(name, function, length) \
    case NATIVE_##function: \
        return function(ctx, self, argc, argv);
        NATIVES(CASE)
    }
    __builtin_trap();
}

static const struct {
    const char *name;
    int length;
} SIGNATURES[] = {
#define SIGNATURE(name, function, length) {name, length},
    NATIVES(SIGNATURE)
};

/* A part that throws fails the build: the exception is the last thing on the console. */
static JSValue must_not_throw(JSValue value)
{
    if (JS_IsException(value)) {
        JSValue exception = JS_GetException(context);
        JSValue stack = JS_GetPropertyStr(context, exception, "stack");
        JSValueConst told[] = {exception, stack};
        for (int i = 0; i < 2; i++) {
            JSValueConst line[] = {JS_NewInt32(context, AGENTLOOP_SANDBOX_CONSOLE_LEVEL_ERROR), told[i]};
            console_write(context, JS_UNDEFINED, 2, line);
        }
        must(false);
    }
    return value;
}

/* Compiles a part without its text and its line numbers, which nothing shows: only frames of the script are. */
static JSValue evaluate(const char *source, size_t length, const char *name)
{
    size_t size;
    const int flags = JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT | JS_EVAL_FLAG_COMPILE_ONLY;
    JSValue code = must_not_throw(JS_Eval(context, source, length, name, flags));
    uint8_t *stripped = JS_WriteObject(context, &size, code,
                                       JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG);
    must(stripped);
    JS_FreeValue(context, code);
    code = must_not_throw(JS_ReadObject(context, stripped, size, JS_READ_OBJ_BYTECODE));
    js_free(context, stripped);
    return must_not_throw(JS_EvalFunction(context, code));
}

/* Adds what a part returned to the kit. No name twice. Takes `made`. */
static void add_to_kit(JSValueConst kit, JSValue made)
{
    JSPropertyEnum *names;
    uint32_t count;
    if (!JS_IsUndefined(made)) {
        must(!JS_GetOwnPropertyNames(context, &names, &count, made, JS_GPN_STRING_MASK));
        for (uint32_t i = 0; i < count; i++) {
            must(JS_HasProperty(context, kit, names[i].atom) == 0);
            must(JS_SetProperty(context, kit, names[i].atom, JS_GetProperty(context, made, names[i].atom)) > 0);
        }
        JS_FreePropertyEnum(context, names, count);
    }
    JS_FreeValue(context, made);
}

JSValue prelude_load(void)
{
    JSValue kit = JS_NewObjectProto(context, JS_NULL);
    for (size_t i = 0; i < sizeof SIGNATURES / sizeof *SIGNATURES; i++) {
        JSValue native = JS_NewCFunctionMagic(context, call_native, SIGNATURES[i].name, SIGNATURES[i].length,
                                              JS_CFUNC_generic_magic, i);
        must(JS_SetPropertyStr(context, kit, SIGNATURES[i].name, native) > 0);
    }
    must(JS_SetPropertyStr(context, kit, "permits", JS_NewStringLen(context, permits, sizeof permits - 1)) > 0);
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        JSValue part = evaluate(PARTS[i].source, PARTS[i].length, PARTS[i].name);
        JSValue made = must_not_throw(JS_Call(context, part, JS_UNDEFINED, 1, &kit));
        JS_FreeValue(context, part);
        add_to_kit(kit, made);
        /* The text has served: its memory is for the next parts, and for scripts. */
        heap_donate(PARTS[i].source, PARTS[i].length);
    }
    return kit;
}
