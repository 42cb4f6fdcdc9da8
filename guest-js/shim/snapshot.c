/* Owns the view of the memory that the host keeps of a run, and the way back. The stack below it is empty between two steps, and the
 * one global that changes is where it was: so the memory is all there is. */
#include <stddef.h>

#include "shim.h"

enum { WASM_PAGE_BYTES = 64 * 1024 };

/* Where data begins, right above the stack. */
extern unsigned char __global_base;

/* Where the next bytes from the host go. */
static void *next_place;

__attribute__((export_name("cabi_post_contents"))) void __wasm_export_exports_sandbox_contents_post_return(uint8_t *memory) {}

void exports_sandbox_contents(sandbox_list_u8_t *memory)
{
    memory->ptr = &__global_base;
    memory->len = __builtin_wasm_memory_size(0) * WASM_PAGE_BYTES - (uintptr_t)&__global_base;
}

bool exports_sandbox_place(uint32_t start, uint32_t length)
{
    size_t pages = ((uintptr_t)&__global_base + length + WASM_PAGE_BYTES - 1) / WASM_PAGE_BYTES;
    size_t before = __builtin_wasm_memory_size(0);
    if (pages > before && __builtin_wasm_memory_grow(0, pages - before) == SIZE_MAX)
        return false;
    next_place = &__global_base + start;
    return true;
}

/* Once: what is written there may be this variable. */
void *restore_place(void)
{
    void *place = next_place;
    next_place = NULL;
    return place;
}

/* The host has written them already. */
void exports_sandbox_restore(sandbox_list_u8_t *bytes) {}
