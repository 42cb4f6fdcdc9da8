/* Owns how far two names are from each other. For the prelude (names.js), which says which one was meant. */
#include <string.h>

#include "shim.h"

enum { NAME_BYTES_MAX = 64 };

/* Edits between two short names: insert, delete or replace one byte. */
static int distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int row[NAME_BYTES_MAX + 1];
    for (size_t j = 0; j <= b_length; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            int replaced = diagonal + (a[i - 1] != b[j - 1]);
            int inserted = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < inserted ? replaced : inserted;
        }
    }
    return row[b_length];
}

static size_t cut(size_t length)
{
    return length < NAME_BYTES_MAX ? length : NAME_BYTES_MAX;
}

/* distance(a: string, b: string) => edits between their beginnings */
JSValue distance_of(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t a_length, b_length;
    const char *a = text_of(argv[0], &a_length);
    const char *b = a ? text_of(argv[1], &b_length) : NULL;
    JSValue edits = b ? JS_NewInt32(ctx, distance(a, cut(a_length), b, cut(b_length))) : JS_EXCEPTION;
    JS_FreeCString(ctx, a);
    JS_FreeCString(ctx, b);
    return edits;
}
