/*
 * Many calls at once in one thread, with poll(2).
 *
 *     poll NUMBER...           sends a code to each of the numbers
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <verifysms.h>

int main(int argc, char **argv)
{
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;
    verifysms_queue *queue;
    verifysms_result *result;
    void *user_data;
    struct pollfd polled[1]; /* a program adds its own descriptors */
    int worst = VERIFYSMS_OK, at;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    client = verifysms_client_new(config);
    queue = verifysms_queue_new(client);
    if (queue == NULL) {
        fprintf(stderr, "no queue: %s\n", verifysms_config_error(config));
        return EXIT_FAILURE;
    }
    for (at = 1; at < argc; at++) {
        if (verifysms_queue_send(queue, argv[at], NULL, NULL, argv[at]) != VERIFYSMS_OK) {
            fprintf(stderr, "%s: not started\n", argv[at]);
        }
    }

    polled[0].fd = verifysms_queue_descriptor(queue);
    polled[0].events = POLLIN;
    while (verifysms_queue_count(queue) > 0) {
        poll(polled, 1, -1);
        while ((result = verifysms_queue_next(queue, &user_data)) != NULL) {
            int code = verifysms_result_code(result);
            printf("%s: %s\n", (const char *)user_data, verifysms_result_message(result));
            if (verifysms_result_reached(result) == VERIFYSMS_REACHED_UNKNOWN) {
                printf("%s: the message may be out, do not repeat it\n", (const char *)user_data);
            }
            if (code > worst) {
                worst = code;
            }
            verifysms_result_free(result);
        }
    }

    verifysms_queue_free(queue);
    verifysms_client_free(client);
    verifysms_config_free(config);
    return worst;
}
