//! The engine's source: taken from the locked registry crate, changed in a few places that no API reaches.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// One change. It must match exactly once, so that an engine upgrade that moves the place breaks the build.
struct Patch {
    why: &'static str,
    find: &'static str,
    replace: &'static str,
}

const QUICKJS_PATCHES: &[Patch] = &[
    Patch {
        why: "a script is the body of an async function: top-level `return` is part of it, and compiling it as such \
              needs no text spliced around it that could be closed from within",
        find: "        if (s->cur_func->is_eval) {\n            js_parse_error(s, \"return not in a function\");",
        replace: "        if (s->cur_func->is_eval && (s->is_module || s->cur_func->func_kind != JS_FUNC_ASYNC)) {\n            \
                  js_parse_error(s, \"return not in a function\");",
    },
    Patch {
        why: "a `return` may be the last word of a script, where a function would have its brace",
        find: "        if (s->token.val != ';' && s->token.val != '}' && !s->got_lf) {\n            if (js_parse_expr(s))\n                \
               goto fail;\n            emit_return(s, true);",
        replace: "        if (s->token.val != ';' && s->token.val != '}' && s->token.val != TOK_EOF && !s->got_lf) {\n            \
                  if (js_parse_expr(s))\n                goto fail;\n            emit_return(s, true);",
    },
    Patch {
        why: "running out of memory, or a string that is too long, can be caught like any other exception; a host that \
              wants to stop a script stops its instance, so nothing needs to be uncatchable",
        find: "        p->is_uncatchable_error = flag;\n",
        replace: "        p->is_uncatchable_error = 0;\n",
    },
    Patch {
        why: "a long chain of iterator helpers recurses in C: a RangeError, as for any other recursion",
        find: "            func = p->u.cfunc.c_function;\n            return func.iterator_next(ctx, enum_obj, argc, argv,",
        replace: "            if (js_check_stack_overflow(ctx->rt, 0)) {\n                JS_ThrowStackOverflow(ctx);\n                \
                  goto fail;\n            }\n            func = p->u.cfunc.c_function;\n            \
                  return func.iterator_next(ctx, enum_obj, argc, argv,",
    },
    Patch {
        why: "small objects of one size share a kilobyte instead of a page: a short script writes to fewer pages, and each \
              page it writes to is put back when its instance is dropped",
        find: "#define JS_ARENA_SIZE              4096",
        replace: "#define JS_ARENA_SIZE              1024",
    },
    Patch {
        why: "a script that ends too early is told so, not that the token '' was unexpected",
        find: "    default:\n        return js_parse_error(s, \"unexpected token in expression: '%.*s'\",",
        replace: "    case TOK_EOF:\n        return js_parse_error(s, \"unexpected end of the script\");\n    default:\n        \
                  return js_parse_error(s, \"unexpected token in expression: '%.*s'\",",
    },
    Patch {
        why: "columns of the first line count from 1, as those of every other line do",
        find: "    s->mark = s->buf_ptr + min_int(1, input_len);\n    s->eol = s->buf_ptr;\n",
        replace: "    s->mark = s->buf_ptr;\n    s->eol = s->buf_ptr - 1;\n",
    },
    Patch {
        why: "a script resolves to its value (so that a promise is adopted), not to an object around it",
        find: "    } else {\n        if (!s->is_module) {\n            if (fd->func_kind == JS_FUNC_ASYNC) {",
        replace: "    } else {\n        if (!s->is_module) {\n            if (0) {",
    },
    Patch {
        why: "the same, after a `using` declaration",
        find: "        if (!s->is_module) {\n            if (fd->func_kind == JS_FUNC_ASYNC) {",
        replace: "        if (!s->is_module) {\n            if (0) {",
    },
    Patch {
        why: "a script that is one function is called: the parser tells whether that is so, no text is guessed at",
        find: "    while (s->token.val != TOK_EOF) {\n        if (js_parse_source_element(s))\n            return -1;\n        \
               /* Check if a 'using'",
        replace: "    agentloop_program = (AgentloopProgram){.function_name = JS_ATOM_NULL};\n    \
                  while (s->token.val != TOK_EOF) {\n        agentloop_program.elements++;\n        \
                  if (js_parse_source_element(s))\n            return -1;\n        \
                  if (agentloop_program.elements == 1 && fd->global_var_count == 1 &&\n            \
                  fd->global_vars[0].cpool_idx >= 0)\n            \
                  agentloop_program.function_name = JS_DupAtom(s->ctx, fd->global_vars[0].var_name);\n        \
                  /* Check if a 'using'",
    },
    Patch {
        why: "a script with `export` in it is compiled again as a module",
        find: "    case TOK_ENUM:\n    case TOK_EXPORT:\n    case TOK_EXTENDS:\n        js_unsupported_keyword(s, \
               s->token.u.ident.atom);\n        goto fail;\n",
        replace: "    case TOK_EXPORT:\n        agentloop_program.is_module = 1;\n    case TOK_ENUM:\n    \
                  case TOK_EXTENDS:\n        js_unsupported_keyword(s, s->token.u.ident.atom);\n        goto fail;\n",
    },
    Patch {
        why: "an `import` says what to do instead of that an identifier was unexpected",
        find: "        import_col_num = s->token.col_num;\n        if (next_token(s))\n            return -1;\n        \
               if (s->token.val == '.') {",
        replace: "        import_col_num = s->token.col_num;\n        if (next_token(s))\n            return -1;\n        \
                  if (!s->is_module && s->token.val != '.' && s->token.val != '(')\n            \
                  return js_parse_error(s, \"there are no modules in the sandbox: remove the import; \"\n                \
                  \"what it offers is in `tools`\");\n        \
                  if (s->token.val == '.') {",
    },
    Patch {
        why: "what the two patches above tell, and the state of `Math.random`, which the image would freeze",
        find: "static __exception int js_parse_program(JSParseState *s)\n{",
        replace: "void agentloop_seed_random(JSContext *ctx, uint64_t seed)\n{\n    \
                  /* splitmix64: neighbouring seeds give unrelated streams. */\n    \
                  seed += 0x9E3779B97F4A7C15;\n    \
                  seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;\n    \
                  seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EB;\n    \
                  seed ^= seed >> 31;\n    \
                  ctx->random_state = seed ? seed : 1;\n}\n\n\
                  static __exception int js_parse_program(JSParseState *s)\n{",
    },
    Patch {
        why: "declares the above where every user of it follows",
        find: "struct JSObject {\n    /* ref_count/gc_obj_type",
        replace: "#include \"agentloop_engine.h\"\n\nAgentloopProgram agentloop_program;\n\n\
                  struct JSObject {\n    /* ref_count/gc_obj_type",
    },
    Patch {
        why: "the override mistake: assigning `toString` on an object whose prototype is a frozen intrinsic must work, \
              as it does in every program written for an unfrozen realm. A flag on the intrinsic, looked at only where \
              the engine would refuse, costs reads nothing; SES turns such properties into accessors instead",
        find: "    uint8_t is_HTMLDDA : 1; /* specific annex B IsHtmlDDA behavior */\n",
        replace: "    uint8_t is_HTMLDDA : 1; /* specific annex B IsHtmlDDA behavior */\n    \
                  uint8_t agentloop_intrinsic : 1; /* frozen, but inheriting objects may override */\n",
    },
    Patch {
        why: "the flag of the patch above starts out clear",
        find: "    p->is_HTMLDDA = 0;\n",
        replace: "    p->is_HTMLDDA = 0;\n    p->agentloop_intrinsic = 0;\n",
    },
    Patch {
        why: "the flag is set by lockdown.js, through the shim",
        find: "void JS_SetIsHTMLDDA(",
        replace: "void agentloop_mark_intrinsic(JSValueConst object)\n{\n    \
                  if (JS_VALUE_GET_TAG(object) == JS_TAG_OBJECT)\n        \
                  JS_VALUE_GET_OBJ(object)->agentloop_intrinsic = 1;\n}\n\n\
                  void JS_SetIsHTMLDDA(",
    },
    Patch {
        why: "the flag is read where an inherited read-only property would make an assignment fail",
        find: "            } else if (!(prs->flags & JS_PROP_WRITABLE)) {\n                goto read_only_prop;\n            \
               } else {\n                break;\n            }\n        }\n    }\n\n    if (unlikely(flags & JS_PROP_NO_ADD))",
        replace: "            } else if (!(prs->flags & JS_PROP_WRITABLE) && !p1->agentloop_intrinsic) {\n                \
                  goto read_only_prop;\n            \
                  } else {\n                break;\n            }\n        }\n    }\n\n    \
                  if (unlikely(flags & JS_PROP_NO_ADD))",
    },
];

/// Copies the engine's C files to `OUT_DIR/engine`, patched, and returns that folder.
pub fn patched_engine(manifest: &Path, out: &Path) -> Result<PathBuf> {
    let source = crate::source::engine_source(manifest)?;
    let engine = out.join("engine");
    fs::create_dir_all(&engine)?;
    for entry in fs::read_dir(&source).with_context(|| format!("cannot read `{}`", source.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if !(name.ends_with(".c") || name.ends_with(".h")) {
            continue;
        }
        let mut text = fs::read_to_string(&path)?;
        if name == "quickjs.c" {
            for patch in QUICKJS_PATCHES {
                let count = text.matches(patch.find).count();
                ensure!(count == 1, "a patch of quickjs.c matched {count} times instead of once ({})", patch.why);
                text = text.replacen(patch.find, patch.replace, 1);
            }
        }
        crate::write(&engine.join(name), text.as_bytes())?;
    }
    Ok(engine)
}
