/* Owns what JavaScript cannot ask of an object without running the script's code. For showing values (objects.js). */
#include "shim.h"

/* The class that an object is of. A Proxy is of its own. */
JSValue inspect_class(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewInt32(ctx, (int32_t)JS_GetClassID(argv[0]));
}

/* What a Proxy stands for; `undefined` if it was revoked. */
JSValue inspect_proxy_target(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    JSValue target = JS_GetProxyTarget(ctx, argv[0]);
    if (!JS_IsException(target))
        return target;
    JS_FreeValue(ctx, JS_GetException(ctx));
    return JS_UNDEFINED;
}

/* 0: pending, 1: fulfilled, 2: rejected. */
JSValue inspect_promise_state(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewInt32(ctx, (int32_t)JS_PromiseState(ctx, argv[0]));
}

JSValue inspect_promise_result(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_PromiseResult(ctx, argv[0]);
}
