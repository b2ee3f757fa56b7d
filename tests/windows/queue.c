/*
 * Many calls at once in one thread, which waits for the queue's SOCKET with select(): more than a set of
 * select() has room for.
 */
#include <winsock2.h>

#include <verifysms.h>

#include <stdio.h>

#include "check.h"

enum { CALLS = 200 };

int main(void)
{
    verifysms_config *config = verifysms_config_from_env();
    verifysms_client *client;
    verifysms_queue *queue;
    static int done[CALLS];
    int at, left = CALLS;

    verifysms_config_set_guard(config, NULL);
    client = verifysms_client_new(config);
    verifysms_config_free(config);
    queue = verifysms_queue_new(client);
    for (at = 0; at < CALLS; at++) {
        char to[16];
        sprintf(to, "0501234%03d", at);
        CHECK(verifysms_queue_send(queue, to, NULL, NULL, &done[at]) == VERIFYSMS_OK);
    }
    while (left > 0) {
        struct timeval limit = {60, 0};
        verifysms_result *result;
        void *user_data;
        fd_set readable;

        FD_ZERO(&readable);
        FD_SET((SOCKET)verifysms_queue_descriptor(queue), &readable);
        if (select(0, &readable, NULL, NULL, &limit) != 1) {
            break;
        }
        while ((result = verifysms_queue_next(queue, &user_data)) != NULL) {
            CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
            ++*(int *)user_data;
            left--;
            verifysms_result_free(result);
        }
    }
    for (at = 0; at < CALLS; at++) {
        CHECK(done[at] == 1);
    }
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    return checked();
}
