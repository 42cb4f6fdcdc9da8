/* Owns the way of `setTimeout` and its kin to the host and back. Callbacks are kept by the prelude. */
#include "shim.h"

static uint32_t waiting;

bool timers_in_flight(void)
{
    return waiting != 0;
}

/* start(id, delay_ms) => whether the host took it */
JSValue timers_start(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint32_t id, delay_ms;
    if (JS_ToUint32(ctx, &id, argv[0]) || JS_ToUint32(ctx, &delay_ms, argv[1]))
        return JS_EXCEPTION;
    meter_end();
    bool taken = agentloop_sandbox_timers_start(id, delay_ms);
    waiting += taken;
    return JS_NewBool(ctx, taken);
}

/* cancel(id): the prelude calls it for a timer that waits. */
JSValue timers_cancel(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint32_t id;
    if (JS_ToUint32(ctx, &id, argv[0]))
        return JS_EXCEPTION;
    agentloop_sandbox_timers_cancel(id);
    waiting--;
    return JS_UNDEFINED;
}

/* clock() => the time now; clock(ms) sets it */
JSValue timers_clock(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    if (argc > 0) {
        double ms;
        if (JS_ToFloat64(ctx, &ms, argv[0]))
            return JS_EXCEPTION;
        clock_ms = ms;
    }
    return JS_NewFloat64(ctx, clock_ms);
}

/* started() => the time at the start of the run */
JSValue timers_started(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    return JS_NewFloat64(ctx, clock_start_ms);
}

void timers_forget(void)
{
    waiting = 0;
}

int timers_fire(uint32_t id)
{
    JSValue argument = JS_NewUint32(context, id);
    JSValue fired = JS_Call(context, bridge.fire_timer, JS_UNDEFINED, 1, &argument);
    if (JS_IsException(fired))
        return -1;
    waiting -= JS_VALUE_GET_BOOL(fired);
    return 0;
}
