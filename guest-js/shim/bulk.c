/* Owns memcpy, memmove and memset: every copy and fill in the guest whose length the script may choose.
 *
 * A bulk memory instruction costs one unit of fuel whatever its length. So there is none: these are loops over words,
 * which burn fuel in proportion, and the build checks that no other function brings the instruction back. */
#include <stddef.h>
#include <stdint.h>

/* A word at any address. */
typedef uint64_t Word __attribute__((aligned(1), may_alias));

enum { WORD = sizeof(Word), BLOCK = 8 * WORD };

static void copy_forward(uint8_t *to, const uint8_t *from, size_t length)
{
    for (; length >= BLOCK; to += BLOCK, from += BLOCK, length -= BLOCK) {
        Word a = ((const Word *)from)[0], b = ((const Word *)from)[1], c = ((const Word *)from)[2], d = ((const Word *)from)[3];
        Word e = ((const Word *)from)[4], f = ((const Word *)from)[5], g = ((const Word *)from)[6], h = ((const Word *)from)[7];
        ((Word *)to)[0] = a, ((Word *)to)[1] = b, ((Word *)to)[2] = c, ((Word *)to)[3] = d;
        ((Word *)to)[4] = e, ((Word *)to)[5] = f, ((Word *)to)[6] = g, ((Word *)to)[7] = h;
    }
    for (; length >= WORD; to += WORD, from += WORD, length -= WORD)
        *(Word *)to = *(const Word *)from;
    for (; length; length--)
        *to++ = *from++;
}

/* For a target that begins inside the source. */
static void copy_backward(uint8_t *to, const uint8_t *from, size_t length)
{
    for (; length >= WORD; length -= WORD)
        *(Word *)(to + length - WORD) = *(const Word *)(from + length - WORD);
    for (; length; length--)
        to[length - 1] = from[length - 1];
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    copy_forward(to, from, length);
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    if ((uintptr_t)to - (uintptr_t)from >= length)
        copy_forward(to, from, length);
    else
        copy_backward(to, from, length);
    return to;
}

void *memset(void *start, int byte, size_t length)
{
    uint8_t *at = start;
    Word word = 0x0101010101010101 * (uint8_t)byte;
    for (; length >= BLOCK; at += BLOCK, length -= BLOCK) {
        ((Word *)at)[0] = word, ((Word *)at)[1] = word, ((Word *)at)[2] = word, ((Word *)at)[3] = word;
        ((Word *)at)[4] = word, ((Word *)at)[5] = word, ((Word *)at)[6] = word, ((Word *)at)[7] = word;
    }
    for (; length >= WORD; at += WORD, length -= WORD)
        *(Word *)at = word;
    for (; length; length--)
        *at++ = (uint8_t)byte;
    return start;
}
