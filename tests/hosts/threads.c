/*
 * Many threads use one client, and another cancels its calls every so many milliseconds:
 *
 *     threads THREADS CALLS PAUSE
 */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>

static verifysms_client *client;
static int calls;
static int pause_ms;
static atomic_int done;
static atomic_int cancelled;
static atomic_int wrong;
static atomic_int stopping;

static void *work(void *unused)
{
    int call;
    (void)unused;
    for (call = 0; call < calls; call++) {
        int is_check = call % 4 == 3;
        verifysms_result *result = is_check ? verifysms_check(client, NUMBER, "987654321")
                                            : verifysms_send(client, NUMBER);
        int code = verifysms_result_code(result);
        int reached = verifysms_result_reached(result);
        if (code == (is_check ? VERIFYSMS_NOT_VERIFIED : VERIFYSMS_OK) &&
            reached == VERIFYSMS_REACHED_YES) {
            atomic_fetch_add(&done, 1);
        } else if (code == VERIFYSMS_CANCELLED && reached != VERIFYSMS_REACHED_YES) {
            atomic_fetch_add(&cancelled, 1);
        } else {
            atomic_fetch_add(&wrong, 1);
            printf("%s\n", verifysms_result_message(result));
        }
        verifysms_result_free(result);
    }
    return NULL;
}

static void *cancel(void *unused)
{
    (void)unused;
    while (!atomic_load(&stopping)) {
        usleep((useconds_t)pause_ms * 1000);
        verifysms_client_cancel(client);
    }
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t *threads;
    pthread_t canceller;
    int at;
    int number = count == 4 ? atoi(arguments[1]) : 0;
    verifysms_config *config = settings();

    CHECK(number > 0);
    calls = count == 4 ? atoi(arguments[2]) : 0;
    pause_ms = count == 4 ? atoi(arguments[3]) : 0;
    client = client_of(config);
    threads = calloc((size_t)number, sizeof *threads);
    pthread_create(&canceller, NULL, cancel, NULL);
    for (at = 0; at < number; at++) {
        pthread_create(&threads[at], NULL, work, NULL);
    }
    for (at = 0; at < number; at++) {
        pthread_join(threads[at], NULL);
    }
    atomic_store(&stopping, 1);
    pthread_join(canceller, NULL);
    free(threads);

    CHECK(atomic_load(&wrong) == 0);
    CHECK(atomic_load(&done) > 0);
    CHECK(atomic_load(&done) + atomic_load(&cancelled) == number * calls);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    verifysms_client_free(client);
    printf("%d done, %d cancelled\n", atomic_load(&done), atomic_load(&cancelled));
    return checked();
}
