/* Owns the engine's view of the heap (heap.c): the same, and the memory that an allocation failed. */
#include <malloc.h>
#include <stdlib.h>

#include "shim.h"

bool allocation_failed;

static void *note_failure(void *block, size_t size)
{
    if (!block && size)
        allocation_failed = true;
    return block;
}

static void *allocate_zeroed(void *opaque, size_t count, size_t size)
{
    return note_failure(calloc(count, size), count * size);
}

static void *allocate(void *opaque, size_t size)
{
    return note_failure(malloc(size), size);
}

static void release(void *opaque, void *block)
{
    free(block);
}

static void *reallocate(void *opaque, void *block, size_t size)
{
    return note_failure(realloc(block, size), size);
}

static size_t usable_size(const void *block)
{
    return malloc_usable_size((void *)block);
}

const JSMallocFunctions allocator = {
    .js_calloc = allocate_zeroed,
    .js_malloc = allocate,
    .js_free = release,
    .js_realloc = reallocate,
    .js_malloc_usable_size = usable_size,
};
