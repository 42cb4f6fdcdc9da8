/* What calls of tools are made of: included by quickjs.c (build/patches.rs). */

JSValue agentloop_new_callable(JSContext *ctx, JSCFunctionData *call, JSAtom name, JSValueConst data)
{
    JSValue callable = JS_NewObjectProtoClass(ctx, ctx->function_proto, JS_CLASS_C_FUNCTION_DATA);
    if (JS_IsException(callable))
        return callable;
    JSCFunctionDataRecord *record = js_malloc(ctx, sizeof *record + sizeof data);
    if (!record)
        goto failed;
    *record = (JSCFunctionDataRecord){.func = call, .length = 1, .data_len = 1};
    record->data[0] = js_dup(data);
    JS_SetOpaqueInternal(callable, record);
    if (JS_DefinePropertyValue(ctx, callable, JS_ATOM_length, js_int32(1), 0) < 0 ||
        JS_DefinePropertyValue(ctx, callable, JS_ATOM_name, JS_AtomToString(ctx, name), 0) < 0)
        goto failed;
    JS_VALUE_GET_OBJ(callable)->extensible = false;
    return callable;
failed:
    JS_FreeValue(ctx, callable);
    return JS_EXCEPTION;
}

/* A script gets a pair of functions to settle a promise by, which are objects; the shim needs none, and a call is faster without. */

JSValue agentloop_new_promise(JSContext *ctx)
{
    JSValue promise = JS_NewObjectClass(ctx, JS_CLASS_PROMISE);
    if (JS_IsException(promise))
        return promise;
    JSPromiseData *data = js_mallocz(ctx, sizeof *data);
    if (!data) {
        JS_FreeValue(ctx, promise);
        return JS_EXCEPTION;
    }
    data->promise_state = JS_PROMISE_PENDING;
    data->promise_result = JS_UNDEFINED;
    init_list_head(&data->promise_reactions[0]);
    init_list_head(&data->promise_reactions[1]);
    JS_SetOpaqueInternal(promise, data);
    return promise;
}

void agentloop_settle_promise(JSContext *ctx, JSValueConst promise, JSValueConst value, bool is_rejected)
{
    fulfill_or_reject_promise(ctx, promise, value, is_rejected);
}
