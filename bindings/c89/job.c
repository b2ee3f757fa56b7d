/* One call in one child process. What the child found out comes back through a pipe. */
#include "job.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <verifysms.h>

static void call(struct job_outcome *outcome, const struct job_settings *settings, const char *to,
                 const char *typed)
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
        result = typed == NULL ? verifysms_send(client, to) : verifysms_check(client, to, typed);
        outcome->code = verifysms_result_code(result);
        outcome->reached = verifysms_result_reached(result);
        outcome->reason = verifysms_result_reason(result);
        outcome->status = verifysms_result_status(result);
        verifysms_copy(verifysms_result_unique(result), outcome->unique, sizeof outcome->unique);
        verifysms_copy(verifysms_result_message(result), outcome->message, sizeof outcome->message);
        verifysms_result_free(result);
    }
    verifysms_client_free(client);
    verifysms_config_free(config);
}

int job_start(struct job *job, const struct job_settings *settings, const char *to, const char *typed)
{
    int ends[2];
    pid_t child;

    memset(job, 0, sizeof *job);
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
        call(&job->outcome, settings, to, typed);
        /* Less than PIPE_BUF: it is written as a whole or not at all. */
        do {
            written = write(ends[1], &job->outcome, sizeof job->outcome);
        } while (written < 0 && errno == EINTR);
        /* Not exit(), which would write out what the parent has buffered. */
        _exit(written == (ssize_t)sizeof job->outcome ? 0 : 1);
    }
    close(ends[1]);
    job->fd = ends[0];
    job->child = (long)child;
    return 0;
}

int job_read(struct job *job)
{
    ssize_t n = read(job->fd, (char *)&job->outcome + job->got, sizeof job->outcome - job->got);

    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return 0;
    }
    if (n > 0) {
        job->got += (unsigned)n;
        if (job->got < sizeof job->outcome) {
            return 0;
        }
    } else {
        /* The child was killed: nobody knows how far it came. */
        memset(&job->outcome, 0, sizeof job->outcome);
        job->outcome.code = VERIFYSMS_INTERNAL;
        job->outcome.reached = VERIFYSMS_REACHED_UNKNOWN;
        strcpy(job->outcome.message, "the process of the call has ended without an answer");
    }
    close(job->fd);
    while (waitpid((pid_t)job->child, NULL, 0) < 0 && errno == EINTR) {
    }
    return 1;
}
