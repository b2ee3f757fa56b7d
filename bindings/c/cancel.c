/*
 * A call that another thread may end.
 *
 *     cancel NUMBER           sends a code to the number, unless Enter is pressed first
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox. Link with -pthread.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <verifysms.h>

struct call {
    verifysms_client *client;
    const char *number;
    verifysms_result *sent;
};

static void *send_code(void *argument)
{
    struct call *call = argument;
    call->sent = verifysms_send(call->client, call->number);
    printf("%s\n", verifysms_result_message(call->sent));
    printf("Enter ends this program.\n");
    fflush(stdout);
    return NULL;
}

int main(int argc, char **argv)
{
    struct call call = {NULL, NULL, NULL};
    pthread_t thread;
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    int code;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    call.client = verifysms_client_new(config);
    verifysms_config_free(config);
    call.number = argc > 1 ? argv[1] : NULL;

    printf("Sending. Enter stops it.\n");
    fflush(stdout);
    if (pthread_create(&thread, NULL, send_code, &call) != 0) {
        perror("cancel");
        return EXIT_FAILURE;
    }
    getchar();
    verifysms_client_cancel(call.client); /* does nothing if the call has ended */
    pthread_join(thread, NULL);

    code = verifysms_result_code(call.sent);
    if (code == VERIFYSMS_CANCELLED && verifysms_result_reached(call.sent) == VERIFYSMS_REACHED_UNKNOWN) {
        printf("The message may be on its way all the same.\n");
    }
    verifysms_result_free(call.sent);
    verifysms_client_free(call.client);
    return code;
}
