/*
 * A program whose event loop goes on while a call is in flight.
 *
 *     example send NUMBER           sends a code to the number
 *     example check NUMBER CODE     says whether that is the code
 *
 * The exit status is the library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY,
 * VERIFYSMS_SENDER, VERIFYSMS_URL and VERIFYSMS_GUARD: file:/path keeps the counts from one run to the next.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <verifysms.h>

static int say(const verifysms_result *result)
{
    int code = verifysms_result_code(result);
    int reached = verifysms_result_reached(result);

    printf("code %d, reached %d, number %s: %s\n", code, reached, verifysms_result_to(result),
           verifysms_result_message(result));
    /* Only a check that verified the number has the status 1. */
    if (code == VERIFYSMS_OK && verifysms_result_status(result) == 1) {
        printf("the number is theirs\n");
    } else if (code == VERIFYSMS_OK) {
        printf("message %s\n", verifysms_result_unique(result));
    } else if (code == VERIFYSMS_NOT_VERIFIED) {
        printf("let the person type again\n");
    } else if (code == VERIFYSMS_LIMITED) {
        printf("wait %d s\n", verifysms_result_retry_after(result));
    } else if (reached == VERIFYSMS_REACHED_UNKNOWN) {
        printf("it may have arrived: do not repeat it\n");
    }
    return code;
}

int main(int argc, char **argv)
{
    verifysms_config *config;
    verifysms_client *client;
    verifysms_queue *queue;
    verifysms_result *result;
    struct pollfd polled;
    unsigned long turns = 0;
    int code = VERIFYSMS_INTERNAL;
    int checks = argc == 4 && strcmp(argv[1], "check") == 0;

    if (!checks && (argc != 3 || strcmp(argv[1], "send") != 0)) {
        fprintf(stderr, "example send NUMBER, or example check NUMBER CODE\n");
        return VERIFYSMS_INVALID_ARGUMENT;
    }
    printf("verifysms %s\n", verifysms_version());
    config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_config_set_sender(config, getenv("VERIFYSMS_SENDER"));
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    if (getenv("VERIFYSMS_GUARD") != NULL) {
        verifysms_config_set_guard(config, getenv("VERIFYSMS_GUARD"));
    }
    client = verifysms_client_new(config);
    queue = verifysms_queue_new(client);
    if (client == NULL) {
        printf("code %d, reached %d: %s\n", VERIFYSMS_INVALID_ARGUMENT, VERIFYSMS_REACHED_NO,
               verifysms_config_error(config));
        code = VERIFYSMS_INVALID_ARGUMENT;
    }
    if (checks) {
        verifysms_queue_check(queue, argv[2], argv[3], NULL);
    } else {
        verifysms_queue_send(queue, argv[2], NULL, NULL, NULL);
    }

    polled.fd = verifysms_queue_descriptor(queue);
    polled.events = POLLIN;
    while (verifysms_queue_count(queue) > 0) {
        if (poll(&polled, 1, 50) == 0) {
            turns++; /* The program does its other work here. */
        }
        while ((result = verifysms_queue_next(queue, NULL)) != NULL) {
            printf("meanwhile the program went on %lu times\n", turns);
            code = say(result);
            verifysms_result_free(result);
        }
    }
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    verifysms_config_free(config);
    return code;
}
