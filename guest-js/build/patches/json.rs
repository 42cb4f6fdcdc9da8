//! The short ways through JSON text (shim/agentloop_json.h).

use super::Patch;

pub(super) const PATCHES: &[Patch] = &[
    Patch {
        why: "defines them, where the engine's own begin",
        find: "static int json_parse_error(JSParseState *s, const uint8_t *curp, const char *msg)\n{",
        replace: "#include \"agentloop_json.h\"\n\n\
                  static int json_parse_error(JSParseState *s, const uint8_t *curp, const char *msg)\n{",
    },
    Patch {
        why: "a string that stands for itself is copied once, into one of its size",
        find: "    if (string_buffer_init(s->ctx, b, 48))\n        goto fail;\n\n    p = *pp;\n",
        replace: "    const uint8_t *quote = agentloop_json_quote(s, *pp);\n    if (quote) {\n        \
                  s->token.u.str.str = js_new_string8_len(s->ctx, (const char *)*pp, quote - *pp);\n        \
                  if (JS_IsException(s->token.u.str.str))\n            return -1;\n        \
                  s->token.val = TOK_STRING;\n        s->token.u.str.sep = '\"';\n        \
                  *pp = quote + 1;\n        return 0;\n    }\n    \
                  if (string_buffer_init(s->ctx, b, 48))\n        goto fail;\n\n    p = *pp;\n",
    },
    Patch {
        why: "most numbers need no arithmetic of 128 bits, and most are integers",
        find: "static int json_parse_number(JSParseState *s, const uint8_t **pp)\n{\n",
        replace: "static int json_parse_number(JSParseState *s, const uint8_t **pp)\n{\n    \
                  if (agentloop_json_number(pp, &s->token.u.num.val)) {\n        \
                  s->token.val = TOK_NUMBER;\n        return 0;\n    }\n",
    },
    Patch {
        why: "the first name of an object is looked up as it stands in the text, without a string for it",
        find: "            if (json_next_token(s))\n                goto fail;\n            \
               val = JS_NewObject(ctx);\n            if (JS_IsException(val))\n                goto fail;\n            \
               if (pr) {\n                json_parse_record_init_obj(ctx, pr, val);\n                \
               pr_size = 0;\n            }\n            if (s->token.val != '}') {\n                for(;;) {\n                    \
               if (s->token.val == TOK_STRING) {",
        replace: "            val = JS_NewObject(ctx);\n            if (JS_IsException(val))\n                goto fail;\n            \
                  if (pr) {\n                json_parse_record_init_obj(ctx, pr, val);\n                \
                  pr_size = 0;\n            }\n            prop_name = agentloop_json_name(s);\n            \
                  if (prop_name == JS_ATOM_NULL && json_next_token(s))\n                goto fail;\n            \
                  if (prop_name != JS_ATOM_NULL || s->token.val != '}') {\n                for(;;) {\n                    \
                  if (prop_name != JS_ATOM_NULL) {\n                        /* it was read */\n                    \
                  } else if (s->token.val == TOK_STRING) {",
    },
    Patch {
        why: "the same for all others",
        find: "\"Expected ',' or '}' after property value\");\n                        goto fail;\n                    }\n                    \
               if (json_next_token(s))\n",
        replace: "\"Expected ',' or '}' after property value\");\n                        goto fail;\n                    }\n                    \
                  prop_name = agentloop_json_name(s);\n                    \
                  if (prop_name == JS_ATOM_NULL && json_next_token(s))\n",
    },
    Patch {
        why: "nobody has seen the object yet: a property that it has not is added",
        find: "                    ret = JS_DefinePropertyValue(ctx, val, prop_name,\n                                                 \
               prop_val, JS_PROP_C_W_E);\n                    JS_FreeAtom(ctx, prop_name);\n                    \
               if (ret < 0)\n                        goto fail;\n\n                    if (s->token.val == '}')",
        replace: "                    ret = agentloop_json_add(ctx, val, prop_name, prop_val);\n                    \
                  JS_FreeAtom(ctx, prop_name);\n                    \
                  if (ret < 0)\n                        goto fail;\n\n                    if (s->token.val == '}')",
    },
    Patch {
        why: "nor the array: the element is its next",
        find: "                    ret = JS_DefinePropertyValueUint32(ctx, val, idx, el, JS_PROP_C_W_E);\n                    \
               if (ret < 0)\n                        goto fail;\n                    if (s->token.val == ']')",
        replace: "                    ret = add_fast_array_element(ctx, JS_VALUE_GET_OBJ(val), el, JS_PROP_THROW);\n                    \
                  if (ret < 0)\n                        goto fail;\n                    if (s->token.val == ']')",
    },
    Patch {
        why: "a name is written where it goes, without a string for it in quotes",
        find: "                    prop = JS_ToQuotedStringFree(ctx, prop);\n                    if (JS_IsException(prop)) {\n                        \
               JS_FreeValue(ctx, v);\n                        goto exception;\n                    }\n                    \
               string_buffer_concat_value(jsc->b, sep);\n                    string_buffer_concat_value(jsc->b, prop);\n",
        replace: "                    string_buffer_concat_value(jsc->b, sep);\n                    \
                  if (agentloop_json_write(ctx, jsc->b, prop)) {\n                        \
                  JS_FreeValue(ctx, v);\n                        goto exception;\n                    }\n",
    },
    Patch {
        why: "the same for strings and integers",
        find: "    case JS_TAG_STRING:\n    case JS_TAG_STRING_ROPE:\n        val = JS_ToQuotedStringFree(ctx, val);\n        \
               if (JS_IsException(val))\n            goto exception;\n        goto concat_value;\n",
        replace: "    case JS_TAG_STRING:\n    case JS_TAG_STRING_ROPE:\n        \
                  if (agentloop_json_write(ctx, jsc->b, val))\n            goto exception;\n        \
                  JS_FreeValue(ctx, val);\n        return 0;\n    \
                  case JS_TAG_INT:\n        return agentloop_json_write_integer(jsc->b, JS_VALUE_GET_INT(val));\n",
    },
    Patch {
        why: "an integer has a case of its own by the patch above",
        find: "    case JS_TAG_INT:\n    case JS_TAG_BOOL:\n    case JS_TAG_NULL:\n    concat_value:\n",
        replace: "    case JS_TAG_BOOL:\n    case JS_TAG_NULL:\n    concat_value:\n",
    },
    Patch {
        why: "an index is made text only for who asks for it: a `toJSON` or a replacer",
        find: "                prop = JS_ToStringFree(ctx, js_int64(i));\n                if (JS_IsException(prop)) {\n                    \
               JS_FreeValue(ctx, v);\n                    goto exception;\n                }\n                \
               v = js_json_check(",
        replace: "                if (JS_IsObject(v) || JS_IsBigInt(v) || !JS_IsUndefined(jsc->replacer_func)) {\n                    \
                  prop = JS_ToStringFree(ctx, js_int64(i));\n                    if (JS_IsException(prop)) {\n                        \
                  JS_FreeValue(ctx, v);\n                        goto exception;\n                    }\n                }\n                \
                  v = js_json_check(",
    },
];
