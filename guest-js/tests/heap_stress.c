/* Drives shim/heap.c natively, in 32 bits as in WebAssembly, over a region that stands for linear memory: random
 * allocations whose contents are checked, and after every few of them the whole heap. Argument: the pages there are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t *memory;
static size_t pages = 17;
static size_t pages_max;

static size_t memory_pages(void)
{
    return (uintptr_t)memory / 65536 + pages;
}

static size_t memory_grow(size_t more)
{
    if (pages + more > pages_max)
        return (size_t)-1;
    size_t before = memory_pages();
    pages += more;
    return before;
}

/* The allocator under test, beside libc's own. */
static uint8_t *heap_start;
#define __heap_base (*heap_start)
#define __builtin_wasm_memory_size(index) memory_pages()
#define __builtin_wasm_memory_grow(index, more) memory_grow(more)
#define malloc tested_malloc
#define free tested_free
#define calloc tested_calloc
#define realloc tested_realloc
#define AGENTLOOP_METER_H
static int64_t agentloop_fuel;
#define malloc_usable_size tested_usable_size
#define remove tested_remove
#include "../shim/heap.c"

static void expect(bool holds, const char *what)
{
    if (holds)
        return;
    (void)!write(2, what, strlen(what));
    (void)!write(2, "\n", 1);
    _exit(1);
}

/* Blocks follow one another to the end; no two neighbours are free; the tags are right. Returns the free bytes. */
static size_t check_blocks(void)
{
    size_t free_bytes = 0;
    uint32_t size_before = 0;
    bool free_before = false;
    for (Block *block = at((void *)(((uintptr_t)heap_start + 7) & ~(uintptr_t)7), HEADER); block != end;) {
        uint32_t size = size_of(block);
        bool is_free = block->header & FREE;
        expect(size >= BLOCK_MIN && size % 8 == 0, "a block has a size that none can have");
        expect(!!(block->header & PREVIOUS_FREE) == free_before, "a block is wrong about the one before it");
        expect(!free_before || *(uint32_t *)at(block, -4) == size_before, "a free block ends with the wrong size");
        expect(!(free_before && is_free), "two neighbours are free");
        free_bytes += is_free ? size : 0;
        size_before = size;
        free_before = is_free;
        block = at(block, size);
        expect(block <= end, "the last block goes past the end");
    }
    expect((uint8_t *)end + HEADER <= memory + pages * 65536, "the heap goes past the memory");
    return free_bytes;
}

/* The lists hold exactly the free blocks, each in its own. */
static void check_heap(void)
{
    size_t listed = 0;
    for (uint32_t list = 0; list < LISTS; list++) {
        expect(!!(bitmap[list / 32] >> (list % 32) & 1) == !!lists[list], "the bitmap is wrong about a list");
        Block *before = NULL;
        for (Block *block = lists[list]; block; block = block->next) {
            expect(block->previous == before, "a link leads back elsewhere");
            expect(list_of(size_of(block)) == list && (block->header & FREE), "a block is in the wrong list");
            listed += size_of(block);
            before = block;
        }
    }
    expect(listed == check_blocks(), "a free block is in no list");
}

static uint32_t random_bits(void)
{
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 11;
}

static size_t random_size(void)
{
    uint32_t kind = random_bits() % 100;
    uint32_t most = kind < 60 ? 600 : kind < 90 ? 9000 : kind < 97 ? 200000 : 3000000;
    return random_bits() % most;
}

enum { HELD = 2000, ROUNDS = 400000, ROUNDS_PER_CHECK = 2000 };
static struct {
    uint8_t *bytes;
    size_t size;
    uint8_t content;
} held[HELD];

static void fill(int i, uint8_t *bytes, size_t size)
{
    expect((uintptr_t)bytes % 8 == 0 && tested_usable_size(bytes) >= size, "a block is too small or not aligned");
    held[i].bytes = bytes;
    held[i].size = size;
    held[i].content = random_bits();
    memset(bytes, held[i].content, size);
}

static void check_content(const uint8_t *bytes, size_t size, uint8_t content)
{
    size_t stride = size > 4096 ? 97 : 1;
    for (size_t k = 0; k < size; k += stride)
        expect(bytes[k] == content, "a block was written to by another");
}

static bool allocate(int i)
{
    size_t size = random_size();
    bool zeroed = random_bits() & 1;
    uint8_t *bytes = zeroed ? tested_calloc(1, size) : tested_malloc(size);
    if (!bytes)
        return false;
    if (zeroed)
        check_content(bytes, size, 0);
    fill(i, bytes, size);
    return true;
}

static bool change(int i)
{
    check_content(held[i].bytes, held[i].size, held[i].content);
    if (random_bits() % 3) {
        tested_free(held[i].bytes);
        held[i].bytes = NULL;
        return true;
    }
    size_t size = random_size();
    uint8_t *bytes = tested_realloc(held[i].bytes, size);
    if (!bytes)
        return false;
    check_content(bytes, size < held[i].size ? size : held[i].size, held[i].content);
    fill(i, bytes, size);
    return true;
}

int main(int argc, char **argv)
{
    pages_max = argc > 1 ? atoi(argv[1]) : 0;
    memory = mmap((void *)0x10000000, pages_max * 65536, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    expect(memory != MAP_FAILED, "there is no memory for the test");
    heap_start = memory + 12345;
    size_t denied = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int i = random_bits() % HELD;
        denied += !(held[i].bytes ? change(i) : allocate(i));
        if (round % ROUNDS_PER_CHECK == 0)
            check_heap();
    }
    for (int i = 0; i < HELD; i++)
        tested_free(held[i].bytes);
    check_heap();
    expect(check_blocks() == (uint8_t *)end - (uint8_t *)at((void *)(((uintptr_t)heap_start + 7) & ~(uintptr_t)7), HEADER),
           "not everything that was freed is free");
    /* The caller says whether memory was meant to run out. */
    return denied ? 2 : 0;
}
