/*
 * The guard with threads, processes and forks: exactly as many calls pass as a limit allows.
 *
 *     limited STORE         for the counts of all processes
 */
#include "host.h"

#include <pthread.h>
#include <stdatomic.h>

#define MOST 40
#define THREADS 16
#define PROCESSES 8
/* Of each thread and each process: together far more than pass. */
#define CALLS 10

static verifysms_client *client;
static atomic_int passed_calls;
static atomic_int wrong;

/* A client that sends MOST messages to a number, with counts of its own in the store. */
static verifysms_client *limited(const char *store, const char *namespace)
{
    verifysms_config *config = settings();
    verifysms_config_set_guard(config, store);
    verifysms_config_set_guard_namespace(config, namespace);
    verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_REFUSE);
    verifysms_config_set_guard_timeout_ms(config, 10000);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_NUMBER, MOST, 600);
    return client_of(config);
}

/* How many of some sends pass. The others are refused. */
static int send_some(int calls)
{
    int call;
    int count = 0;
    for (call = 0; call < calls; call++) {
        int code = ended(verifysms_send(client, NUMBER));
        count += code == VERIFYSMS_OK;
        if (code != VERIFYSMS_OK && code != VERIFYSMS_LIMITED) {
            printf("%s\n", verifysms_code_name(code));
            atomic_fetch_add(&wrong, 1);
        }
    }
    return count;
}

static void *work(void *unused)
{
    atomic_fetch_add(&passed_calls, send_some(CALLS));
    return unused;
}

static void threads_send_exactly_as_many(const char *store)
{
    pthread_t threads[THREADS];
    int at;

    client = limited(store, "threads");
    atomic_store(&passed_calls, 0);
    for (at = 0; at < THREADS; at++) {
        pthread_create(&threads[at], NULL, work, NULL);
    }
    for (at = 0; at < THREADS; at++) {
        pthread_join(threads[at], NULL);
    }
    CHECK(atomic_load(&passed_calls) == MOST);
    CHECK(atomic_load(&wrong) == 0);
    verifysms_client_free(client);
}

/* Each makes the client itself, as programs do that know nothing of each other, or has its parent's. */
static void processes_send_exactly_as_many(const char *store, int is_shared)
{
    pid_t children[PROCESSES];
    const char *namespace = is_shared ? "children" : "strangers";
    int at;
    int sent = 0;

    client = is_shared ? limited(store, namespace) : NULL;
    if (is_shared) {
        /* The children find a client that has connections. */
        sent = send_some(1);
        CHECK(sent == 1);
    }
    for (at = 0; at < PROCESSES; at++) {
        children[at] = fork();
        if (children[at] == 0) {
            alarm(60);
            client = is_shared ? client : limited(store, namespace);
            at = send_some(CALLS);
            verifysms_client_free(client);
            _exit(atomic_load(&wrong) == 0 ? at : MOST + 1);
        }
    }
    for (at = 0; at < PROCESSES; at++) {
        int own = exit_status(children[at]);
        CHECK(own >= 0 && own <= CALLS);
        sent += own;
    }
    CHECK(sent == MOST);
    CHECK(!is_shared || send_some(1) == 0);
    CHECK(atomic_load(&wrong) == 0);
    verifysms_client_free(client);
}

/* With counts in memory a child has those of its parent, and goes on from there alone. */
static void a_child_counts_on_from_a_copy(void)
{
    pid_t child;

    client = limited("memory:", "copies");
    CHECK(send_some(MOST - 1) == MOST - 1);
    child = fork();
    if (child == 0) {
        alarm(60);
        _exit(send_some(CALLS));
    }
    CHECK(exit_status(child) == 1);
    CHECK(send_some(CALLS) == 1);
    CHECK(ended(verifysms_forget(client, NUMBER)) == VERIFYSMS_OK);
    CHECK(send_some(1) == 1);
    verifysms_client_free(client);
}

int main(int count, char **arguments)
{
    const char *store = count == 2 ? arguments[1] : NULL;
    int open = entries("/proc/self/fd");

    CHECK(count == 2);
    threads_send_exactly_as_many("memory:");
    threads_send_exactly_as_many(store);
    processes_send_exactly_as_many(store, 0);
    processes_send_exactly_as_many(store, 1);
    a_child_counts_on_from_a_copy();
    CHECK(entries("/proc/self/fd") == open);
    CHECK(has_threads(1));
    return checked();
}
