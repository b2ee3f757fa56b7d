/*
 * Forks while another thread is in its first call: at the first of its allocations, at the second and
 * so on, each time in a process in which nothing has been set up. Whatever the thread has locked at
 * that moment stays locked in the child, which uses the client all the same.
 */
#include "host.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

static verifysms_client *client;

static void *first_call(void *unused)
{
    verifysms_result *result;
    (void)unused;
    watched = 1;
    result = verifysms_send(client, NUMBER);
    watched = 0;
    if (allocations < stop_at) {
        sem_post(&stopped);
    }
    return result;
}

/* Forks at one allocation. The exit status is the code of the call that failed, if one did. */
static int fork_at(int allocation)
{
    pthread_t thread;
    void *result;
    int status;
    pid_t child;
    verifysms_config *config = settings();

    stop_at = allocation;
    sem_init(&stopped, 0, 0);
    sem_init(&go_on, 0, 0);
    verifysms_config_set_timeout_ms(config, 5000);
    client = verifysms_client_new(config);
    pthread_create(&thread, NULL, first_call, NULL);
    sem_wait(&stopped);
    if (allocations < stop_at) {
        return NO_SUCH_ALLOCATION;
    }
    child = fork();
    if (child == 0) {
        alarm(10);
        _exit(ended(verifysms_send(client, NUMBER)));
    }
    waitpid(child, &status, 0);
    sem_post(&go_on);
    pthread_join(thread, &result);
    if (WIFSIGNALED(status)) {
        return VERIFYSMS_INTERNAL;
    }
    return WEXITSTATUS(status) != VERIFYSMS_OK ? WEXITSTATUS(status) : ended(result);
}

int main(void)
{
    int status = VERIFYSMS_OK;
    int allocation = 0;

    while (status == VERIFYSMS_OK && allocation < ALLOCATIONS_MOST) {
        pid_t process = fork();
        allocation++;
        if (process == 0) {
            _exit(fork_at(allocation));
        }
        waitpid(process, &status, 0);
        status = WIFEXITED(status) ? WEXITSTATUS(status) : VERIFYSMS_INTERNAL;
    }
    if (status != NO_SUCH_ALLOCATION) {
        printf("allocation %d: %s\n", allocation, verifysms_code_name(status));
    }
    CHECK(status == NO_SUCH_ALLOCATION);
    CHECK(allocation > 20);
    return checked();
}
