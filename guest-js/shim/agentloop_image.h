/* Parts a run from the image of the realm that it begins in: included by quickjs.c (build/patches.rs).
 *
 * What the image holds lives as long as the instance and is shared by all runs until one writes to it. Each page that a run
 * writes to is copied when it does and put back when its instance is dropped, so a run writes to few: what it changes of the
 * image is moved together, and what it adds goes into tables of its own. */

static struct list_head agentloop_image_objects;
static struct list_head agentloop_image_arenas[JS_ARENA_BLOCK_SIZE_COUNT];

bool agentloop_is_hardened(JSValueConst object)
{
    return JS_VALUE_GET_OBJ(object)->agentloop_hardened;
}

void agentloop_set_hardened(JSValueConst object)
{
    JS_VALUE_GET_OBJ(object)->agentloop_hardened = 1;
}

static bool agentloop_has_shape(const JSShape *sh, const JSShape *wanted, uint32_t hash)
{
    if (sh->hash != hash || sh->proto != wanted->proto || sh->prop_count != wanted->prop_count)
        return false;
    for (int i = 0; i < sh->prop_count; i++) {
        JSShapeProperty *a = &get_shape_prop((JSShape *)sh)[i], *b = &get_shape_prop((JSShape *)wanted)[i];
        if (a->atom != b->atom || a->flags != b->flags)
            return false;
    }
    return true;
}

/* The engine gives each object that is frozen a shape of its own. Objects of the image that have the same properties share one. */
static bool agentloop_share_shape(JSRuntime *rt, JSObject *p)
{
    JSShape *own = p->shape, *sh;
    if (own->is_hashed || own->deleted_prop_count)
        return true;
    uint32_t hash = shape_initial_hash(own->proto);
    for (int i = 0; i < own->prop_count; i++)
        hash = shape_hash(shape_hash(hash, get_shape_prop(own)[i].atom), get_shape_prop(own)[i].flags);
    for (sh = rt->shape_hash[get_shape_hash(hash, rt->shape_hash_bits)]; sh; sh = sh->shape_hash_next) {
        if (!agentloop_has_shape(sh, own, hash))
            continue;
        JSProperty *prop = js_realloc_rt(rt, p->prop, sh->prop_size * sizeof(*prop));
        if (!prop)
            return false;
        p->prop = prop;
        p->shape = js_dup_shape(sh);
        js_free_shape(rt, own);
        return true;
    }
    own->hash = hash;
    own->is_hashed = true;
    js_shape_hash_link(rt, own);
    return true;
}

bool agentloop_mark_intrinsic(JSContext *ctx, JSValueConst object)
{
    JSObject *p = JS_VALUE_GET_OBJ(object);
    p->agentloop_intrinsic = p->agentloop_hardened = 1;
    return agentloop_share_shape(ctx->rt, p);
}

static void agentloop_move_list(struct list_head *from, struct list_head *to)
{
    init_list_head(to);
    if (!list_empty(from)) {
        *to = *from;
        to->next->prev = to->prev->next = to;
        init_list_head(from);
    }
}

/* Links the free places for atoms, the last one first, and marks the atoms that there are as never to be freed. */
static void agentloop_retire_atoms(JSRuntime *rt)
{
    rt->atom_free_index = 0;
    for (int i = 0; i < rt->atom_size; i++) {
        if (!atom_is_free(rt->atom_array[i])) {
            JS_REF_COUNT(rt->atom_array[i]) = INT_MIN;
            continue;
        }
        rt->atom_array[i] = atom_set_free(rt->atom_free_index);
        rt->atom_free_index = i;
    }
}

void agentloop_retire_image(JSRuntime *rt)
{
    struct list_head *el, *next;
    list_for_each(el, &rt->gc_obj_list) {
        JSGCObjectHeader *p = list_entry(el, JSGCObjectHeader, link);
        if (JS_GC_TYPE(p) != JS_GC_OBJ_TYPE_SHAPE || ((JSShape *)p)->is_hashed)
            JS_REF_COUNT(p) = INT_MIN;
    }
    agentloop_retire_atoms(rt);
    agentloop_move_list(&rt->gc_obj_list, &agentloop_image_objects);
    for (int i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
        agentloop_move_list(&rt->arena_state.arena_list[i], &agentloop_image_arenas[i]);
        list_for_each_safe(el, next, &rt->arena_state.free_arena_list[i])
            init_list_head(el);
        init_list_head(&rt->arena_state.free_arena_list[i]);
    }
}

/* Enters the atoms of the image in its own table, and takes them out of the engine's. */
static bool agentloop_part_atoms(JSRuntime *rt)
{
    uint32_t next;
    if (rt->atom_count > AGENTLOOP_IMAGE_ATOMS / 2)
        return false;
    for (int bucket = 0; bucket < rt->atom_hash_size; bucket++) {
        for (uint32_t i = rt->atom_hash[bucket]; i != 0; i = next) {
            JSAtomStruct *p = rt->atom_array[i];
            next = p->hash_next;
            p->hash_next = 0;
            uint32_t place = agentloop_image_place(p->hash);
            while (agentloop_image.atoms[place])
                place = (place + 1) % AGENTLOOP_IMAGE_ATOMS;
            agentloop_image.atoms[place] = p->hash << 16 | i;
        }
    }
    agentloop_image.atom_count = rt->atom_count;
    return true;
}

/* A copy of `bytes` bytes. The original stays, unused: it is a part of the image. */
static void *agentloop_copied(JSRuntime *rt, const void *original, size_t bytes)
{
    void *copy = js_malloc_rt(rt, bytes);
    return copy ? memcpy(copy, original, bytes) : NULL;
}

/* Moves the shape of an object that has one for itself, and the values of its properties. */
static bool agentloop_move_object(JSRuntime *rt, JSObject *p)
{
    JSShape *sh = p->shape;
    JSShape *moved = agentloop_copied(rt, sh, get_shape_size(sh->prop_hash_mask + 1, sh->prop_size));
    JSProperty *prop = agentloop_copied(rt, p->prop, sh->prop_size * sizeof(*prop));
    if (sh->is_hashed || !moved || !prop)
        return false;
    JS_REF_COUNT(moved) = JS_REF_COUNT(sh);
    JS_GC_TYPE(moved) = JS_GC_TYPE(sh);
    JS_GC_MARK(moved) = JS_GC_MARK(sh);
    moved->header.link.prev->next = moved->header.link.next->prev = &moved->header.link;
    p->shape = moved;
    p->prop = prop;
    return true;
}

bool agentloop_part_from_image(JSContext *ctx)
{
    enum { ATOM_BUCKETS = 256, SHAPE_BITS = 8 };
    JSRuntime *rt = ctx->rt;
    if (!agentloop_part_atoms(rt))
        return false;
    agentloop_image.shapes = rt->shape_hash;
    agentloop_image.shape_bits = rt->shape_hash_bits;
    /* Scripts take the last places of this one: what they write next comes right behind. */
    rt->atom_array = agentloop_copied(rt, rt->atom_array, rt->atom_size * sizeof(rt->atom_array[0]));
    rt->atom_hash = js_mallocz_rt(rt, ATOM_BUCKETS * sizeof(rt->atom_hash[0]));
    rt->atom_hash_size = ATOM_BUCKETS;
    rt->atom_count_resize = agentloop_image.atom_count + JS_ATOM_COUNT_RESIZE(ATOM_BUCKETS);
    rt->shape_hash_bits = SHAPE_BITS;
    rt->shape_hash_size = 1 << SHAPE_BITS;
    rt->shape_hash_count = 0;
    rt->shape_hash = js_mallocz_rt(rt, rt->shape_hash_size * sizeof(rt->shape_hash[0]));
    bool is_moved = agentloop_move_object(rt, JS_VALUE_GET_OBJ(ctx->global_obj));
    return is_moved && rt->atom_array && rt->atom_hash && rt->shape_hash;
}
