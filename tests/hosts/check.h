/* Counts what holds and what does not, and prints the latter. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>

static int passed = 0;
static int failed = 0;

__attribute__((unused)) static void check(int holds, const char *what, int line)
{
    if (holds) {
        passed++;
    } else {
        failed++;
        printf("line %d: %s\n", line, what);
    }
}

#define CHECK(what) check((what) != 0, #what, __LINE__)

/* The exit status of a program whose checks are done. */
__attribute__((unused)) static int checked(void)
{
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
