/* Owns the meters: processor time and page faults, as the kernel counts them. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

/* The order is that of `Scope` in src/ffi.rs. */
enum { THREAD, PROCESS, CHILDREN };

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    return clock_gettime(clock, &now) ? 0 : (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

void agentloop_usage(int scope, uint64_t *cpu_ns, uint64_t *minor_faults, uint64_t *peak_kib)
{
    static const int who[] = {RUSAGE_THREAD, RUSAGE_SELF, RUSAGE_CHILDREN};
    struct rusage usage;
    if (getrusage(who[scope], &usage)) {
        *cpu_ns = *minor_faults = *peak_kib = 0;
        return;
    }
    *minor_faults = (uint64_t)usage.ru_minflt;
    *peak_kib = (uint64_t)usage.ru_maxrss;
    switch (scope) {
    case THREAD:
        *cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
        break;
    case PROCESS:
        *cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        break;
    case CHILDREN:
        /* No clock for those: microseconds of user and system time. */
        *cpu_ns = (microseconds(usage.ru_utime) + microseconds(usage.ru_stime)) * 1000;
        break;
    }
}
