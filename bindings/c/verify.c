/*
 * One call at a time, and what to do for each way that it can end.
 *
 *     verify send NUMBER          sends a code to the number
 *     verify check NUMBER CODE    says whether that is the code; status 0 only if it is
 *     verify connect              opens a connection; a program does this when the page opens on which a
 *                                 person types a number, so that its next call finds the connection
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_SENDER is the sender, VERIFYSMS_URL may lead to a sandbox.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <verifysms.h>

static const char *advice(int code)
{
    switch (code) {
    case VERIFYSMS_OK:
        return "go on";
    case VERIFYSMS_INVALID_ARGUMENT:
        return "nothing was sent: correct what the message names";
    case VERIFYSMS_NOT_VERIFIED:
        return "let the person type again; the guard counts the tries";
    case VERIFYSMS_REJECTED:
        return "correct the account or the settings";
    case VERIFYSMS_CONNECT:
        return "try again later";
    case VERIFYSMS_TLS:
        return "correct the certificates or the machine's clock";
    case VERIFYSMS_TIMEOUT:
    case VERIFYSMS_CONNECTION_LOST:
    case VERIFYSMS_HTTP_STATUS:
    case VERIFYSMS_BAD_REPLY:
        return "ask the person whether a message came";
    case VERIFYSMS_CANCELLED:
        return "you ended it";
    case VERIFYSMS_LIMITED:
        return "tell the person how long to wait";
    case VERIFYSMS_GUARD_DOWN:
        return "look after the store of the guard";
    case VERIFYSMS_INTERNAL:
        return "report it to the makers of the library";
    default:
        return "a newer library: treat it as not verified";
    }
}

static const char *why(int reason)
{
    switch (reason) {
    case VERIFYSMS_REASON_NONE:
        return "no failure";
    case VERIFYSMS_REASON_SENDER_LENGTH:
    case VERIFYSMS_REASON_SENDER_EMPTY:
        return "the sender must have 1 to 11 characters";
    case VERIFYSMS_REASON_SENDER_NOT_APPROVED:
        return "have the number approved as a sender";
    case VERIFYSMS_REASON_WRONG_API_KEY:
        return "look at the key";
    case VERIFYSMS_REASON_TO_EMPTY:
    case VERIFYSMS_REASON_MESSAGE_WITHOUT_CODE:
        return "the library does not send such a thing";
    case VERIFYSMS_REASON_UNKNOWN_ERROR:
    default:
        return "ask the provider's support";
    }
}

static void explain(const verifysms_result *result)
{
    int code = verifysms_result_code(result);

    printf("%s: %s\n  %s\n", verifysms_code_name(code), verifysms_result_message(result), advice(code));
    if (code == VERIFYSMS_REJECTED) {
        printf("  %s: %s\n", verifysms_reason_text(verifysms_result_reason(result)),
               why(verifysms_result_reason(result)));
    }
    if (verifysms_result_rule(result) != 0) {
        printf("  %s\n", verifysms_rule_name(verifysms_result_rule(result)));
    }
    /* What a page shows to the person. */
    printf("  %s\n", verifysms_result_user_text(result, getenv("LANGUAGE")));
    if (code == VERIFYSMS_OK && *verifysms_result_unique(result) != '\0') {
        char wait[256];
        verifysms_wait_text(30, getenv("LANGUAGE"), wait, (int)sizeof wait);
        printf("  %s\n", wait);
    }
    switch (verifysms_result_reached(result)) {
    case VERIFYSMS_REACHED_NO:
        printf("  Nobody has read it: the call may be repeated%s.\n",
               verifysms_result_retry_after(result) > 0 ? " after a while" : "");
        break;
    case VERIFYSMS_REACHED_UNKNOWN:
        printf("  It may have arrived (HTTP %d): do not repeat it.\n",
               verifysms_result_http_status(result));
        break;
    case VERIFYSMS_REACHED_YES:
        break;
    }
}

int main(int argc, char **argv)
{
    int checks = argc == 4 && strcmp(argv[1], "check") == 0;
    int connects = argc == 2 && strcmp(argv[1], "connect") == 0;
    verifysms_config *config = verifysms_config_from_env();
    verifysms_client *client;
    verifysms_result *result;
    int code;

    /* A check without its code must not become a send, which would be a success. */
    if (!checks && !connects && (argc != 3 || strcmp(argv[1], "send") != 0)) {
        fprintf(stderr, "verify: send NUMBER, check NUMBER CODE, or connect\n");
        verifysms_config_free(config);
        return VERIFYSMS_INVALID_ARGUMENT;
    }
    if (getenv("VERIFYSMS_SENDER") == NULL) {
        verifysms_config_set_sender(config, "Acme");
    }
    client = verifysms_client_new(config);
    if (client == NULL) {
        fprintf(stderr, "verify: %s\n", verifysms_config_error(config));
        if (verifysms_config_rule(config) == VERIFYSMS_RULE_NULL) {
            fprintf(stderr, "verify: set VERIFYSMS_API_KEY\n");
        }
        verifysms_config_free(config);
        return VERIFYSMS_INVALID_ARGUMENT;
    }
    verifysms_config_free(config);

    if (checks) {
        result = verifysms_check(client, argv[2], argv[3]);
        printf("The service's status: %d\n", verifysms_result_status(result));
    } else if (connects) {
        result = verifysms_client_connect(client);
    } else {
        result = verifysms_send(client, argv[2]);
        printf("Message %s to %s, from %s, at %ld\n", verifysms_result_unique(result),
               verifysms_result_to(result), verifysms_result_sender(result),
               (long)verifysms_result_timestamp(result));
    }
    explain(result);
    code = verifysms_result_code(result);
    verifysms_result_free(result);
    verifysms_client_free(client);
    return code;
}
