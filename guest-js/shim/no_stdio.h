/* Included before every engine file: what the engine prints (dumps, leak reports) has nowhere to go, and naming stdio
 * at all would link the parts of libc that import WASI. Formatting into memory (snprintf) stays. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <assert.h>
#define printf(...) ((void)0)
#define fprintf(...) ((void)0)
#define vfprintf(...) ((void)0)
#define putchar(c) ((void)(c))
#define puts(s) ((void)(s))
#define fputs(s, f) ((void)(s))
#define fputc(c, f) ((void)(c))
#define fwrite(p, s, n, f) ((void)(p))
#define fflush(f) ((void)0)
/* An engine that finds itself broken traps; the host sees a trap, ends the run, and no other run notices. */
#define abort() __builtin_trap()
#define exit(code) __builtin_trap()
