/*
 * Loaded before a program: sleep() takes no time, but the clock then shows that it did. What waits
 * for the kernel waits as ever.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

static atomic_uint slept;

unsigned int sleep(unsigned int seconds)
{
    atomic_fetch_add(&slept, seconds);
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    int result;
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    }
    result = real(clock, now);
    if (result == 0 && clock == CLOCK_MONOTONIC) {
        now->tv_sec += (time_t)atomic_load(&slept);
    }
    return result;
}
