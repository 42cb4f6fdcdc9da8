//! The engine's source: taken from the locked registry crate, changed in a few places that no API reaches.

mod json;
mod keys;

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// One change. It must match exactly once, so that an engine upgrade that moves the place breaks the build.
struct Patch {
    why: &'static str,
    find: &'static str,
    replace: &'static str,
}

const CUTILS_PATCHES: &[Patch] = &[Patch {
    why: "a buffer begins with room for a short function: growing from one byte on, it was copied a dozen times",
    find: "            new_allocated_size = new_size;\n",
    replace: "            new_allocated_size = new_size < 128 ? 128 : new_size;\n",
}];

const QUICKJS_PATCHES: &[Patch] = &[
    Patch {
        why: "WebAssembly has no computed goto: the table of labels is an indirection before the one of its `br_table`",
        find: "#define DIRECT_DISPATCH  1\n",
        replace: "#define DIRECT_DISPATCH  0\n",
    },
    Patch {
        why: "what most scripts execute most is done in a loop of its own, in which a compiler can keep everything in registers",
        find: "        int call_argc;\n        JSValue *call_argv;\n\n        SWITCH(pc) {",
        replace: "        int call_argc;\n        JSValue *call_argv;\n        \
                  uint64_t left_off = agentloop_hot(sf, pc, sp, var_buf);\n        \
                  pc = (uint8_t *)(uintptr_t)(uint32_t)left_off;\n        \
                  sp = (JSValue *)(uintptr_t)(left_off >> 32);\n\n        SWITCH(pc) {",
    },
    Patch {
        why: "that loop is defined where the interpreter is",
        find: "/* argv[] is modified if (flags & JS_CALL_FLAG_COPY_ARGV) = 0. */\nstatic JSValue JS_CallInternal(",
        replace: "#include \"agentloop_hot.h\"\n\n\
                  /* argv[] is modified if (flags & JS_CALL_FLAG_COPY_ARGV) = 0. */\nstatic JSValue JS_CallInternal(",
    },
    Patch {
        why: "where the engine would ask whether to stop, it asks for fuel if it has none: the interpreter's own loop does not \
              (see meter.rs)",
        find: "    if (unlikely(--ctx->interrupt_counter <= 0)) {\n        return __js_poll_interrupts(ctx);\n    \
               } else {\n        return 0;\n    }",
        replace: "    if (unlikely(agentloop_fuel < 0))\n        agentloop_pause();\n    return 0;",
    },
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
        why: "the same, of the table of atoms: large enough from the beginning, it lies where it does not move",
        find: "new_size = max_int(711, rt->atom_size * 3 / 2);",
        replace: "new_size = max_int(8192, rt->atom_size * 3 / 2);",
    },
    Patch {
        why: "the same, of the table of shapes",
        find: "    rt->shape_hash_bits = 6;   /* 64 shapes */\n",
        replace: "    rt->shape_hash_bits = 12;\n",
    },
    Patch {
        why: "a script that has filled three arenas of small objects of one size gets a page for more",
        find: "    n_blocks = (JS_ARENA_SIZE - sizeof(JSArena)) / block_size;\n",
        replace: "    struct list_head *arenas = &rt->arena_state.arena_list[block_size_idx];\n    \
                  bool is_much_used = arenas->next != arenas->prev && arenas->next->next != arenas->prev;\n    \
                  n_blocks = (is_much_used ? 4 : 1) * JS_ARENA_SIZE;\n    \
                  n_blocks = (n_blocks - sizeof(JSArena)) / block_size;\n",
    },
    Patch {
        why: "the last arena with room is kept when its last object is freed: the next object would make it anew, with all its \
              free blocks (objects that come and go took an eighth longer)",
        find: "        if (unlikely(ar->n_used_blocks == 0)) {\n",
        replace: "        if (unlikely(ar->n_used_blocks == 0 && ar->free_link.next != ar->free_link.prev)) {\n",
    },
    Patch {
        why: "names are numbered as they come: their last bits are a good hash, and cost one instruction instead of ten",
        find: "    int shift = 1 + clz_uintptr(mask+1);\n    return hash_uintptr(atom) >> shift;\n",
        replace: "    return atom & mask;\n",
    },
    Patch {
        why: "no memory for a new atom is an exception, which a script may catch, not a failure without one",
        find: "    return __JS_NewAtom(rt, p, JS_ATOM_TYPE_STRING);",
        replace: "    n = __JS_NewAtom(rt, p, JS_ATOM_TYPE_STRING);\n    if (n == JS_ATOM_NULL)\n        \
                  JS_ThrowOutOfMemory(ctx);\n    return n;",
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
        replace: "#include \"agentloop_engine.h\"\n\nAgentloopProgram agentloop_program;\nint agentloop_may_redeclare;\n\n\
                  struct JSObject {\n    /* ref_count/gc_obj_type",
    },
    Patch {
        why: "the override mistake: assigning `toString` on an object whose prototype is a frozen intrinsic must work, \
              as it does in every program written for an unfrozen realm. A flag on the intrinsic, looked at only where \
              the engine would refuse, costs reads nothing; SES turns such properties into accessors instead. The other \
              flag is what `harden` remembers: a set of all intrinsics would be an eighth of the image",
        find: "    uint8_t is_HTMLDDA : 1; /* specific annex B IsHtmlDDA behavior */\n",
        replace: "    uint8_t is_HTMLDDA : 1; /* specific annex B IsHtmlDDA behavior */\n    \
                  uint8_t agentloop_intrinsic : 1; /* frozen, but inheriting objects may override */\n    \
                  uint8_t agentloop_hardened : 1; /* frozen, with all that it leads to */\n",
    },
    Patch {
        why: "the flags of the patch above start out clear",
        find: "    p->is_HTMLDDA = 0;\n",
        replace: "    p->is_HTMLDDA = 0;\n    p->agentloop_intrinsic = p->agentloop_hardened = 0;\n",
    },
    Patch {
        why: "a collection need not walk over the objects of the image: nothing of it dies, and what it refers to is a root. \
              References to them are not counted (see counting.rs), but for a shape of one object's own, which the engine \
              changes in place. New objects and atoms do not go into gaps between them",
        find: "void JS_RunGC(JSRuntime *rt)\n{",
        replace: "#include \"agentloop_image.h\"\n\nvoid JS_RunGC(JSRuntime *rt)\n{",
    },
    Patch {
        why: "a run has a table of atoms of its own, where it looks first. A new atom would write to some page of the image's: \
              wherever its hash leads. What it looks for is told from others by bits of the hash that are in the table, so \
              that no page of another is touched",
        find: "static int JS_ResizeAtomHash(JSRuntime *rt, int new_hash_size)\n{",
        replace: "enum { AGENTLOOP_IMAGE_ATOM_BITS = 14, AGENTLOOP_IMAGE_ATOMS = 1 << AGENTLOOP_IMAGE_ATOM_BITS };\n\n\
                  /* Where to look for what is not in the tables of the run. */\nstatic struct {\n    \
                  uint32_t atoms[AGENTLOOP_IMAGE_ATOMS]; /* of each, the last 16 bits of its hash, then the atom */\n    \
                  int atom_count;\n    \
                  JSShape **shapes;\n    int shape_bits;\n} agentloop_image;\n\n\
                  /* Where an atom is looked for first. Names that differ in their last letter have hashes that follow each other. */\n\
                  static uint32_t agentloop_image_place(uint32_t hash)\n{\n    \
                  return hash * 0x9E3779B1 >> (32 - AGENTLOOP_IMAGE_ATOM_BITS);\n}\n\n\
                  /* Goes on in the image where a bucket of the run ends: the next atom that may have this hash. */\n\
                  static no_inline uint32_t agentloop_image_atom(uint32_t hash, uint32_t *probes)\n{\n    uint32_t entry, first = agentloop_image_place(hash), place = first + *probes;\n    \
                  while ((entry = agentloop_image.atoms[place++ % AGENTLOOP_IMAGE_ATOMS]) != 0) {\n        \
                  if (entry >> 16 == (hash & 0xffff)) {\n            \
                  *probes = place - first;\n            return entry & 0xffff;\n        }\n    }\n    return 0;\n}\n\n\
                  static int JS_ResizeAtomHash(JSRuntime *rt, int new_hash_size)\n{",
    },
    Patch {
        why: "the same: it grows by what the run adds",
        find: "    rt->atom_count_resize = JS_ATOM_COUNT_RESIZE(new_hash_size);\n",
        replace: "    rt->atom_count_resize = agentloop_image.atom_count + JS_ATOM_COUNT_RESIZE(new_hash_size);\n",
    },
    Patch {
        why: "the same, of an atom that there is",
        find: "        i = rt->atom_hash[p->hash & (rt->atom_hash_size - 1)];\n        p1 = rt->atom_array[i];\n        \
               while (p1 != p) {\n            assert(i != 0);\n            i = p1->hash_next;\n            p1 = rt->atom_array[i];\n",
        replace: "        uint32_t probes = 0;\n        i = rt->atom_hash[p->hash & (rt->atom_hash_size - 1)];\n        \
                  for (;;) {\n            if (i == 0)\n                i = agentloop_image_atom(p->hash, &probes);\n            \
                  assert(i != 0);\n            p1 = rt->atom_array[i];\n            \
                  if (p1 == p)\n                break;\n            i = p1->hash_next;\n",
    },
    Patch {
        why: "the same, of a string",
        find: "        while (i != 0) {\n            p = rt->atom_array[i];\n            if (p->hash == h &&\n                \
               p->atom_type == atom_type &&",
        replace: "        uint32_t probes = 0;\n        \
                  while (i != 0 || (i = agentloop_image_atom(h, &probes)) != 0) {\n            p = rt->atom_array[i];\n            \
                  if (p->hash == h &&\n                p->atom_type == atom_type &&",
    },
    Patch {
        why: "the same, of a text of the engine's",
        find: "    while (i != 0) {\n        p = rt->atom_array[i];\n        if (p->hash == h &&\n            \
               p->atom_type == JS_ATOM_TYPE_STRING &&",
        replace: "    uint32_t probes = 0;\n    \
                  while (i != 0 || (i = agentloop_image_atom(h, &probes)) != 0) {\n        p = rt->atom_array[i];\n        \
                  if (p->hash == h &&\n            p->atom_type == JS_ATOM_TYPE_STRING &&",
    },
    Patch {
        why: "a run has a table of shapes of its own too",
        find: "static void js_shape_hash_link(JSRuntime *rt, JSShape *sh)\n{",
        replace: "static no_inline JSShape *agentloop_image_shape(uint32_t hash, bool *is_in_image)\n{\n    \
                  if (*is_in_image || !agentloop_image.shapes)\n        return NULL;\n    \
                  *is_in_image = true;\n    \
                  return agentloop_image.shapes[get_shape_hash(hash, agentloop_image.shape_bits)];\n}\n\n\
                  static void js_shape_hash_link(JSRuntime *rt, JSShape *sh)\n{",
    },
    Patch {
        why: "the same, of a shape without properties",
        find: "    h = shape_initial_hash(proto);\n    h1 = get_shape_hash(h, rt->shape_hash_bits);\n    \
               for(sh1 = rt->shape_hash[h1]; sh1 != NULL; sh1 = sh1->shape_hash_next) {\n",
        replace: "    h = shape_initial_hash(proto);\n    h1 = get_shape_hash(h, rt->shape_hash_bits);\n    \
                  bool is_in_image = false;\n    for(sh1 = rt->shape_hash[h1];\n        \
                  sh1 != NULL || (sh1 = agentloop_image_shape(h, &is_in_image)) != NULL;\n        sh1 = sh1->shape_hash_next) {\n",
    },
    Patch {
        why: "the same, of one with a property more",
        find: "    h = shape_hash(h, prop_flags);\n    h1 = get_shape_hash(h, rt->shape_hash_bits);\n    \
               for(sh1 = rt->shape_hash[h1]; sh1 != NULL; sh1 = sh1->shape_hash_next) {\n",
        replace: "    h = shape_hash(h, prop_flags);\n    h1 = get_shape_hash(h, rt->shape_hash_bits);\n    \
                  bool is_in_image = false;\n    for(sh1 = rt->shape_hash[h1];\n        \
                  sh1 != NULL || (sh1 = agentloop_image_shape(h, &is_in_image)) != NULL;\n        sh1 = sh1->shape_hash_next) {\n",
    },
    Patch {
        why: "a variable that does not exist is told with a way out: which name was meant, or what to use instead",
        find: "    char buf[ATOM_GET_STR_BUF_SIZE];\n    return JS_ThrowReferenceError(ctx, \"%s is not defined\",\n\
               \x20                                 JS_AtomGetStr(ctx, buf, sizeof(buf), name));",
        replace: "    return agentloop_throw_not_defined(ctx, name);",
    },
    Patch {
        why: "an error in a call is placed where the callee is named, not where its last argument ends, which may be lines below",
        find: "    bool accept_lparen = (parse_flags & PF_POSTFIX_CALL) != 0;\n\n    call_type = FUNC_CALL_NORMAL;\n",
        replace: "    bool accept_lparen = (parse_flags & PF_POSTFIX_CALL) != 0;\n    \
                  int callee_line_num = s->token.line_num, callee_col_num = agentloop_column(s);\n    \
                  bool callee_has_name = s->token.val == TOK_IDENT || s->token.val == TOK_NEW;\n\n    \
                  call_type = FUNC_CALL_NORMAL;\n",
    },
    Patch {
        why: "the column of any token: the engine keeps that of a token only if it is a name or a literal",
        find: "static __exception int next_token(JSParseState *s);\n\n",
        replace: "static __exception int next_token(JSParseState *s);\n\n\
                  static int agentloop_column(JSParseState *s)\n{\n    \
                  return (int)(s->token.ptr - s->token.line_start) + 1;\n}\n\n",
    },
    Patch {
        why: "the same, of a property",
        find: "        parse_property:\n",
        replace: "        parse_property:\n            callee_has_name = true;\n            \
                  callee_line_num = s->token.line_num;\n            callee_col_num = agentloop_column(s);\n",
    },
    Patch {
        why: "the same, of an element, which has no name",
        find: "        parse_array_access:\n",
        replace: "        parse_array_access:\n            callee_has_name = false;\n",
    },
    Patch {
        why: "what is called without a name stands where its arguments begin",
        find: "        parse_func_call:\n            if (next_token(s))\n                return -1;\n",
        replace: "        parse_func_call:\n            if (!callee_has_name) {\n                \
                  callee_line_num = s->token.line_num;\n                callee_col_num = agentloop_column(s);\n            \
                  }\n            if (next_token(s))\n                return -1;\n",
    },
    Patch {
        why: "the same, at the call itself",
        find: "            emit_func_call:\n",
        replace: "            emit_func_call:\n                emit_source_loc_at(s, callee_line_num, callee_col_num);\n",
    },
    Patch {
        why: "the same, at a call with a spread argument",
        find: "                /* apply function call */\n",
        replace: "                emit_source_loc_at(s, callee_line_num, callee_col_num);\n                /* apply function call */\n",
    },
    Patch {
        why: "the same, of what a call answers, which has no name either",
        find: "            call_type = FUNC_CALL_NORMAL;\n        } else if (s->token.val == '.') {\n",
        replace: "            call_type = FUNC_CALL_NORMAL;\n            callee_has_name = false;\n        \
                  } else if (s->token.val == '.') {\n",
    },
    Patch {
        why: "what is not a function is named",
        find: "    return JS_ThrowTypeError(ctx, \"not a function\");\n}\n\nstatic JSValue JS_ThrowTypeErrorNotAnObject",
        replace: "    JS_ThrowTypeError(ctx, \"not a function\");\n    \
                  build_backtrace(ctx, ctx->rt->current_exception, JS_UNDEFINED, NULL, 0, 0, 0);\n    \
                  return agentloop_name_callee(ctx);\n}\n\nstatic JSValue JS_ThrowTypeErrorNotAnObject",
    },
    Patch {
        why: "a script may declare `var Map` as well as `let Map`: the global of that name becomes a variable of its own",
        find: "    prs = find_own_property1(p, prop);\n    if (prs)\n        return 0;\n    if (!p->extensible)\n        return 0;\n",
        replace: "    prs = find_own_property1(p, prop);\n    \
                  if (prs && !(def_flags & DEFINE_GLOBAL_LEX_VAR) && (prs->flags & JS_PROP_CONFIGURABLE) &&\n        \
                  (prs->flags & (JS_PROP_WRITABLE | JS_PROP_TMASK)) == JS_PROP_NORMAL)\n        \
                  return JS_DefineProperty(ctx, ctx->global_obj, prop, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED,\n            \
                  JS_PROP_HAS_WRITABLE | JS_PROP_WRITABLE) < 0 ? -1 : 0;\n    \
                  if (prs)\n        return 0;\n    if (!p->extensible)\n        return 0;\n",
    },
    Patch {
        why: "what stands for itself in a string of JSON is passed over by eight bytes: a third of what a call with 100 KB took went into \
              looking at single ones",
        find: "        while (p < s->buf_end && *p != '\"' && *p != '\\\\' && *p >= 0x20 && *p < 0x80) {\n",
        replace: "        while (s->buf_end - p >= 8 && agentloop_is_plain(p))\n            p += 8;\n        \
                  while (p < s->buf_end && *p != '\"' && *p != '\\\\' && *p >= 0x20 && *p < 0x80) {\n",
    },
    Patch {
        why: "the same, where a string is looked at for what is not ASCII",
        find: "        for (pos = 0; pos < len; pos++) {\n            count += src[pos] >> 7;\n        }\n        \
               if (count == 0 && str->kind == JS_STRING_KIND_NORMAL) {",
        replace: "        for (pos = 0; len - pos >= 8; pos += 8)\n            count += agentloop_beyond_ascii(src + pos);\n        \
                  for (; pos < len; pos++) {\n            count += src[pos] >> 7;\n        }\n        \
                  if (count == 0 && str->kind == JS_STRING_KIND_NORMAL) {",
    },
    Patch {
        why: "names and small integers are most of what a script is made of, and need less than what the engine does for all of them",
        find: "static JSAtom parse_ident(JSParseState *s, const uint8_t **pp,\n",
        replace: "static JSAtom agentloop_name(JSContext *ctx, const uint8_t **after_first);\n\
                  static bool agentloop_integer(JSToken *token, const uint8_t **place);\n\n\
                  static JSAtom parse_ident(JSParseState *s, const uint8_t **pp,\n",
    },
    Patch {
        why: "the same, of a name",
        find: "        atom = parse_ident(s, &p, &ident_has_escape, c, false);\n",
        replace: "        atom = c < 0x80 && !ident_has_escape ? agentloop_name(s->ctx, &p) : JS_ATOM_NULL;\n        \
                  if (atom == JS_ATOM_NULL)\n            \
                  atom = parse_ident(s, &p, &ident_has_escape, c, false);\n",
    },
    Patch {
        why: "the same, of a number",
        find: "    parse_number:\n        {\n            JSValue ret;\n            const uint8_t *p1;\n            int flags;\n",
        replace: "    parse_number:\n        if (agentloop_integer(&s->token, &p))\n            break;\n        \
                  {\n            JSValue ret;\n            const uint8_t *p1;\n            int flags;\n",
    },
    Patch {
        why: "what comes after a bracket is found without making tokens, where that is simple: the engine looks there for an arrow, \
              or an assignment, at every bracket, and again at those within it",
        find: "static int js_parse_skip_parens_token(JSParseState *s, int *pbits, bool no_line_terminator)\n{\n",
        replace: "#include \"agentloop_lex.h\"\n\n\
                  static int js_parse_skip_parens_token(JSParseState *s, int *pbits, bool no_line_terminator)\n{\n",
    },
    Patch {
        why: "the same, where it looks",
        find: "    js_parse_get_pos(s, &pos);\n    last_tok = 0;\n    for (;;) {\n",
        replace: "    js_parse_get_pos(s, &pos);\n    int agentloop_bits = 0;\n    \
                  if (agentloop_skip_brackets(s, &agentloop_bits)) {\n        bits = agentloop_bits;\n        \
                  if (next_token(s))\n            goto done;\n        tok = s->token.val;\n        \
                  if (token_is_pseudo_keyword(s, JS_ATOM_of))\n            tok = TOK_OF;\n        \
                  if (no_line_terminator && s->last_line_num != s->token.line_num)\n            tok = '\\n';\n        \
                  goto done;\n    }\n    last_tok = 0;\n    for (;;) {\n",
    },
    Patch {
        why: "a call of a tool is a promise that the shim settles",
        find: "static JSValue js_promise_resolve_thenable_job(JSContext *ctx,\n                                               \
               int argc, JSValueConst *argv)\n{",
        replace: "#include \"agentloop_call.h\"\n\n\
                  static JSValue js_promise_resolve_thenable_job(JSContext *ctx,\n                                               \
                  int argc, JSValueConst *argv)\n{",
    },
    Patch {
        why: "the next script of an instance may declare anew what one before it has declared; one script declares a name once, \
              which the parser sees to",
        find: "    p = JS_VALUE_GET_OBJ(ctx->global_var_obj);\n    prs = find_own_property1(p, prop);\n    if (prs) {\n    \
               fail_redeclaration:",
        replace: "    p = JS_VALUE_GET_OBJ(ctx->global_var_obj);\n    prs = find_own_property1(p, prop);\n    \
                  if (prs && agentloop_may_redeclare) {\n        if (delete_property(ctx, p, prop) < 0)\n            \
                  return -1;\n        prs = NULL;\n    }\n    if (prs) {\n    fail_redeclaration:",
    },
    Patch {
        why: "the same, of a `let` where an earlier script has a `var`, which it hides",
        find: "        if (prs && !(prs->flags & JS_PROP_CONFIGURABLE))\n            goto fail_redeclaration;",
        replace: "        if (prs && !(prs->flags & JS_PROP_CONFIGURABLE) &&\n            \
                  !(agentloop_may_redeclare && (prs->flags & JS_PROP_WRITABLE)))\n            goto fail_redeclaration;",
    },
    Patch {
        why: "spreading a string into an object copies its characters (ECMA-262, CopyDataProperties)",
        find: "    if (JS_VALUE_GET_TAG(source) != JS_TAG_OBJECT)\n        return 0;\n\n    if (JS_VALUE_GET_TAG(excluded)",
        replace: "    if (JS_IsString(source)) {\n        JSValue object = JS_ToObject(ctx, source);\n        \
                  if (JS_IsException(object))\n            return -1;\n        \
                  ret = JS_CopyDataProperties(ctx, target, object, excluded, setprop);\n        \
                  JS_FreeValue(ctx, object);\n        return ret;\n    }\n    \
                  if (JS_VALUE_GET_TAG(source) != JS_TAG_OBJECT)\n        return 0;\n\n    if (JS_VALUE_GET_TAG(excluded)",
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
pub(crate) fn patched_engine(manifest: &Path, out: &Path) -> Result<PathBuf> {
    let source = super::source::engine_source(manifest)?;
    let engine = out.join("engine");
    fs::create_dir_all(&engine)?;
    for entry in fs::read_dir(&source).with_context(|| format!("cannot read `{}`", source.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if !(name.ends_with(".c") || name.ends_with(".h")) {
            continue;
        }
        let mut text = fs::read_to_string(&path)?;
        let patches: &[&[Patch]] = match name {
            "quickjs.c" => &[QUICKJS_PATCHES, json::PATCHES, keys::PATCHES],
            "cutils.h" => &[CUTILS_PATCHES],
            _ => &[],
        };
        for patch in patches.iter().copied().flatten() {
            let count = text.matches(patch.find).count();
            ensure!(count == 1, "a patch of {name} matched {count} times instead of once ({})", patch.why);
            text = text.replacen(patch.find, patch.replace, 1);
        }
        if name == "quickjs.c" {
            text = super::counting::count_only_what_can_die(&text)?;
        }
        super::write(&engine.join(name), text.as_bytes())?;
    }
    Ok(engine)
}
