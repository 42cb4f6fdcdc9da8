//! The short way to an object's keys (shim/agentloop_keys.h).

use super::Patch;

pub(super) const PATCHES: &[Patch] = &[
    Patch {
        why: "defines it",
        find: "static int __exception JS_GetOwnPropertyNamesInternal(JSContext *ctx,\n",
        replace: "#include \"agentloop_keys.h\"\n\n\
                  static int __exception JS_GetOwnPropertyNamesInternal(JSContext *ctx,\n",
    },
    Patch {
        why: "takes it",
        find: "    /* compute the number of returned properties */\n    num_keys_count = 0;\n",
        replace: "    if (agentloop_own_names(ctx, ptab, plen, p, flags))\n        return 0;\n    \
                  /* compute the number of returned properties */\n    num_keys_count = 0;\n",
    },
    Patch {
        why: "what is enumerable is not looked at twice, where nothing of the script can run between",
        find: "    if (JS_GetOwnPropertyNamesInternal(ctx, &atoms, &len, p, flags & ~JS_GPN_ENUM_ONLY))\n        goto exception;\n    \
               r = JS_NewArray(ctx);",
        replace: "    bool is_final = kind == JS_ITERATOR_KIND_KEY && !p->is_exotic;\n    \
                  if (JS_GetOwnPropertyNamesInternal(ctx, &atoms, &len, p, is_final ? flags : flags & ~JS_GPN_ENUM_ONLY))\n        goto exception;\n    \
                  r = JS_NewArray(ctx);",
    },
    Patch {
        why: "the same, for each",
        find: "        if (flags & JS_GPN_ENUM_ONLY) {\n            int desc_flags, res;\n\n            /* Check if property is still enumerable */",
        replace: "        if ((flags & JS_GPN_ENUM_ONLY) && !is_final) {\n            int desc_flags, res;\n\n            /* Check if property is still enumerable */",
    },
    Patch {
        why: "nobody has seen the array of keys, values or entries: each is its next element",
        find: "        if (JS_CreateDataPropertyUint32(ctx, r, j++, val, 0) < 0)\n            goto exception;\n    }\n    goto done;\n\nexception1:",
        replace: "        if (add_fast_array_element(ctx, JS_VALUE_GET_OBJ(r), val, 0) < 0)\n            goto exception;\n    }\n    goto done;\n\nexception1:",
    },
];
