/*
 * What the server and the peers share: a way to fail, numbers from the command line, a clock, a core to run on,
 * descriptors.
 * Knows nothing of sockets or of what is measured.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The program ends with one line that names what failed; the driver shows it. */
static inline _Noreturn void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, errno ? strerror(errno) : "failed");
    exit(1);
}

static inline void need(int fine, const char *what) {
    if (!fine) die(what);
}

static inline long number(const char *text) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    need(*text && !*end && !errno, text);
    return value;
}

static inline int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* Threads started later inherit the core. */
static inline void pin(int core) {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(core, &only);
    need(!sched_setaffinity(0, sizeof only, &only), "sched_setaffinity");
}

/* As many descriptors as this user may have. */
static inline void want_descriptors(void) {
    struct rlimit limit;
    need(!getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    need(!setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

#endif
