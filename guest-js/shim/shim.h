/* What the files of the shim share. One instance holds one realm and runs one script at a time: its state is plain statics. */
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
/* For the initialisation: a failure there fails the build. */
void must(bool ok);

/* prelude.c: loads everything that the realm is furnished with, the lockdown last, and gives the functions that its parts
 * made. */
JSValue prelude_load(void);

/* What the prelude hands to the shim: functions that use captured intrinsics only. */
typedef struct {
    JSValue finding;          /* what `tools` inherits from: the tools that find others */
    JSValue missing;          /* what every other namespace inherits from: says what is not there */
    JSValue offer_finish;     /* (tools) => makes the tool `finish` a function of the realm */
    JSValue map_entries;      /* (map) => [key, value, key, value, …] */
    JSValue set_values;       /* (set) => [value, …] */
    JSValue typed_values;     /* (typed array) => [number, …] */
    JSValue plain;            /* (object of a rare kind) => primitive | {refusal: string} | undefined */
    JSValue describe;         /* (any value) => string */
    JSValue report_unhandled; /* (reason) => writes to the console */
    JSValue fire_timer;       /* (id) => calls back, and whether there was such a timer */
    JSValue tool_error_proto; /* ToolError.prototype */
    JSValue not_defined;      /* (name) => throws the ReferenceError for it */
    JSValue related;          /* (error) => [path, name, message, stack, …] of the errors behind it */
    JSValue retranslate;      /* (text, the engine's error, name of the file) => the text to compile instead, or throws */
    JSValue take_literals;    /* (id, text, id, text, … in an array) */
    JSValue tool_calls;       /* the list of calls that a script may collect for the host to make */
    JSValue make_collected;   /* (calls) => promise of their reports */
    JSValue survey;           /* (text) => what `survey` of the contract answers, as JSON text */
    JSValue forget;           /* () => drops what the script before this one left waiting */
    JSValue tool_names;       /* of this run. Here, and not in a variable of the prelude: no run writes to the page of such a one */
    JSAtom tools;
    JSAtom to_json;
    JSClassID plain_object_class;
    JSClassID error_class;
} Bridge;
extern Bridge bridge;

/* alloc.c */
extern const JSMallocFunctions allocator;
/* True once an allocation of the engine failed. */
extern bool allocation_failed;

/* meter.c */
/* A step begins: with nothing. */
void meter_begin(void);
/* Hands what is left to the host: at the end of a step, and before an import that the host charges for. */
void meter_end(void);
/* For the initialisation, which nobody meters. */
void meter_stop(void);

/* heap.c, for the initialisation. */
/* Gives memory that is not of the heap to it, for good. */
void heap_donate(void *start, size_t bytes);
/* Gives up what is free between blocks in use, cleared so that the image is small: a script that allocated from it would write to
 * many pages of the image, and each costs more than it holds. Gives the bytes that are free
 * behind all of them, of which nothing is written: the image ends before. 0: a large block is left that should have passed. */
size_t heap_settle(void);
/* So many bytes are free when the heap is settled, before those behind all: a run allocates from them first. */
bool heap_set_aside(size_t bytes);
/* From here on until the heap is settled, large blocks have a place of their own, behind so many bytes of heap: they pass. */
bool heap_set_passing_apart(size_t bytes);

/* console.c */
JSValue console_write(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* distance.c */
JSValue distance_of(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* codec.c */
JSValue codec_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue codec_encode_into(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue codec_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue codec_to_base64(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue codec_from_base64(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue codec_is_dense(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* inspect.c */
JSValue inspect_class(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue inspect_proxy_target(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue inspect_promise_state(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue inspect_promise_result(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);

/* tools.c */
/* The names of the tools of this run, as an array. */
JSValue tools_names(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue tools_submit(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
/* Calls the tool of this name: what the functions of `tools` are. */
JSValue tools_call(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic, JSValueConst *tool);
/* Installs `tools` for the names of this run. -1: an exception is pending. */
int tools_install(const agentloop_sandbox_types_list_tool_signature_t *tools);
/* Whether a submitted call has not been settled. */
bool tools_in_flight(void);
/* Drops the calls of the script before this one. The next call is number 0 again. */
void tools_forget(void);
/* Settles one call. -1: an exception is pending (out of memory). */
void tools_settle(sandbox_settlement_t *settlement);

/* Gives the script the texts that it may take by `LiteralLoader(id)`. -1: an exception is pending. */
int literals_install(const agentloop_sandbox_types_list_literal_t *literals);

/* compile.c: of the scripts of this instance, the next. Frames of the first are in `script.js`, of the second in `script-2.js`.
 * It may declare again what those before it have declared. */
void compile_next(void);
/* The file that frames of the current script are in. */
extern char script_file[];
/* Code of a script, as JavaScript or, failing that, translated to it. The text that was compiled is given as well
 * if `text` is not NULL. An exception that is pending is a SyntaxError, or of a lack of memory. */
JSValue compile_script(const sandbox_string_t *script, JSValue *text);

/* callee.c: says which text runs. It must stay where it is. */
void callee_in(const char *text);

/* snapshot.c */
/* Where the next bytes of the host go, if they are part of a memory that is put back. */
void *restore_place(void);

/* timers.c */
JSValue timers_start(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue timers_cancel(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue timers_clock(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
JSValue timers_started(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv);
/* Whether a timer that was started has neither fired nor been cancelled. */
bool timers_in_flight(void);
/* Drops the timers of the script before this one. */
void timers_forget(void);
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
/* The same without a step. */
void report_exception(JSValue thrown, agentloop_sandbox_types_exception_t *exception);

/* isolate.c */
extern uint64_t clock_ms;
/* What it was at the start of the run. */
extern uint64_t clock_start_ms;

#endif
