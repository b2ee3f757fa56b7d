/*
 * What a client opens, and what of it a program started meanwhile inherits. The service takes its
 * time to answer. `descriptors list` is that program: its exit status says how much is open.
 */
#include "host.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>

#define CLIENTS 101

static const char *self;

static int ascending(const void *a, const void *b)
{
    double first = *(const double *)a;
    double second = *(const double *)b;
    return (first > second) - (first < second);
}

static void making_a_client_opens_nothing_and_is_quick(void)
{
    verifysms_client *clients[CLIENTS];
    double took[CLIENTS];
    int at;
    verifysms_config *config = settings();
    int before = entries("/proc/self/fd");

    for (at = 0; at < CLIENTS; at++) {
        double begun = milliseconds();
        clients[at] = verifysms_client_new(config);
        took[at] = milliseconds() - begun;
        CHECK(clients[at] != NULL);
    }
    CHECK(entries("/proc/self/fd") == before);
    CHECK(has_threads(1));
    qsort(took, CLIENTS, sizeof *took, ascending);
    CHECK(took[CLIENTS / 2] < 1);
    for (at = 0; at < CLIENTS; at++) {
        verifysms_client_free(clients[at]);
    }
    verifysms_config_free(config);
}

struct seen {
    int open;
    int kept_on_exec;
    int inherited;
};

/* Looks at the descriptors in the middle of a call, and starts a program that does. */
static void *look(void *out)
{
    struct seen *seen = out;
    char *arguments[] = {"descriptors", "list", NULL};
    char *environment[] = {NULL};
    pid_t process;
    int fd;

    usleep(300000);
    for (fd = 3; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        seen->open += flags >= 0;
        seen->kept_on_exec += flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
    CHECK(posix_spawn(&process, self, NULL, NULL, arguments, environment) == 0);
    seen->inherited = exit_status(process);
    return NULL;
}

static void a_program_started_during_a_call_inherits_nothing(void)
{
    struct seen before = {0, 0, 0};
    struct seen during = {0, 0, 0};
    pthread_t thread;
    verifysms_client *client = client_of(settings());

    look(&before);
    pthread_create(&thread, NULL, look, &during);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    pthread_join(thread, NULL);
    /* The socket, and what wakes the call. */
    CHECK(during.open == before.open + 2);
    CHECK(during.kept_on_exec == before.kept_on_exec);
    CHECK(during.inherited == before.inherited);

    /* The connection is kept for the next call and closed with the client. */
    look(&during);
    verifysms_client_free(client);
    CHECK(has_threads(1));
    memset(&during, 0, sizeof during);
    look(&during);
    CHECK(during.open == before.open);
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "list") == 0) {
        return entries("/proc/self/fd");
    }
    self = arguments[0];
    making_a_client_opens_nothing_and_is_quick();
    a_program_started_during_a_call_inherits_nothing();
    return checked();
}
