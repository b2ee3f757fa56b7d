/*
 * A program with an event loop that goes on while a call is under way.
 *
 *     example send NUMBER           has a code texted to the number
 *     example check NUMBER CODE     says whether that is the code
 *
 * The exit status is the library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY,
 * VERIFYSMS_SENDER and VERIFYSMS_URL.
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>
#include <verifysms.h>

static struct job job;
static struct job_settings settings;

int main(int argc, char **argv)
{
    const struct job_outcome *outcome = NULL;
    unsigned long turns = 0;
    fd_set readable;
    struct timeval tick;
    int started;
    int checks = argc == 4 && strcmp(argv[1], "check") == 0;

    if (!checks && (argc != 3 || strcmp(argv[1], "send") != 0)) {
        fprintf(stderr, "example send NUMBER, or example check NUMBER CODE\n");
        return VERIFYSMS_INVALID_ARGUMENT;
    }
    printf("verifysms %s\n", verifysms_version());
    settings.api_key = getenv("VERIFYSMS_API_KEY");
    settings.sender = getenv("VERIFYSMS_SENDER");
    settings.url = getenv("VERIFYSMS_URL");
    started = checks ? job_check(&job, &settings, argv[2], argv[3]) : job_send(&job, &settings, argv[2]);
    if (started < 0) {
        perror("example");
        return VERIFYSMS_INTERNAL;
    }

    while (outcome == NULL) {
        FD_ZERO(&readable);
        FD_SET(job.fd, &readable);
        tick.tv_sec = 0;
        tick.tv_usec = 50000L;
        if (select(job.fd + 1, &readable, NULL, NULL, &tick) > 0) {
            outcome = job_read(&job);
        } else {
            turns++; /* Here the program does what else it has to do. */
        }
    }

    printf("meanwhile the program went on %lu times\n", turns);
    printf("code %d, reached %d, number %s: %s\n", outcome->code, outcome->reached, outcome->to, outcome->message);
    if (outcome->verified) {
        printf("the number is theirs\n");
    } else if (outcome->code == VERIFYSMS_OK) {
        printf("message %s\n", outcome->unique);
    } else if (outcome->code == VERIFYSMS_NOT_VERIFIED) {
        printf("let the person type again\n");
    } else if (outcome->reached == VERIFYSMS_REACHED_UNKNOWN) {
        printf("it may have arrived: do not repeat it\n");
    }
    return outcome->code;
}
