/* Owns the way from a string of the engine to UTF-8, which is what crosses the boundary. */
#include <string.h>

#include "shim.h"

/* The engine encodes a lone surrogate as ED A0..BF xx: three bytes, as many as U+FFFD takes. Such a text was made for the
 * caller (a string that the engine can lend as it stands is ASCII), so it is mended in place. */
static const char *mend(const char *text, size_t length)
{
    unsigned char *bytes = (unsigned char *)text;
    for (size_t i = 0; text && i < length; i++) {
        while (length - i > 8 && !agentloop_beyond_ascii(bytes + i))
            i += 8;
        if (bytes[i] == 0xED && bytes[i + 1] >= 0xA0)
            memcpy(bytes + i, "\xEF\xBF\xBD", 3);
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
