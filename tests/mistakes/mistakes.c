/* What people do by mistake with a job, with a wrong code. */
#include "job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <verifysms.h>

static struct job untouched;
static struct job job;
static struct job_settings settings;

static int attempt(const char *mistake, const struct job_outcome *outcome)
{
    int in = outcome != NULL && (outcome->verified || outcome->code == VERIFYSMS_OK);

    printf("%s: %s\n", in ? "in" : "out", mistake);
    return in;
}

/* Waits for the end, whatever the start answered. */
static const struct job_outcome *end(void)
{
    const struct job_outcome *outcome;

    while ((outcome = job_read(&job)) == NULL) {
    }
    return outcome;
}

static void without_descriptors(const char *number)
{
    struct rlimit all, none;

    getrlimit(RLIMIT_NOFILE, &all);
    none = all;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    if (job_check(&job, &settings, number, "123456") == 0) {
        printf("it was started\n");
    }
    setrlimit(RLIMIT_NOFILE, &all);
    attempt("a job that was not started", end());
    /* Standard input is descriptor 0, which a job full of zeros would read. */
    attempt("a job of zeros", job_read(&untouched));
}

/* A child that dies in the middle of a good answer. */
static void cut_short(void)
{
    struct job_outcome good;
    int ends[2];
    pid_t child;

    memset(&good, 0, sizeof good);
    good.verified = 1;
    memset(&job, 0, sizeof job);
    if (pipe(ends) < 0 || (child = fork()) < 0) {
        exit(EXIT_FAILURE);
    }
    if (child == 0) {
        _exit(write(ends[1], &good, sizeof good / 2) > 0 ? 0 : 1);
    }
    close(ends[1]);
    job.fd = ends[0];
    job.child = (long)child;
    waitpid(child, NULL, WNOHANG);
    attempt("an answer that is cut short", end());
    attempt("an answer that was taken before", job_read(&job));
}

int main(void)
{
    const char *number = getenv("NUMBER");
    char right[64], wrong[64];
    const struct job_outcome *outcome;
    char *digit;

    settings.api_key = getenv("VERIFYSMS_API_KEY");
    settings.sender = "Acme";
    settings.url = getenv("VERIFYSMS_URL");
    without_descriptors(number);
    cut_short();

    job_send(&job, &settings, number);
    outcome = end();
    printf("%s: what sending ended with\n", outcome->verified ? "in" : "out");
    attempt("a number, with no code that was typed", (job_check(&job, &settings, number, NULL), end()));
    job_check(&job, &settings, number, "123456");
    kill((pid_t)job.child, SIGKILL);
    attempt("a child that was killed", end());

    printf("code for 0501234567?\n");
    fflush(stdout);
    if (fgets(right, sizeof right, stdin) == NULL) {
        return EXIT_FAILURE;
    }
    strcpy(wrong, right);
    for (digit = wrong; *digit >= '0' && *digit <= '9'; digit++) {
        *digit = (char)('0' + '9' - *digit);
    }
    job_check(&job, &settings, number, wrong);
    attempt("a wrong code", end());
    job_check(&job, &settings, number, right);
    outcome = end();
    return attempt("the right code", outcome) && outcome->verified ? EXIT_SUCCESS : EXIT_FAILURE;
}
