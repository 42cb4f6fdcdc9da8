/* Owns the opcodes that a script executes most, as far as they call nothing. Included by quickjs.c, before its interpreter.
 *
 * The interpreter's own loop calls functions from every other opcode. A compiler keeps in memory what lives across a call, so
 * there the program counter and the stack pointer are loaded and stored with every opcode. In a loop without a call they stay
 * in registers. Whatever is not the simple case (another type, a value that dies, a property that is not there) is left to the
 * interpreter as it is: `goto cold` before anything has changed.
 *
 * The meter is kept here by hand (build/meter.rs): bytes of bytecode are counted where they end, at a jump or on the way out.
 * Below zero, nothing that can repeat is done here: the interpreter asks the host. */

/* What a byte of bytecode costs. */
enum { HOT_BYTE_FUEL = 6 };

#define NEXT(length) { at += (length); continue; }
/* Jumps, and takes so many values off the stack. */
#define JUMP(distance, values) { \
        agentloop_fuel -= HOT_BYTE_FUEL * (at + 1 - counted); \
        counted = at; \
        if (unlikely(agentloop_fuel < 0)) \
            goto cold; \
        top -= (values); \
        at += (distance); \
        counted = at; \
        continue; \
    }
/* Whether letting go of a value would free it. */
#define DIES(value) (JS_VALUE_HAS_REF_COUNT(value) && JS_REF_COUNT(JS_VALUE_GET_PTR(value)) == 1)
/* Lets go of one that does not die. Below zero it is not counted (see counting.rs). */
#define RELEASE(value) \
    if (JS_VALUE_HAS_REF_COUNT(value) && JS_REF_COUNT(JS_VALUE_GET_PTR(value)) > 1) \
        JS_REF_COUNT(JS_VALUE_GET_PTR(value)) -= 1
#define PUSH(value, length) { *top++ = (value); NEXT(length) }
#define GET(place, length) { *top = js_dup(place); top++; NEXT(length) }
#define PUT(place, length) { \
        JSValue *to = &(place), old = *to; \
        if (DIES(old)) \
            goto cold; \
        *to = *--top; \
        RELEASE(old); \
        NEXT(length) \
    }
#define SET(place, length) { \
        JSValue *to = &(place), old = *to; \
        if (DIES(old)) \
            goto cold; \
        *to = js_dup(top[-1]); \
        RELEASE(old); \
        NEXT(length) \
    }
#define EACH(name, place) \
    case OP_get_##name##0: GET(place(0), 1) \
    case OP_get_##name##1: GET(place(1), 1) \
    case OP_get_##name##2: GET(place(2), 1) \
    case OP_get_##name##3: GET(place(3), 1) \
    case OP_put_##name##0: PUT(place(0), 1) \
    case OP_put_##name##1: PUT(place(1), 1) \
    case OP_put_##name##2: PUT(place(2), 1) \
    case OP_put_##name##3: PUT(place(3), 1) \
    case OP_set_##name##0: SET(place(0), 1) \
    case OP_set_##name##1: SET(place(1), 1) \
    case OP_set_##name##2: SET(place(2), 1) \
    case OP_set_##name##3: SET(place(3), 1) \
    case OP_get_##name: GET(place(get_u16(at + 1)), 3) \
    case OP_put_##name: PUT(place(get_u16(at + 1)), 3) \
    case OP_set_##name: SET(place(get_u16(at + 1)), 3)
#define CALLEE JS_VALUE_GET_OBJ(frame->cur_func)->u.func
#define LOCAL(index) locals[index]
#define ARGUMENT(index) frame->arg_buf[index]
#define CAPTURED(index) *CALLEE.var_refs[index]->pvalue
#define CONSTANT(index) CALLEE.function_bytecode->cpool[index]

#define INTEGERS JS_VALUE_IS_BOTH_INT(top[-2], top[-1])
#define FLOATS JS_VALUE_IS_BOTH_FLOAT(top[-2], top[-1])
#define LEFT JS_VALUE_GET_INT(top[-2])
#define RIGHT JS_VALUE_GET_INT(top[-1])
#define LEFT_FLOAT JS_VALUE_GET_FLOAT64(top[-2])
#define RIGHT_FLOAT JS_VALUE_GET_FLOAT64(top[-1])
#define REPLACE(value) { top[-2] = (value); top--; NEXT(1) }
#define ARITHMETIC(op, operator) \
    case op: \
        if (likely(INTEGERS)) { \
            int64_t result = (int64_t)LEFT operator RIGHT; \
            if (unlikely((int)result != result)) \
                goto cold; \
            REPLACE(js_int32(result)) \
        } \
        if (FLOATS) \
            REPLACE(js_float64(LEFT_FLOAT operator RIGHT_FLOAT)) \
        goto cold;
#define BITWISE(op, result) \
    case op: \
        if (unlikely(!INTEGERS)) \
            goto cold; \
        REPLACE(result)
/* A comparison is followed by a branch most of the time: both at once. */
#define DECIDE(result) { \
        bool is_true = (result); \
        if (likely(at[1] == OP_if_false8)) { \
            if (is_true) { \
                top -= 2; \
                NEXT(3) \
            } \
            JUMP(2 + (int8_t)at[2], 2) \
        } \
        REPLACE(js_bool(is_true)) \
    }
#define COMPARISON(op, operator) \
    case op: \
        if (likely(INTEGERS)) \
            DECIDE(LEFT operator RIGHT) \
        if (FLOATS) \
            DECIDE(LEFT_FLOAT operator RIGHT_FLOAT) \
        goto cold;
#define IS_INTEGER(value) (JS_VALUE_GET_TAG(value) == JS_TAG_INT)
/* Adds one, or takes it away, unless that leads out of the integers. */
#define STEP(place, last, by) { \
        if (unlikely(!IS_INTEGER(place) || JS_VALUE_GET_INT(place) == (last))) \
            goto cold; \
        place = js_int32(JS_VALUE_GET_INT(place) + (by)); \
    }
/* Whether an object is an array that has an element of this index. */
#define HAS_ELEMENT(object, index) \
    (JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT && IS_INTEGER(index) && \
     JS_VALUE_GET_OBJ(object)->class_id == JS_CLASS_ARRAY && \
     (uint32_t)JS_VALUE_GET_INT(index) < JS_VALUE_GET_OBJ(object)->u.array.count)
#define ELEMENT(object, index) JS_VALUE_GET_OBJ(object)->u.array.u.values[(uint32_t)JS_VALUE_GET_INT(index)]
/* Integers, booleans, null, undefined: equal if they are the same word. */
#define IS_PLAIN(value) ((uint32_t)JS_VALUE_GET_TAG(value) <= JS_TAG_UNDEFINED)
#define STRICT_EQUALITY(op, operator) \
    case op: \
        if (likely(IS_PLAIN(top[-2]) && IS_PLAIN(top[-1]))) \
            DECIDE(top[-2] operator top[-1]) \
        if (FLOATS) \
            DECIDE(LEFT_FLOAT operator RIGHT_FLOAT) \
        goto cold;
#define BRANCH(op, negate, length, offset) \
    case op: \
        if (unlikely(!IS_PLAIN(top[-1]))) \
            goto cold; \
        if (negate !JS_VALUE_GET_INT(top[-1])) \
            JUMP(1 + (offset), 1) \
        top--; \
        NEXT(length)

/* 0 or 1: by so many half lines of the cache is what follows moved, so that the dispatch of the loop lies within one line. Across two, a
 * loop of integers takes a third longer on an AMD EPYC, a fifth on an Intel Xeon. Which it must be depends on all code before it: a test of the
 * host tells (image.rs). */
enum { HOT_SHIFT = 1 };

/* Does nothing, and takes a half line of machine code, or two. */
no_inline void agentloop_shift(void)
{
    static volatile int nowhere[2];
    for (int i = 0; i < 2 * HOT_SHIFT; i++)
        nowhere[i] = 0;
    __asm__ volatile("");
}

/* Executes what it can from `at` on. Where it left off: the place in the bytecode, and above 32 bits the top of the stack. */
static no_inline uint64_t agentloop_hot(JSStackFrame *frame, const uint8_t *at, JSValue *top, JSValue *locals)
{
    const uint8_t *counted = at;
    for (;;) {
        switch (*at) {
        case OP_push_i32: PUSH(js_int32(get_u32(at + 1)), 5)
        case OP_push_i16: PUSH(js_int32(get_i16(at + 1)), 3)
        case OP_push_i8: PUSH(js_int32(get_i8(at + 1)), 2)
        case OP_push_minus1:
        case OP_push_0:
        case OP_push_1:
        case OP_push_2:
        case OP_push_3:
        case OP_push_4:
        case OP_push_5:
        case OP_push_6:
        case OP_push_7: PUSH(js_int32(*at - OP_push_0), 1)
        case OP_push_const: GET(CONSTANT(get_u32(at + 1)), 5)
        case OP_push_const8: GET(CONSTANT(at[1]), 2)
        case OP_undefined: PUSH(JS_UNDEFINED, 1)
        case OP_null: PUSH(JS_NULL, 1)
        case OP_push_false: PUSH(JS_FALSE, 1)
        case OP_push_true: PUSH(JS_TRUE, 1)

        EACH(loc, LOCAL)
        EACH(arg, ARGUMENT)
        EACH(var_ref, CAPTURED)
        case OP_get_loc8: GET(locals[at[1]], 2)
        case OP_put_loc8: PUT(locals[at[1]], 2)
        case OP_set_loc8: SET(locals[at[1]], 2)
        case OP_get_loc0_loc1:
            top[0] = js_dup(locals[0]);
            top[1] = js_dup(locals[1]);
            top += 2;
            NEXT(1)
        case OP_get_loc_check:
            if (unlikely(JS_IsUninitialized(locals[get_u16(at + 1)])))
                goto cold;
            GET(locals[get_u16(at + 1)], 3)
        case OP_put_loc_check:
            if (unlikely(JS_IsUninitialized(locals[get_u16(at + 1)])))
                goto cold;
            PUT(locals[get_u16(at + 1)], 3)
        case OP_get_var_ref_check:
            if (unlikely(JS_IsUninitialized(CAPTURED(get_u16(at + 1)))))
                goto cold;
            GET(CAPTURED(get_u16(at + 1)), 3)
        case OP_put_var_ref_check:
            if (unlikely(JS_IsUninitialized(CAPTURED(get_u16(at + 1)))))
                goto cold;
            PUT(CAPTURED(get_u16(at + 1)), 3)

        case OP_drop:
            if (DIES(top[-1]))
                goto cold;
            top--;
            RELEASE(*top);
            NEXT(1)
        case OP_dup: GET(top[-1], 1)
        case OP_swap: {
            JSValue value = top[-2];
            top[-2] = top[-1];
            top[-1] = value;
            NEXT(1)
        }
        case OP_insert2:
            top[0] = top[-1];
            top[-1] = top[-2];
            top[-2] = js_dup(top[0]);
            top++;
            NEXT(1)
        case OP_insert3:
            top[0] = top[-1];
            top[-1] = top[-2];
            top[-2] = top[-3];
            top[-3] = js_dup(top[0]);
            top++;
            NEXT(1)

        case OP_goto: JUMP(1 + (int32_t)get_u32(at + 1), 0)
        case OP_goto16: JUMP(1 + (int16_t)get_u16(at + 1), 0)
        case OP_goto8: JUMP(1 + (int8_t)at[1], 0)
        BRANCH(OP_if_false, , 5, (int32_t)get_u32(at + 1))
        BRANCH(OP_if_true, !, 5, (int32_t)get_u32(at + 1))
        BRANCH(OP_if_false8, , 2, (int8_t)at[1])
        BRANCH(OP_if_true8, !, 2, (int8_t)at[1])

        ARITHMETIC(OP_add, +)
        ARITHMETIC(OP_sub, -)
        case OP_mul:
            if (likely(INTEGERS)) {
                int64_t result = (int64_t)LEFT * RIGHT;
                /* Zero may be -0. */
                if (unlikely((int)result != result || result == 0))
                    goto cold;
                REPLACE(js_int32(result))
            }
            if (FLOATS)
                REPLACE(js_float64(LEFT_FLOAT * RIGHT_FLOAT))
            goto cold;
        case OP_mod:
            if (unlikely(!INTEGERS || LEFT < 0 || RIGHT <= 0))
                goto cold;
            REPLACE(js_int32(LEFT % RIGHT))
        BITWISE(OP_and, js_int32(LEFT & RIGHT))
        BITWISE(OP_or, js_int32(LEFT | RIGHT))
        BITWISE(OP_xor, js_int32(LEFT ^ RIGHT))
        BITWISE(OP_shl, js_int32((uint32_t)LEFT << (RIGHT & 31)))
        BITWISE(OP_sar, js_int32(LEFT >> (RIGHT & 31)))
        BITWISE(OP_shr, js_uint32((uint32_t)LEFT >> (RIGHT & 31)))
        COMPARISON(OP_lt, <)
        COMPARISON(OP_lte, <=)
        COMPARISON(OP_gt, >)
        COMPARISON(OP_gte, >=)
        STRICT_EQUALITY(OP_strict_eq, ==)
        STRICT_EQUALITY(OP_strict_neq, !=)
        case OP_inc:
            STEP(top[-1], INT32_MAX, 1)
            NEXT(1)
        case OP_dec:
            STEP(top[-1], INT32_MIN, -1)
            NEXT(1)
        case OP_post_inc:
            if (unlikely(!IS_INTEGER(top[-1]) || RIGHT == INT32_MAX))
                goto cold;
            PUSH(js_int32(RIGHT + 1), 1)
        case OP_inc_loc:
            STEP(locals[at[1]], INT32_MAX, 1)
            NEXT(2)
        case OP_dec_loc:
            STEP(locals[at[1]], INT32_MIN, -1)
            NEXT(2)
        case OP_add_loc: {
            JSValue value = locals[at[1]];
            if (unlikely(!JS_VALUE_IS_BOTH_INT(value, top[-1])))
                goto cold;
            int64_t result = (int64_t)JS_VALUE_GET_INT(value) + RIGHT;
            if (unlikely((int)result != result))
                goto cold;
            locals[at[1]] = js_int32(result);
            top--;
            NEXT(2)
        }
        case OP_lnot:
            if (unlikely(!IS_PLAIN(top[-1])))
                goto cold;
            top[-1] = js_bool(!RIGHT);
            NEXT(1)

        case OP_get_array_el: {
            JSValue object = top[-2];
            if (unlikely(!HAS_ELEMENT(object, top[-1]) || DIES(object)))
                goto cold;
            top[-2] = js_dup(ELEMENT(object, top[-1]));
            RELEASE(object);
            top--;
            NEXT(1)
        }
        case OP_get_array_el2:
            if (unlikely(!HAS_ELEMENT(top[-2], top[-1])))
                goto cold;
            top[-1] = js_dup(ELEMENT(top[-2], top[-1]));
            NEXT(1)
        case OP_put_array_el: {
            JSValue object = top[-3];
            if (unlikely(!HAS_ELEMENT(object, top[-2]) || DIES(object)))
                goto cold;
            JSValue *to = &ELEMENT(object, top[-2]), old = *to;
            if (unlikely(DIES(old) || old == object))
                goto cold;
            *to = top[-1];
            RELEASE(old);
            RELEASE(object);
            top -= 3;
            NEXT(1)
        }
        case OP_get_length: {
            JSValue value = top[-1];
            if (unlikely(DIES(value)))
                goto cold;
            if (JS_VALUE_GET_TAG(value) == JS_TAG_OBJECT && JS_VALUE_GET_OBJ(value)->class_id == JS_CLASS_ARRAY)
                top[-1] = JS_VALUE_GET_OBJ(value)->prop[0].u.value;
            else if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING)
                top[-1] = js_int32(JS_VALUE_GET_STRING(value)->len);
            else
                goto cold;
            RELEASE(value);
            NEXT(1)
        }
        case OP_get_field:
        case OP_get_field2: {
            JSValue object = top[-1];
            if (unlikely(JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT || (*at == OP_get_field && DIES(object))))
                goto cold;
            /* The way to a property may be long. */
            if (unlikely(agentloop_fuel < 0))
                goto cold;
            JSObject *holder = JS_VALUE_GET_OBJ(object);
            JSAtom atom = get_u32(at + 1);
            JSShapeProperty *found;
            JSProperty *property;
            while (!(found = find_own_property(&property, holder, atom))) {
                if (unlikely(holder->is_exotic || !(holder = holder->shape->proto)))
                    goto cold;
            }
            if (unlikely(found->flags & JS_PROP_TMASK))
                goto cold;
            JSValue value = js_dup(property->u.value);
            if (*at == OP_get_field) {
                top[-1] = value;
                RELEASE(object);
                NEXT(5)
            }
            PUSH(value, 5)
        }
        case OP_get_var_undef:
        case OP_get_var: {
            JSContext *realm = CALLEE.function_bytecode->realm;
            JSAtom atom = get_u32(at + 1);
            JSProperty *property;
            if (unlikely(agentloop_fuel < 0))
                goto cold;
            JSShapeProperty *found = find_own_property(&property, JS_VALUE_GET_OBJ(realm->global_var_obj), atom);
            if (!found && !(found = find_own_property(&property, JS_VALUE_GET_OBJ(realm->global_obj), atom)))
                goto cold;
            if (unlikely((found->flags & JS_PROP_TMASK) || JS_IsUninitialized(property->u.value)))
                goto cold;
            GET(property->u.value, 5)
        }
        case OP_put_field: {
            JSValue object = top[-2];
            if (unlikely(JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT || DIES(object) || agentloop_fuel < 0))
                goto cold;
            JSProperty *property;
            JSShapeProperty *found = find_own_property(&property, JS_VALUE_GET_OBJ(object), get_u32(at + 1));
            if (unlikely(!found || (found->flags & (JS_PROP_TMASK | JS_PROP_WRITABLE | JS_PROP_LENGTH)) != JS_PROP_WRITABLE))
                goto cold;
            JSValue old = property->u.value;
            if (unlikely(DIES(old) || old == object))
                goto cold;
            property->u.value = top[-1];
            RELEASE(old);
            RELEASE(object);
            top -= 2;
            NEXT(5)
        }
        default: goto cold;
        }
    }
cold:
    agentloop_fuel -= HOT_BYTE_FUEL * (at - counted);
    return (uintptr_t)at | (uint64_t)(uintptr_t)top << 32;
}

#undef NEXT
#undef JUMP
#undef DIES
#undef RELEASE
#undef PUSH
#undef GET
#undef PUT
#undef SET
#undef EACH
#undef CALLEE
#undef LOCAL
#undef ARGUMENT
#undef CAPTURED
#undef CONSTANT
#undef INTEGERS
#undef FLOATS
#undef LEFT
#undef RIGHT
#undef LEFT_FLOAT
#undef RIGHT_FLOAT
#undef REPLACE
#undef ARITHMETIC
#undef BITWISE
#undef DECIDE
#undef COMPARISON
#undef IS_INTEGER
#undef STEP
#undef HAS_ELEMENT
#undef ELEMENT
#undef IS_PLAIN
#undef STRICT_EQUALITY
#undef BRANCH
