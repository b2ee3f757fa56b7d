/*
 * Forks in every way that Linux has, with and without fork handlers, while a connection is kept open.
 * Both processes call at once: P is the parent's sender, A to D are the children's.
 */
#include "host.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#define CALLS 10

static pid_t by_fork(void)
{
    return fork();
}

static pid_t by_async_signal_safe_fork(void)
{
    return _Fork();
}

static pid_t by_clone(void)
{
    return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static pid_t by_clone3(void)
{
    /* struct clone_args of linux/sched.h, its first version. */
    unsigned long long arguments[8] = {0, 0, 0, 0, SIGCHLD, 0, 0, 0};
    return (pid_t)syscall(SYS_clone3, arguments, sizeof arguments);
}

static int failures(verifysms_client *client, const char *sender)
{
    int call;
    int count = 0;
    for (call = 0; call < CALLS; call++) {
        verifysms_result *result = verifysms_send_with(client, NUMBER, sender, NULL);
        count += verifysms_result_code(result) != VERIFYSMS_OK;
        count += strcmp(verifysms_result_sender(result), sender) != 0;
        verifysms_result_free(result);
    }
    return count;
}

static void both_call(pid_t (*divide)(void), const char *name)
{
    verifysms_client *client = client_of(settings());
    pid_t child;

    CHECK(failures(client, "P") == 0);
    child = divide();
    if (child == 0) {
        alarm(30);
        _exit(failures(client, name));
    }
    CHECK(child > 0);
    CHECK(failures(client, "P") == 0);
    CHECK(exit_status(child) == 0);
    CHECK(failures(client, "P") == 0);
    verifysms_client_free(client);
}

int main(void)
{
    alarm(60);
    both_call(by_fork, "A");
    both_call(by_async_signal_safe_fork, "B");
    both_call(by_clone, "C");
    both_call(by_clone3, "D");
    return checked();
}
