/* Owns linear memory beyond the stack and the data: malloc and its kin, for the engine, the shim and libc.
 *
 * Free blocks are kept in lists by size, a bitmap tells which lists have any, neighbours are merged when a block is freed
 * (segregated fit with boundary tags). So a block costs four bytes and what a script frees is whole again: a script that
 * catches running out of memory and lets go of what it held can go on. Nothing here can corrupt more than this instance. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agentloop_meter.h"

/* A block begins 4 bytes before an address that is a multiple of 8, which is where its payload begins. Its size, header
 * included, is a multiple of 8, so the low bits of the header are free for two flags. A free block also holds its links
 * and, in its last word, its size again, for the block after it. */
typedef struct Block {
    uint32_t header;
    struct Block *next;
    struct Block *previous;
} Block;

enum {
    FREE = 1,          /* this block is free */
    PREVIOUS_FREE = 2, /* the block before it is free */
    FLAGS = 7,
    HEADER = 4,
    BLOCK_MIN = 16,
    EXACT_BELOW = 256, /* below, each multiple of 8 has a list of its own; above, 16 lists for each power of two */
    LISTS = EXACT_BELOW / 8 + 24 * 16,
    WORDS = (LISTS + 31) / 32,
    PAGE = 64 * 1024,
    HOST_PAGE = 4096,
    GROWTH_PAGES = 4,
    PASSING_MIN = 128 * 1024,
    PAGE_FUEL = 8192, /* what the host's work on a new page costs */
};

extern unsigned char __heap_base;

static Block *lists[LISTS];
static uint32_t bitmap[WORDS];
/* The block after the last: of size 0, in use, and not looked at, as its page is far from what a script allocates. NULL before the
 * first allocation. */
static Block *end;
/* The free block before `end`, if there is one. Nothing of it is written at its end, which is the one page of the heap that is
 * far from what a script allocates. */
static Block *top;
/* Large blocks that are made while the image is, behind the heap, so that they leave no holes between what lasts: the first byte of
 * their place, the first that is free, and how many there are. */
static struct {
    unsigned char *start;
    unsigned char *free;
    uint32_t count;
} passing;

/* What is free again when the heap is settled. */
static struct {
    void *start;
    size_t bytes;
} aside;

static uint32_t size_of(const Block *block)
{
    return block->header & ~FLAGS;
}

static Block *at(const void *start, int64_t offset)
{
    return (Block *)((uintptr_t)start + (intptr_t)offset);
}

static uint32_t list_of(uint32_t size)
{
    if (size < EXACT_BELOW)
        return size / 8;
    uint32_t power = 31 - __builtin_clz(size);
    return EXACT_BELOW / 8 + (power - 8) * 16 + ((size >> (power - 4)) & 15);
}

/* The first list in which every block is at least this large. */
static uint32_t sure_list_of(uint32_t size)
{
    if (size < EXACT_BELOW)
        return size / 8;
    return list_of(size + (1u << (31 - __builtin_clz(size) - 4)) - 1);
}

/* Tells the block after this free one how large it is. */
static void tell_after(Block *block, uint32_t size)
{
    *(uint32_t *)at(block, size - 4) = size;
    at(block, size)->header |= PREVIOUS_FREE;
}

static void insert(Block *block, uint32_t size)
{
    uint32_t list = list_of(size);
    block->header = size | FREE | (block->header & PREVIOUS_FREE);
    if (at(block, size) == end)
        top = block;
    else if (size_of(at(block, size))) /* what ends a donation is never free, so it never asks */
        tell_after(block, size);
    block->previous = NULL;
    block->next = lists[list];
    if (block->next)
        block->next->previous = block;
    lists[list] = block;
    bitmap[list / 32] |= 1u << (list % 32);
}

static void remove(Block *block)
{
    uint32_t list = list_of(size_of(block));
    if (block->next)
        block->next->previous = block->previous;
    if (block->previous)
        block->previous->next = block->next;
    else
        lists[list] = block->next;
    if (!lists[list])
        bitmap[list / 32] &= ~(1u << (list % 32));
    block->header &= ~FREE;
    Block *after = at(block, size_of(block));
    if (block == top)
        top = NULL;
    else if (size_of(after))
        after->header &= ~PREVIOUS_FREE;
}

/* Makes a block free that is in no list, merged with its free neighbours. */
static void give_back(Block *block)
{
    uint32_t size = size_of(block);
    Block *after = at(block, size);
    if (after != end && (after->header & FREE)) {
        remove(after);
        size += size_of(after);
    }
    if (block->header & PREVIOUS_FREE) {
        Block *before = at(block, -(int64_t)*(uint32_t *)at(block, -4));
        remove(before);
        size += size_of(before);
        block = before;
    }
    insert(block, size);
}

/* Cuts a block in use to `size`; what is left over becomes free. */
static void trim(Block *block, uint32_t size)
{
    uint32_t rest = size_of(block) - size;
    if (rest < BLOCK_MIN)
        return;
    block->header = size | (block->header & FLAGS);
    Block *left = at(block, size);
    left->header = rest;
    give_back(left);
}

/* Lengthens the heap to `bytes`, which end at a page. */
static void extend(uintptr_t bytes)
{
    Block *block = end;
    if (top)
        tell_after(top, size_of(top));
    uint32_t size = bytes - HEADER - (uintptr_t)block;
    block->header = size | (block->header & PREVIOUS_FREE);
    end = at(block, size);
    end->header = 0;
    give_back(block);
}

static bool grow_by(uint32_t pages)
{
    size_t before = __builtin_wasm_memory_grow(0, pages);
    if (before == SIZE_MAX)
        return false;
    extend((before + pages) * PAGE);
    agentloop_fuel -= (int64_t)pages * PAGE_FUEL;
    return true;
}

/* Makes room for a block of `size`. The host may deny it: that is how the memory limit is felt. */
static bool grow(uint32_t size)
{
    if (!end) {
        end = at((void *)(((uintptr_t)&__heap_base + 7) & ~(uintptr_t)7), HEADER);
        end->header = 0;
        extend(__builtin_wasm_memory_size(0) * PAGE);
        return true;
    }
    if (passing.start)
        return false;
    uint32_t pages = size / PAGE + 1;
    return (pages < GROWTH_PAGES && grow_by(GROWTH_PAGES)) || grow_by(pages);
}

/* A free block of at least `size`, out of its list. NULL: there is none. */
static Block *find(uint32_t size)
{
    uint32_t list = sure_list_of(size);
    uint32_t word = list / 32;
    uint32_t bits = list < LISTS ? bitmap[word] & (~0u << (list % 32)) : 0;
    while (!bits && ++word < WORDS)
        bits = bitmap[word];
    if (bits) {
        Block *block = lists[word * 32 + __builtin_ctz(bits)];
        remove(block);
        return block;
    }
    /* Blocks of the list below may be large enough: better than more memory. */
    for (Block *block = lists[list_of(size)]; block; block = block->next) {
        if (size_of(block) >= size) {
            remove(block);
            return block;
        }
    }
    return NULL;
}

/* The size of the block for a payload. 0: more than there can be. */
static uint32_t block_size(size_t bytes)
{
    if (bytes > (1u << 30))
        return 0;
    uint32_t size = (bytes + HEADER + 7) & ~7u;
    return size < BLOCK_MIN ? BLOCK_MIN : size;
}

/* A block behind the heap. NULL: there is no more memory. */
static void *pass(uint32_t size)
{
    uintptr_t end_before = __builtin_wasm_memory_size(0) * PAGE, end_after = (uintptr_t)passing.free + HEADER + size;
    if (end_after > end_before && __builtin_wasm_memory_grow(0, (end_after - end_before + PAGE - 1) / PAGE) == SIZE_MAX)
        return NULL;
    Block *block = at(passing.free, HEADER);
    block->header = size;
    passing.free += size;
    passing.count++;
    return at(block, HEADER);
}

static bool is_passing(const void *payload)
{
    return passing.start && (unsigned char *)payload >= passing.start;
}

void *malloc(size_t bytes)
{
    uint32_t size = block_size(bytes);
    if (!size)
        return NULL;
    if (passing.start && size >= PASSING_MIN)
        return pass(size);
    Block *block = find(size);
    while (!block) {
        if (!grow(size))
            return NULL;
        block = find(size);
    }
    trim(block, size);
    return at(block, HEADER);
}

void free(void *payload)
{
    if (!payload)
        return;
    if (!is_passing(payload))
        give_back(at(payload, -HEADER));
    else if (!--passing.count)
        passing.free = passing.start;
}

void *calloc(size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total))
        return NULL;
    void *payload = malloc(total);
    return payload ? memset(payload, 0, total) : NULL;
}

size_t malloc_usable_size(void *payload)
{
    return payload ? size_of(at(payload, -HEADER)) - HEADER : 0;
}

void *realloc(void *payload, size_t bytes)
{
    if (!payload)
        return malloc(bytes);
    uint32_t size = block_size(bytes);
    if (!size)
        return NULL;
    Block *block = at(payload, -HEADER);
    Block *after = at(block, size_of(block));
    bool is_apart = is_passing(payload);
    if (!is_apart && size_of(block) < size && (after->header & FREE) && size_of(block) + size_of(after) >= size) {
        remove(after);
        block->header += size_of(after);
    }
    if (size_of(block) >= size && (!is_apart || size >= PASSING_MIN)) {
        if (!is_apart)
            trim(block, size);
        return payload;
    }
    void *moved = malloc(bytes);
    if (!moved)
        return NULL;
    size_t kept = malloc_usable_size(payload);
    memcpy(moved, payload, kept < bytes ? kept : bytes);
    free(payload);
    return moved;
}

void heap_donate(void *start, size_t bytes)
{
    /* Between a header of its own and an end of size 0 that is never free: it is merged with nothing, and nothing is written there. */
    Block *block = at((void *)(((uintptr_t)start + 7) & ~(uintptr_t)7), HEADER);
    uint32_t size = ((uintptr_t)start + bytes - HEADER - (uintptr_t)block) & ~7u;
    block->header = size;
    at(block, size)->header = 0;
    give_back(block);
}

size_t heap_settle(void)
{
    if (passing.count)
        return 0;
    unsigned char *start = passing.start;
    passing.start = NULL;
    size_t bytes = __builtin_wasm_memory_size(0) * PAGE;
    memset(start, 0, bytes - (uintptr_t)start);
    extend(bytes);
    Block *last = NULL;
    for (uint32_t list = 0; list < LISTS; list++) {
        while (lists[list]) {
            Block *block = lists[list];
            if (block == top)
                last = block;
            remove(block);
            memset(at(block, HEADER), 0, size_of(block) - HEADER);
        }
    }
    if (!last)
        return 0;
    give_back(last);
    heap_donate(aside.start, aside.bytes);
    return size_of(last);
}

bool heap_set_aside(size_t bytes)
{
    /* From the begin of a page of the host on, so that a run writes to no more of them than it must. */
    uintptr_t start = (uintptr_t)malloc(bytes + HOST_PAGE);
    aside.start = (void *)((start + HOST_PAGE - 1) & ~(uintptr_t)(HOST_PAGE - 1));
    aside.bytes = bytes;
    return start;
}

bool heap_set_passing_apart(size_t bytes)
{
    if (!(end || grow(0)) || !grow_by((bytes + PAGE - 1) / PAGE))
        return false;
    passing.start = passing.free = (unsigned char *)(__builtin_wasm_memory_size(0) * PAGE);
    return true;
}
