/*
 * Forks while another thread is in its first call: at the first of its allocations, at the second and
 * so on, each time in a process in which nothing has been set up. Whatever the thread has locked at
 * that moment stays locked in the child, which uses the client all the same. Then the same with the
 * process's first settings, where parent and child make clients of their own.
 */
#include "host.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#define ALLOCATIONS_MOST 5000
/* The answer of a process whose thread never got to the allocation. */
#define NO_SUCH_ALLOCATION 99

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static __thread int watched;
static int stop_at;
static int allocations;
static sem_t stopped;
static sem_t go_on;

static void allocating(void)
{
    if (watched && ++allocations == stop_at) {
        sem_post(&stopped);
        sem_wait(&go_on);
    }
}

void *malloc(size_t size)
{
    allocating();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocating();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocating();
    return __libc_realloc(old, size);
}

/* The client of both processes, or NULL where each makes its own. */
static verifysms_client *client;

static verifysms_config *patient_settings(void)
{
    verifysms_config *config = settings();
    verifysms_config_set_timeout_ms(config, 5000);
    return config;
}

static verifysms_result *call(void)
{
    verifysms_client *own;
    verifysms_config *config;
    verifysms_result *result;
    int was_watched = watched;

    if (client != NULL) {
        return verifysms_send(client, NUMBER);
    }
    config = patient_settings();
    /* The making of a first client ends with a lock that is not the library's own: ureq's. */
    watched = 0;
    own = client_of(config);
    watched = was_watched;
    result = verifysms_send(own, NUMBER);
    verifysms_client_free(own);
    return result;
}

static void *first_call(void *unused)
{
    verifysms_result *result;
    (void)unused;
    watched = 1;
    result = call();
    watched = 0;
    if (allocations < stop_at) {
        sem_post(&stopped);
    }
    return result;
}

/* Forks at one allocation. The exit status is the code of the call that failed, if one did. */
static int fork_at(int allocation, int has_client)
{
    pthread_t thread;
    void *result;
    int status;
    pid_t child;

    stop_at = allocation;
    sem_init(&stopped, 0, 0);
    sem_init(&go_on, 0, 0);
    client = has_client ? client_of(patient_settings()) : NULL;
    pthread_create(&thread, NULL, first_call, NULL);
    sem_wait(&stopped);
    if (allocations < stop_at) {
        return NO_SUCH_ALLOCATION;
    }
    child = fork();
    if (child == 0) {
        alarm(10);
        _exit(ended(call()));
    }
    status = exit_status(child);
    sem_post(&go_on);
    pthread_join(thread, &result);
    if (status < 0) {
        return VERIFYSMS_INTERNAL;
    }
    return status != VERIFYSMS_OK ? status : ended(result);
}

static void no_child_waits_for_ever(int has_client)
{
    int status = VERIFYSMS_OK;
    int allocation = 0;

    while (status == VERIFYSMS_OK && allocation < ALLOCATIONS_MOST) {
        pid_t process = fork();
        allocation++;
        if (process == 0) {
            _exit(fork_at(allocation, has_client));
        }
        status = exit_status(process);
    }
    if (status != NO_SUCH_ALLOCATION) {
        printf("allocation %d: %s\n", allocation, verifysms_code_name(status));
    }
    CHECK(status == NO_SUCH_ALLOCATION);
    CHECK(allocation > 20);
}

int main(void)
{
    no_child_waits_for_ever(1);
    no_child_waits_for_ever(0);
    return checked();
}
