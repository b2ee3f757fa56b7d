/* Loaded before a program: its clock shows a time after 2038, which takes more than 32 bits. */
#include <dlfcn.h>
#include <time.h>

#define YEARS 20

/* How a program of 32 bits has its clock if it asks for a time of 64 bits. */
struct wide {
    long long seconds;
    int nanoseconds, unused;
};

#if __SIZEOF_LONG__ == 8
#define CLOCK "clock_gettime"
int clock_gettime(clockid_t clock, struct timespec *now)
#else
#define CLOCK "__clock_gettime64"
int __clock_gettime64(clockid_t clock, struct wide *now)
#endif
{
    static int (*real)(clockid_t, void *);
    int result;
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, CLOCK);
    }
    result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) {
        *(long long *)now += YEARS * 365LL * 24 * 60 * 60;
    }
    return result;
}
