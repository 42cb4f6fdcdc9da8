/* A short way to the names of an object's properties: included by quickjs.c (build/patches/keys.rs). */

/* The own names of an ordinary object of which none could be an index: they are in the order in which they were added
 * (ECMA-262, OrdinaryOwnPropertyKeys). False: it is another object, or symbols are asked for and it has some. */
static bool agentloop_own_names(JSContext *ctx, JSPropertyEnum **names, uint32_t *count, JSObject *p, int flags)
{
    if (p->is_exotic || !(flags & JS_GPN_STRING_MASK))
        return false;
    JSShape *sh = p->shape;
    JSPropertyEnum *found = js_malloc(ctx, sizeof(*found) * max_int(sh->prop_count, 1));
    uint32_t length = 0;
    for (int i = 0; found && i < sh->prop_count; i++) {
        JSShapeProperty *property = &get_shape_prop(sh)[i];
        bool is_enumerable = property->flags & JS_PROP_ENUMERABLE;
        if (property->atom == JS_ATOM_NULL || ((flags & JS_GPN_ENUM_ONLY) && !is_enumerable))
            continue;
        JSAtomStruct *name = __JS_AtomIsTaggedInt(property->atom) ? NULL : ctx->rt->atom_array[property->atom];
        if (!name || name->atom_type != JS_ATOM_TYPE_STRING || name->is_wide_char || (name->len && is_digit(str8(name)[0]))) {
            js_free_prop_enum(ctx, found, length);
            return false;
        }
        found[length].atom = JS_DupAtom(ctx, property->atom);
        found[length++].is_enumerable = is_enumerable;
    }
    *names = found;
    *count = length;
    return found;
}
