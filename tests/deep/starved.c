/*
 * Eight threads make calls while the heap runs out and recovers, again and again, and the process
 * forks in the middle of it. A line for each call: its sender, its code and whether it reached the
 * service.
 */
#include "host.h"

#include <pthread.h>

#include "heap.h"

#define THREADS 8
#define CALLS 60
#define CHILDREN 10
/* How many allocations succeed between two shortages, and how many fail in one. */
#define PLENTY 150
#define SHORTAGE 40

static verifysms_client *client;
static atomic_int running = THREADS;

static const int documented[] = {
    VERIFYSMS_OK,   VERIFYSMS_CONNECT,         VERIFYSMS_TLS,
    VERIFYSMS_TIMEOUT, VERIFYSMS_CONNECTION_LOST, VERIFYSMS_INTERNAL,
};

static int is_documented(int code)
{
    size_t at;
    for (at = 0; at < sizeof documented / sizeof *documented; at++) {
        if (documented[at] == code) {
            return 1;
        }
    }
    return 0;
}

/* A call from a sender. Whatever happens it has a result, and one that can be true. */
static int call(const char *sender)
{
    verifysms_result *result = verifysms_send_with(client, NUMBER, sender, NULL);
    int code = verifysms_result_code(result);
    int reached = verifysms_result_reached(result);
    int holds = result != NULL && is_documented(code) &&
                (code == VERIFYSMS_OK) == (reached == VERIFYSMS_REACHED_YES) &&
                strlen(verifysms_result_message(result)) > 0;
    char line[100];
    int length = snprintf(line, sizeof line, "%s\t%s\t%d\n", sender, verifysms_code_name(code), reached);

    verifysms_result_free(result);
    return write(STDOUT_FILENO, line, (size_t)length) == length && holds;
}

static void *work(void *number)
{
    char sender[12];
    int at;
    long wrong = 0;

    heap_is_own = 1;
    for (at = 0; at < CALLS; at++) {
        snprintf(sender, sizeof sender, "T%dC%d", *(int *)number, at);
        wrong += !call(sender);
    }
    atomic_fetch_sub(&running, 1);
    return (void *)wrong;
}

/* Shortages come and go while the threads work. */
static void *starve(void *unused)
{
    (void)unused;
    while (atomic_load(&running) > 0) {
        long now = atomic_load(&heap_asked);
        if (now >= atomic_load(&heap_fails_until) || atomic_load(&heap_fails_until) == LONG_MAX) {
            atomic_store(&heap_fails_from, now + PLENTY);
            atomic_store(&heap_fails_until, now + PLENTY + SHORTAGE);
        }
        usleep(100);
    }
    return NULL;
}

static void feed(void)
{
    atomic_store(&heap_fails_from, LONG_MAX);
}

/* A child's life: without memory from its first call on, then with some. */
static int live(int child)
{
    char sender[12];
    int holds;

    alarm(20);
    atomic_store(&heap_fails_until, LONG_MAX);
    atomic_store(&heap_fails_from, 0);
    snprintf(sender, sizeof sender, "F%dA", child);
    holds = call(sender);
    feed();
    snprintf(sender, sizeof sender, "F%dB", child);
    return holds && call(sender) && ended(verifysms_send_with(client, NUMBER, "F", NULL)) == VERIFYSMS_OK;
}

static void children_have_a_reserve_of_their_own(void)
{
    int child;
    for (child = 0; child < CHILDREN; child++) {
        pid_t process = fork();
        if (process == 0) {
            _exit(live(child) ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        CHECK(exit_status(process) == EXIT_SUCCESS);
        usleep(5000);
    }
}

/* A text of any length is refused when there is no memory for it. It is not cut. */
static void no_text_is_too_long_to_be_refused(void)
{
    size_t size = (size_t)64 << 20;
    char *text = malloc(size + 1);
    verifysms_config *config;

    memset(text, ' ', size);
    text[size] = '\0';
    memcpy(text, "##code##", 8);
    atomic_store(&heap_fails_until, LONG_MAX);
    atomic_store(&heap_fails_from, 0);
    CHECK(ended(verifysms_send_with(client, NUMBER, NULL, text)) == VERIFYSMS_INTERNAL);
    CHECK(ended(verifysms_check(client, NUMBER, text)) == VERIFYSMS_INTERNAL);
    config = verifysms_config_new(text);
    CHECK(config != NULL);
    CHECK(verifysms_config_set_message(config, text) != VERIFYSMS_OK);
    CHECK(verifysms_config_set_sender(config, text) != VERIFYSMS_OK);
    CHECK(verifysms_config_set_url(config, text) != VERIFYSMS_OK);
    CHECK(verifysms_config_set_proxy(config, text) != VERIFYSMS_OK);
    CHECK(verifysms_config_set_ca_file(config, text) != VERIFYSMS_OK);
    CHECK(verifysms_client_new(config) == NULL);
    CHECK(strcmp(verifysms_config_error(config), "out of memory") == 0);
    verifysms_config_free(config);
    feed();
    free(text);
}

/* Runs out of memory in a call, has some again, and makes another. */
static int starve_within(void *has_starved)
{
    if (!*(int *)has_starved) {
        *(int *)has_starved = 1;
        atomic_store(&heap_fails_until, LONG_MAX);
        atomic_store(&heap_fails_from, 0);
        CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_INTERNAL);
        feed();
        CHECK(ended(verifysms_send_with(client, NUMBER, "within", NULL)) == VERIFYSMS_OK);
    }
    return 0;
}

static void a_call_within_a_call_forgets_no_shortage(void)
{
    char url[64];
    int has_starved = 0;
    double begun;
    int listener = silent_service(url, sizeof url);
    verifysms_config *config = settings();
    verifysms_client *waiting;
    verifysms_result *result;

    verifysms_config_set_url(config, url);
    verifysms_config_set_timeout_ms(config, 5000);
    verifysms_config_set_interrupt(config, starve_within, &has_starved);
    waiting = client_of(config);
    begun = milliseconds();
    result = verifysms_send(waiting, NUMBER);
    CHECK(has_starved);
    CHECK(milliseconds() - begun < 4000);
    CHECK(verifysms_result_code(result) == VERIFYSMS_INTERNAL);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_UNKNOWN);
    CHECK(strcmp(verifysms_result_message(result), "out of memory") == 0);
    verifysms_result_free(result);
    verifysms_client_free(waiting);
    close(listener);
}

int main(void)
{
    pthread_t threads[THREADS];
    pthread_t starving;
    int numbers[THREADS];
    int at;
    long pieces;
    verifysms_config *config;

    heap_begin();
    pieces = atomic_load(&heap_live);
    config = settings();
    verifysms_config_set_timeout_ms(config, 5000);
    client = client_of(config);
    CHECK(call("before"));
    for (at = 0; at < THREADS; at++) {
        numbers[at] = at;
        pthread_create(&threads[at], NULL, work, &numbers[at]);
    }
    pthread_create(&starving, NULL, starve, NULL);
    children_have_a_reserve_of_their_own();
    for (at = 0; at < THREADS; at++) {
        void *wrong;
        pthread_join(threads[at], &wrong);
        CHECK(wrong == NULL);
    }
    pthread_join(starving, NULL);
    feed();
    CHECK(atomic_load(&heap_failed) > SHORTAGE);
    no_text_is_too_long_to_be_refused();
    a_call_within_a_call_forgets_no_shortage();
    CHECK(call("after"));
    verifysms_client_free(client);
    CHECK(has_threads(1));
    /* What is kept for the life of the process, and the stacks of the threads. */
    CHECK(atomic_load(&heap_live) - pieces < 100);
    return checked();
}
