/* Owns the way from a string of the engine to UTF-8, which is what crosses the boundary. */
#include "shim.h"

/* The engine encodes a lone surrogate as ED A0..BF xx: three bytes, as many as U+FFFD takes. Such a text was made for the
 * caller (a string that the engine can lend as it stands is ASCII), so it is mended in place. */
static const char *mend(const char *text, size_t length)
{
    unsigned char *bytes = (unsigned char *)text;
    for (size_t i = 0; text && i + 2 < length; i++) {
        if (bytes[i] == 0xED && bytes[i + 1] >= 0xA0) {
            bytes[i] = 0xEF;
            bytes[i + 1] = 0xBF;
            bytes[i + 2] = 0xBD;
        }
    }
    return text;
}

const char *text_of(JSValueConst value, size_t *length)
{
    const char *text = JS_ToCStringLen(context, length, value);
    return mend(text, *length);
}

const char *text_of_key(JSAtom key, size_t *length)
{
    const char *text = JS_AtomToCStringLen(context, length, key);
    return mend(text, *length);
}
