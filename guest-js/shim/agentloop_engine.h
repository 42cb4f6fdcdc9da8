/* What the patches add to the engine (build/patches.rs): included by quickjs.c and by the shim. */
#ifndef AGENTLOOP_ENGINE_H
#define AGENTLOOP_ENGINE_H

#include <string.h>

#include "agentloop_meter.h"
#include "quickjs.h"

/* What the parser saw of the program it parsed last. */
typedef struct {
    int elements;         /* statements and declarations at the top level */
    JSAtom function_name; /* if the first of them declares a function */
    int is_module;        /* an `export` was met */
} AgentloopProgram;
extern AgentloopProgram agentloop_program;

/* A script may declare what a script before it in the same instance has declared. */
extern int agentloop_may_redeclare;

enum : uint64_t { AGENTLOOP_ONES = 0x0101010101010101 };

static inline uint64_t agentloop_word(const void *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* How many of eight bytes are not ASCII. */
static inline int agentloop_beyond_ascii(const void *bytes)
{
    return (agentloop_word(bytes) >> 7 & AGENTLOOP_ONES) * AGENTLOOP_ONES >> 56;
}

/* Whether eight bytes are ASCII that stands for itself within a string of JSON: no quote, no backslash, nothing below a space. */
static inline bool agentloop_is_plain(const void *bytes)
{
    const uint64_t ones = AGENTLOOP_ONES, word = agentloop_word(bytes);
    uint64_t quote = word ^ ('"' * ones), backslash = word ^ ('\\' * ones);
    return !((word | (word - 0x20 * ones) | (quote - ones) | (backslash - ones)) & (0x80 * ones));
}

/* Sets the state of `Math.random`. */
void agentloop_seed_random(JSContext *ctx, uint64_t seed);

/* Objects that inherit from this one, which is frozen, may override its read-only properties by assignment. False: there is no memory. */
bool agentloop_mark_intrinsic(JSContext *ctx, JSValueConst object);

/* What `harden` remembers of an object: that it is frozen, with all that it leads to. */
bool agentloop_is_hardened(JSValueConst object);
void agentloop_set_hardened(JSValueConst object);

/* Of the shim: throws the ReferenceError for a variable that is not declared. */
JSValue agentloop_throw_not_defined(JSContext *ctx, JSAtom name);

/* Of the shim: names in the pending TypeError, which has its stack, what was called and cannot be. */
JSValue agentloop_name_callee(JSContext *ctx);

/* A frozen function of one parameter, which is no constructor: `call` with this name and data. */
JSValue agentloop_new_callable(JSContext *ctx, JSCFunctionData *call, JSAtom name, JSValueConst data);

/* A promise that nobody but the shim can settle. */
JSValue agentloop_new_promise(JSContext *ctx);

/* Settles it, once. The value is no thenable: what JSON can say never is, as the prototypes that it has are frozen. */
void agentloop_settle_promise(JSContext *ctx, JSValueConst promise, JSValueConst value, bool is_rejected);

/* Takes all objects there are out of the view of the cycle collector: they live as long as the instance, and a collection
 * need not walk over them. */
void agentloop_retire_image(JSRuntime *rt);

/* Does nothing. It has a place in the code. */
void agentloop_shift(void);

/* From here on, all that is allocated is the run's, and goes into tables of its own. False: there is no memory. */
bool agentloop_part_from_image(JSContext *ctx);

#endif
