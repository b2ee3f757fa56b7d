/*
 * A program with an event loop that goes on while a call is under way.
 *
 *     example NUMBER           has a code texted to the number
 *     example NUMBER CODE      says whether that is the code
 *
 * The exit status is the library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY,
 * VERIFYSMS_SENDER and VERIFYSMS_URL.
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>
#include <verifysms.h>

static struct job job;
static struct job_settings settings;

int main(int argc, char **argv)
{
    const char *typed = argc > 2 ? argv[2] : NULL;
    unsigned long turns = 0;
    int ended = 0;
    fd_set readable;
    struct timeval tick;

    printf("verifysms %s\n", verifysms_version());
    settings.api_key = getenv("VERIFYSMS_API_KEY");
    settings.sender = getenv("VERIFYSMS_SENDER");
    settings.url = getenv("VERIFYSMS_URL");
    if (job_start(&job, &settings, argc > 1 ? argv[1] : NULL, typed) < 0) {
        perror("example");
        return VERIFYSMS_INTERNAL;
    }

    while (!ended) {
        FD_ZERO(&readable);
        FD_SET(job.fd, &readable);
        tick.tv_sec = 0;
        tick.tv_usec = 50000L;
        if (select(job.fd + 1, &readable, NULL, NULL, &tick) > 0) {
            ended = job_read(&job);
        } else {
            turns++; /* Here the program does what else it has to do. */
        }
    }

    printf("meanwhile the program went on %lu times\n", turns);
    printf("code %d, reached %d: %s\n", job.outcome.code, job.outcome.reached, job.outcome.message);
    if (job.outcome.code == VERIFYSMS_OK && typed != NULL) {
        printf("the number is theirs\n");
    } else if (job.outcome.code == VERIFYSMS_OK) {
        printf("message %s\n", job.outcome.unique);
    } else if (job.outcome.code == VERIFYSMS_NOT_VERIFIED) {
        printf("let the person type again\n");
    } else if (job.outcome.reached == VERIFYSMS_REACHED_UNKNOWN) {
        printf("it may have arrived: do not repeat it\n");
    }
    return job.outcome.code;
}
