/* Owns what libc would ask of WASI: nothing of it reaches the host. The component imports the contract and no more. */
#include <stdint.h>

#include "shim.h"

/* The run's clock, from its environment. It stands still, but for timers that fire. */
uint64_t clock_ms;
uint64_t clock_start_ms;

enum { ERRNO_SUCCESS = 0, ERRNO_BADF = 8 };

int32_t __imported_wasi_snapshot_preview1_clock_time_get(int32_t id, int64_t precision, int32_t result)
{
    *(uint64_t *)(uintptr_t)result = clock_ms * 1000000;
    return ERRNO_SUCCESS;
}

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd)
{
    return ERRNO_BADF;
}

int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t offset, int32_t whence, int32_t result)
{
    return ERRNO_BADF;
}

int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t vectors, int32_t count, int32_t written)
{
    return ERRNO_BADF;
}

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code)
{
    __builtin_trap();
}
