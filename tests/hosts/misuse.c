/*
 * Does on purpose what a program must not do, so that a tool that watches memory can show that it
 * would see the same elsewhere:
 *
 *     misuse freed | leaked | raced | overflowed
 */
#include "host.h"

#include <limits.h>
#include <pthread.h>

static verifysms_config *shared;

/* Settings are for one thread at a time. */
static void *set(void *unused)
{
    int time;
    (void)unused;
    for (time = 1; time <= 1000; time++) {
        verifysms_config_set_timeout_ms(shared, time);
    }
    return NULL;
}

static void race(void)
{
    pthread_t threads[2];
    int at;

    shared = settings();
    for (at = 0; at < 2; at++) {
        pthread_create(&threads[at], NULL, set, NULL);
    }
    for (at = 0; at < 2; at++) {
        pthread_join(threads[at], NULL);
    }
    verifysms_config_free(shared);
}

static int use_after_free(void)
{
    verifysms_result *result = verifysms_send(NULL, NUMBER);
    verifysms_result_free(result);
    return verifysms_result_code(result);
}

static void leak(void)
{
    verifysms_result *volatile result = verifysms_send(NULL, NUMBER);
    result = NULL;
    CHECK(result == NULL);
}

/* The count of arguments is what no compiler knows. */
static int overflow(int one)
{
    return INT_MAX - 2 + one;
}

int main(int count, char **arguments)
{
    const char *what = count == 2 ? arguments[1] : "";

    if (strcmp(what, "freed") == 0) {
        printf("%d\n", use_after_free());
    } else if (strcmp(what, "leaked") == 0) {
        leak();
    } else if (strcmp(what, "raced") == 0) {
        race();
    } else if (strcmp(what, "overflowed") == 0) {
        printf("%d\n", overflow(count + 1));
    } else {
        CHECK(!"the argument names a misuse");
    }
    return checked();
}
