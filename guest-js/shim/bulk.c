/* Owns memcpy, memmove and memset: every copy and fill in the guest whose length the script may choose.
 *
 * A bulk memory operation costs one unit of fuel whatever its length, so here it runs in chunks, and each turn of the
 * loop costs about twelve units: length is charged. No other file may contain the operation; the build checks. */
#include <stddef.h>
#include <stdint.h>

enum { CHUNK = 256 };

static inline void copy_chunk(uint8_t *to, const uint8_t *from, size_t length)
{
    __builtin_memmove(to, from, length);
}

void *memmove(void *restrict to_start, const void *restrict from_start, size_t length)
{
    uint8_t *to = to_start;
    const uint8_t *from = from_start;
    if ((uintptr_t)to - (uintptr_t)from >= length) {
        while (length > CHUNK) {
            copy_chunk(to, from, CHUNK);
            to += CHUNK;
            from += CHUNK;
            length -= CHUNK;
        }
        copy_chunk(to, from, length);
    } else {
        /* The target begins inside the source: from the end. */
        while (length > CHUNK) {
            length -= CHUNK;
            copy_chunk(to + length, from + length, CHUNK);
        }
        copy_chunk(to, from, length);
    }
    return to_start;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    return memmove(to, from, length);
}

void *memset(void *start, int byte, size_t length)
{
    uint8_t *at = start;
    while (length > CHUNK) {
        __builtin_memset(at, byte, CHUNK);
        at += CHUNK;
        length -= CHUNK;
    }
    __builtin_memset(at, byte, length);
    return start;
}
