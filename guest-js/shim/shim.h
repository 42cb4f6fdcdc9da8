/* What the files of the shim share. One instance holds one realm and runs one script: its state is plain statics. */
#ifndef AGENTLOOP_SHIM_H
#define AGENTLOOP_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quickjs.h"
#include "agentloop_engine.h"
#include "sandbox.h"

/* realm.c: the runtime and context, in the image. */
extern JSRuntime *runtime;
extern JSContext *context;

/* What the prelude hands to the shim: functions that use captured intrinsics only. */
typedef struct {
    JSValue make_tools;       /* (names: string[]) => tools namespace */
    JSValue map_entries;      /* (map) => [key, value, key, value, …] */
    JSValue set_values;       /* (set) => [value, …] */
    JSValue typed_values;     /* (typed array) => [number, …] */
    JSValue plain;            /* (object of a rare kind) => primitive | {refusal: string} | undefined */
    JSValue describe;         /* (any value) => string */
    JSValue report_unhandled; /* (reason) => writes to the console */
    JSValue fire_timer;       /* (id) => calls back, and whether there was such a timer */
    JSValue tool_error_proto; /* ToolError.prototype */
    JSClassID plain_object_class;
    JSClassID error_class;
} Bridge;
extern Bridge bridge;

/* alloc.c */
extern const JSMallocFunctions allocator;
/* True once an allocation of the engine failed. */
extern bool allocation_failed;

/* console.c */
JSValue console_write(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* tools.c */
JSValue tools_submit(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
/* Installs `tools` for the names of this run. -1: an exception is pending. */
int tools_install(const agentloop_sandbox_types_list_tool_signature_t *tools);
/* Whether a submitted call has not been settled. */
bool tools_in_flight(void);
/* Settles one call. -1: an exception is pending (out of memory). */
int tools_settle(sandbox_settlement_t *settlement);

/* timers.c */
JSValue timers_start(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue timers_cancel(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue timers_clock(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
/* Whether a timer that was started has neither fired nor been cancelled. */
bool timers_in_flight(void);
/* Calls back. -1: an exception is pending (out of memory). */
int timers_fire(uint32_t id);

/* text.c: the UTF-8 of a string value or key; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. NULL: an exception
 * is pending. Released with JS_FreeCString. */
const char *text_of(JSValueConst value, size_t *length);
const char *text_of_key(JSAtom key, size_t *length);

/* encode.c: JSON text of a value, in a buffer that lives until the next encoding. */
typedef struct {
    const char *bytes;
    size_t length;
} Text;
/* -1: an exception is pending. `what` names the value in messages: "the arguments", "the result". */
int encode_json(JSValueConst value, const char *what, Text *out);

/* report.c: describes the pending exception. Consumes it. */
void report_pending(sandbox_step_t *step, bool syntax);
/* The same for a value that was thrown or is the reason of a rejection. Consumes it. */
void report_value(JSValue thrown, sandbox_step_t *step, bool syntax);

/* isolate.c */
extern uint64_t clock_ms;

#endif
