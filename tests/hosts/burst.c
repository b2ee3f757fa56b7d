/*
 * Many threads begin to call at once, and what is left when the last call has ended:
 *
 *     burst THREADS CALLS TIMEOUT CODE
 *
 * Each makes so many calls with this deadline in milliseconds, which all end in CODE.
 */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

/* How many idle connections a client may keep, and how many lookup threads may be left. */
#define KEPT_MOST 10
#define LOOKUPS_MOST 4
#define STACK (256 * 1024)

static verifysms_client *client;
static int calls;
static int expected;
static atomic_int wrong;

static void *work(void *unused)
{
    int call;
    (void)unused;
    for (call = 0; call < calls; call++) {
        verifysms_result *result = verifysms_send(client, NUMBER);
        int code = verifysms_result_code(result);
        /* A call that joins a running lookup gets its result, which may come before the deadline. */
        int is_joined = expected == VERIFYSMS_TIMEOUT && code == VERIFYSMS_CONNECT;
        if (code != expected && !is_joined && atomic_fetch_add(&wrong, 1) < 3) {
            printf("%s\n", verifysms_result_message(result));
        }
        verifysms_result_free(result);
    }
    return NULL;
}

/* Waits for up to a tenth of a second until a folder has no more entries than this. */
static int settles(const char *path, int most)
{
    int tries;
    for (tries = 0; tries < 100 && entries(path) > most; tries++) {
        usleep(1000);
    }
    if (entries(path) > most) {
        printf("%d entries in %s\n", entries(path), path);
    }
    return entries(path) <= most;
}

int main(int count, char **arguments)
{
    struct rlimit files = {4096, 4096};
    pthread_attr_t attributes;
    pthread_t *threads;
    int at;
    int before;
    int number = count == 5 ? atoi(arguments[1]) : 0;
    verifysms_config *config = settings();

    alarm(300);
    CHECK(number > 0);
    setrlimit(RLIMIT_NOFILE, &files);
    calls = count == 5 ? atoi(arguments[2]) : 0;
    verifysms_config_set_timeout_ms(config, count == 5 ? atoi(arguments[3]) : 0);
    expected = count == 5 ? atoi(arguments[4]) : 0;
    client = client_of(config);
    before = entries("/proc/self/fd");
    threads = calloc((size_t)number, sizeof *threads);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (at = 0; at < number; at++) {
        CHECK(pthread_create(&threads[at], &attributes, work, NULL) == 0);
    }
    for (at = 0; at < number; at++) {
        pthread_join(threads[at], NULL);
    }
    free(threads);
    CHECK(atomic_load(&wrong) == 0);
    CHECK(settles("/proc/self/fd", before + KEPT_MOST));
    CHECK(settles("/proc/self/task", 1 + LOOKUPS_MOST));
    verifysms_client_free(client);
    return checked();
}
