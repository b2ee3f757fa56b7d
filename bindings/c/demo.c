/*
 * Proves that a person owns a phone number: sends a code, then checks what is typed.
 *
 *     demo NUMBER      status 0 only if a code was right
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox.
 */
#include <stdio.h>
#include <stdlib.h>
#include <verifysms.h>

/* Reads a code and checks it. 1: verified, 0: not, -1: no answer. */
static int ask(verifysms_client *client, const char *number)
{
    char typed[64];
    verifysms_result *checked;
    int verified;

    printf("Code: ");
    fflush(stdout);
    if (fgets(typed, sizeof typed, stdin) == NULL) {
        return -1;
    }
    checked = verifysms_check(client, number, typed);
    switch (verifysms_result_code(checked)) {
    case VERIFYSMS_OK:
        verified = 1;
        printf("Verified: %s is theirs.\n", verifysms_result_to(checked));
        break;
    case VERIFYSMS_NOT_VERIFIED:
        verified = 0;
        printf("Not verified (status %d).\n", verifysms_result_status(checked));
        break;
    case VERIFYSMS_LIMITED: /* the guard counts the tries */
        verified = -1;
        printf("Refused: too many wrong codes, wait %d s.\n", verifysms_result_retry_after(checked));
        break;
    default:
        verified = -1;
        printf("No answer: %s\n", verifysms_result_message(checked));
    }
    verifysms_result_free(checked);
    return verified;
}

int main(int argc, char **argv)
{
    const char *number = argc == 2 ? argv[1] : "";
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;
    verifysms_result *sent;
    int code;
    int answer = 0;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    client = verifysms_client_new(config);
    if (client == NULL) {
        fprintf(stderr, "demo: %s\n", verifysms_config_error(config));
        verifysms_config_free(config);
        return EXIT_FAILURE;
    }
    verifysms_config_free(config);

    /* A sign-up page does this when it opens, so that the send finds a connection. */
    verifysms_result_free(verifysms_client_connect(client));

    sent = verifysms_send(client, number);
    code = verifysms_result_code(sent);
    if (code == VERIFYSMS_OK) {
        printf("Sent to %s as \"%s\", message %s.\n", verifysms_result_to(sent),
               verifysms_result_sender(sent), verifysms_result_unique(sent));
    } else {
        printf("Not sent: %s\n", verifysms_result_message(sent));
    }
    verifysms_result_free(sent);

    /* A wrong code may be typed again; a program on the network counts the tries. */
    while (code == VERIFYSMS_OK && answer == 0) {
        answer = ask(client, number);
    }
    verifysms_client_free(client);
    return answer == 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
