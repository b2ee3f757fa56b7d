/*
 * A thousand calls that wait for a service which does not answer: what they cost, and how soon all of
 * them end when they are cancelled.
 */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define THREADS 1000
#define STACK (256 * 1024)
/* Of one core, in percent, and how long it is looked at, in seconds. */
#define CPU_MOST 2.0
#define TIME 2
/* How many tries a busy machine has. */
#define TRIES 3

static verifysms_client *client;
static atomic_int wrong;
static double last_end;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *wait_for_answer(void *unused)
{
    verifysms_result *result = verifysms_send(client, NUMBER);
    double now = milliseconds();
    (void)unused;
    if (verifysms_result_code(result) != VERIFYSMS_CANCELLED && atomic_fetch_add(&wrong, 1) < 3) {
        printf("%s\n", verifysms_result_message(result));
    }
    verifysms_result_free(result);
    pthread_mutex_lock(&lock);
    last_end = now > last_end ? now : last_end;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static double used(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* Makes the calls wait, and answers what they use of a core and how long their end takes. */
static void wait_and_cancel(double *percent, double *delay)
{
    pthread_t threads[THREADS];
    pthread_attr_t attributes;
    double before;
    double begun;
    int connected = entries("/proc/self/fd") + THREADS;
    int at;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (at = 0; at < THREADS; at++) {
        CHECK(pthread_create(&threads[at], &attributes, wait_for_answer, NULL) == 0);
    }
    for (at = 0; at < 60 && entries("/proc/self/fd") < connected; at++) {
        usleep(500000);
    }
    usleep(500000);
    before = used();
    sleep(TIME);
    *percent = (used() - before) / (TIME * 1e3) * 100;
    begun = milliseconds();
    verifysms_client_cancel(client);
    for (at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
    }
    *delay = last_end - begun;
}

int main(void)
{
    struct rlimit files = {4096, 4096};
    double percent = 100;
    double delay = 1e9;
    int at;
    verifysms_config *config = settings();

    alarm(200);
    setrlimit(RLIMIT_NOFILE, &files);
    verifysms_config_set_timeout_ms(config, 100000);
    verifysms_config_set_connect_timeout_ms(config, 60000);
    client = client_of(config);
    for (at = 0; at < TRIES && (percent > CPU_MOST || delay >= 100); at++) {
        wait_and_cancel(&percent, &delay);
    }
    if (percent > CPU_MOST || delay >= 100) {
        printf("%.1f %% of a core, all ended %.0f ms after they were cancelled\n", percent, delay);
    }
    CHECK(percent <= CPU_MOST);
    CHECK(delay < 100);
    CHECK(atomic_load(&wrong) == 0);
    verifysms_client_free(client);
    return checked();
}
