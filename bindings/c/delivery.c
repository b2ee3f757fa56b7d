/*
 * What became of a message: asked until there is a report, in an event loop.
 *
 *     delivery UNIQUE         status 0 if the message was delivered
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox, VERIFYSMS_DELIVERY_URL elsewhere.
 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <verifysms.h>

static const char *state_name(int state)
{
    switch (state) {
    case VERIFYSMS_DELIVERY_PENDING:
        return "no report yet";
    case VERIFYSMS_DELIVERY_DELIVERED:
        return "delivered";
    case VERIFYSMS_DELIVERY_FAILED:
        return "not delivered";
    case VERIFYSMS_DELIVERY_BLOCKED:
        return "blocked";
    case VERIFYSMS_DELIVERY_EXPIRED:
        return "timed out";
    case VERIFYSMS_DELIVERY_UNKNOWN:
    default:
        return "unknown";
    }
}

static const char *advice(int next)
{
    switch (next) {
    case VERIFYSMS_NEXT_NONE:
        return "ask for the code";
    case VERIFYSMS_NEXT_WAIT:
        return "wait";
    case VERIFYSMS_NEXT_RETRY_LATER:
        return "is the phone on? send again later";
    case VERIFYSMS_NEXT_ANOTHER_NUMBER:
        return "ask for another number";
    case VERIFYSMS_NEXT_OPTED_OUT:
        return "the person opted out of messages";
    case VERIFYSMS_NEXT_ABROAD:
        return "the number is abroad";
    case VERIFYSMS_NEXT_CONTACT_SUPPORT:
    default:
        return "ask the provider's support";
    }
}

static int show(const verifysms_result *result)
{
    int state = verifysms_result_delivery_state(result);
    int code = verifysms_result_delivery_code(result);

    if (verifysms_result_code(result) != VERIFYSMS_OK) {
        printf("%s\n", verifysms_result_message(result));
        return VERIFYSMS_DELIVERY_UNKNOWN;
    }
    printf("%s: %s\n", state_name(state), advice(verifysms_result_delivery_next(result)));
    if (code != VERIFYSMS_DELIVERY_CODE_NONE) {
        printf("  %d %s / %s, %s, %s\n", code, verifysms_result_delivery_english(result),
               verifysms_result_delivery_hebrew(result), verifysms_result_delivery_date(result),
               verifysms_result_delivery_operator(result));
    }
    return state;
}

int main(int argc, char **argv)
{
    const char *unique = argc == 2 ? argv[1] : "";
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;
    verifysms_queue *queue;
    verifysms_result *result;
    struct pollfd descriptor;
    int state;

    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    verifysms_config_set_delivery_url(config, getenv("VERIFYSMS_DELIVERY_URL"));
    client = verifysms_client_new(config);
    verifysms_config_free(config);

    /* At once, and blocking. */
    result = verifysms_delivery(client, unique);
    state = show(result);
    verifysms_result_free(result);

    /* Once more a little later, without blocking. */
    queue = verifysms_queue_new(client);
    if (queue != NULL && state == VERIFYSMS_DELIVERY_PENDING) {
        sleep(2);
        verifysms_queue_delivery(queue, unique, NULL);
        descriptor.fd = verifysms_queue_descriptor(queue);
        descriptor.events = POLLIN;
        while ((result = verifysms_queue_next(queue, NULL)) == NULL) {
            poll(&descriptor, 1, -1);
        }
        state = show(result);
        verifysms_result_free(result);
    }
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    return state == VERIFYSMS_DELIVERY_DELIVERED ? 0 : 1;
}
