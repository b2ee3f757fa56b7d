/* One call in one child process. What the child found out comes back through a pipe. */
#include "job.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <verifysms.h>

enum action { SEND, CHECK };

static void call(struct job_outcome *outcome, const struct job_settings *settings, enum action action,
                 const char *to, const char *typed)
{
    verifysms_config *config = verifysms_config_new(settings->api_key);
    verifysms_client *client;
    verifysms_result *result;

    verifysms_config_set_sender(config, settings->sender);
    verifysms_config_set_message(config, settings->message);
    verifysms_config_set_url(config, settings->url);
    if (settings->timeout_ms != 0) {
        verifysms_config_set_timeout_ms(config, settings->timeout_ms);
    }
    client = verifysms_client_new(config);
    if (client == NULL) {
        outcome->code = VERIFYSMS_INVALID_ARGUMENT;
        outcome->reached = VERIFYSMS_REACHED_NO;
        verifysms_copy(verifysms_config_error(config), outcome->message, sizeof outcome->message);
    } else {
        result = action == CHECK ? verifysms_check(client, to, typed) : verifysms_send(client, to);
        outcome->code = verifysms_result_code(result);
        outcome->reached = verifysms_result_reached(result);
        outcome->reason = verifysms_result_reason(result);
        outcome->status = verifysms_result_status(result);
        outcome->verified = action == CHECK && outcome->code == VERIFYSMS_OK && outcome->status == 1;
        verifysms_copy(verifysms_result_to(result), outcome->to, sizeof outcome->to);
        verifysms_copy(verifysms_result_unique(result), outcome->unique, sizeof outcome->unique);
        verifysms_copy(verifysms_result_message(result), outcome->message, sizeof outcome->message);
        verifysms_result_free(result);
    }
    verifysms_client_free(client);
    verifysms_config_free(config);
}

static int start(struct job *job, const struct job_settings *settings, enum action action, const char *to,
                 const char *typed)
{
    int ends[2];
    pid_t child;

    memset(job, 0, sizeof *job);
    job->fd = -1;
    if (pipe(ends) < 0) {
        return -1;
    }
    child = fork();
    if (child < 0) {
        int why = errno;

        close(ends[0]);
        close(ends[1]);
        errno = why;
        return -1;
    }
    if (child == 0) {
        ssize_t written;

        close(ends[0]);
        call(&job->storage, settings, action, to, typed);
        /* Less than PIPE_BUF: it is written as a whole or not at all. */
        do {
            written = write(ends[1], &job->storage, sizeof job->storage);
        } while (written < 0 && errno == EINTR);
        /* Not exit(), which would write out what the parent has buffered. */
        _exit(written == (ssize_t)sizeof job->storage ? 0 : 1);
    }
    close(ends[1]);
    job->fd = ends[0];
    job->child = (long)child;
    return 0;
}

int job_send(struct job *job, const struct job_settings *settings, const char *to)
{
    return start(job, settings, SEND, to, NULL);
}

int job_check(struct job *job, const struct job_settings *settings, const char *to, const char *typed)
{
    return start(job, settings, CHECK, to, typed);
}

/* Without a whole answer nobody is verified, whatever was read of it. */
static void fail(struct job_outcome *outcome, int reached, const char *why)
{
    memset(outcome, 0, sizeof *outcome);
    outcome->code = VERIFYSMS_INTERNAL;
    outcome->reached = reached;
    strcpy(outcome->message, why);
}

const struct job_outcome *job_read(struct job *job)
{
    ssize_t n;

    /* Its fd is none, or another file's by now. */
    if (job->child == 0) {
        fail(&job->storage, VERIFYSMS_REACHED_NO, "no call is under way");
        return &job->storage;
    }
    n = read(job->fd, (char *)&job->storage + job->got, sizeof job->storage - job->got);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return NULL;
    }
    if (n > 0) {
        job->got += (unsigned)n;
        if (job->got < sizeof job->storage) {
            return NULL;
        }
    } else {
        fail(&job->storage, VERIFYSMS_REACHED_UNKNOWN, "the process of the call has ended without an answer");
    }
    close(job->fd);
    while (waitpid((pid_t)job->child, NULL, 0) < 0 && errno == EINTR) {
    }
    job->fd = -1;
    job->child = 0;
    return &job->storage;
}
