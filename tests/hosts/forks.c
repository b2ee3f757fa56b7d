/*
 * Forks children while other threads are inside calls. Each process names itself as the sender of
 * its messages, so that the service can tell which connection carried whose: P0 is the parent under
 * load, C0 to C7 are the children, G a grandchild, P1 is the parent when they have ended.
 */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 4
#define CHILDREN 8
#define CALLS 20

static verifysms_client *client;
static atomic_int stopping;
static atomic_int done[THREADS];
static atomic_int wrong;

static void *load(void *own)
{
    while (!atomic_load(&stopping)) {
        if (ended(verifysms_send_with(client, NUMBER, "P0", NULL)) == VERIFYSMS_OK) {
            atomic_fetch_add((atomic_int *)own, 1);
        } else {
            atomic_fetch_add(&wrong, 1);
        }
    }
    return NULL;
}

/* Waits until each thread has made two more calls, or one has failed. */
static void wait_for_load(void)
{
    int before[THREADS];
    int at;
    for (at = 0; at < THREADS; at++) {
        before[at] = atomic_load(&done[at]);
    }
    for (at = 0; at < THREADS; at++) {
        while (atomic_load(&done[at]) < before[at] + 2 && atomic_load(&wrong) == 0) {
            usleep(100);
        }
    }
}

/* How many of some calls did not succeed. */
static int failures(const char *sender)
{
    int call;
    int count = 0;
    for (call = 0; call < CALLS; call++) {
        count += ended(verifysms_send_with(client, NUMBER, sender, NULL)) != VERIFYSMS_OK;
    }
    return count;
}

/* A child's life: uses the client, frees it and makes another. Answers how much went wrong. */
static int live(int number)
{
    char sender[] = "C0";
    verifysms_config *config;
    int count;

    sender[1] = (char)('0' + number);
    count = failures(sender);
    if (number == 0) {
        pid_t grandchild = fork();
        if (grandchild == 0) {
            _exit(failures("G"));
        }
        count += exit_status(grandchild) != 0;
    }
    verifysms_client_free(client);
    config = settings();
    client = client_of(config);
    count += failures(sender);
    verifysms_client_free(client);
    return count;
}

int main(void)
{
    pthread_t threads[THREADS];
    pid_t children[CHILDREN];
    int at;
    verifysms_config *config = settings();

    alarm(60);
    client = client_of(config);
    for (at = 0; at < THREADS; at++) {
        pthread_create(&threads[at], NULL, load, &done[at]);
    }
    /* All have their connections, and no thread looks a name up: that may lock the lookups of a child,
     * as the header says. */
    wait_for_load();
    CHECK(has_threads(THREADS + 1));
    for (at = 0; at < CHILDREN; at++) {
        /* Each is forked off when the load is under way again. */
        wait_for_load();
        children[at] = fork();
        if (children[at] == 0) {
            alarm(60);
            _exit(live(at));
        }
    }
    for (at = 0; at < CHILDREN; at++) {
        CHECK(exit_status(children[at]) == 0);
    }
    CHECK(atomic_load(&wrong) == 0);
    atomic_store(&stopping, 1);
    for (at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
    }
    CHECK(atomic_load(&wrong) == 0);
    CHECK(failures("P1") == 0);
    verifysms_client_free(client);
    CHECK(has_threads(1));
    return checked();
}
