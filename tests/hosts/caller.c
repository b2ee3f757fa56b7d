/*
 * Makes calls with the settings of its arguments, and prints one line about each thing it sees:
 *
 *     caller [NAME=VALUE ...] [send | check | SECONDS] ...
 *
 *     refused<TAB>SENTENCE                          no client was made
 *     log<TAB>LEVEL<TAB>RECORD
 *     result<TAB>CODE<TAB>REACHED<TAB>MS<TAB>SENTENCE
 *     open<TAB>COUNT                                descriptors left, once all is freed
 *
 * It sleeps for a number of seconds. For a check it prints "code for NUMBER?" and reads the code. The guard
 * limits its calls if the settings name one.
 */
#include "host.h"

static void record(void *user_data, int level, const char *message)
{
    (void)user_data;
    printf("log\t%d\t%s\n", level, message);
}

static void call(verifysms_client *client, const char *what)
{
    char code[64] = "";
    double begun;
    verifysms_result *result;

    if (strcmp(what, "check") == 0) {
        printf("code for " NUMBER "?\n");
        fflush(stdout);
        if (fgets(code, (int)sizeof code, stdin) == NULL) {
            code[0] = '\0';
        }
    }
    begun = milliseconds();
    result = strcmp(what, "check") == 0 ? verifysms_check(client, NUMBER, code)
                                        : verifysms_send(client, NUMBER);
    printf("result\t%s\t%d\t%.0f\t%s\n", verifysms_code_name(verifysms_result_code(result)),
           verifysms_result_reached(result), milliseconds() - begun,
           verifysms_result_message(result));
    verifysms_result_free(result);
}

int main(int count, char **arguments)
{
    int before;
    int at;
    int is_guarded = 0;
    const char *key = getenv("VERIFYSMS_API_KEY");
    verifysms_config *config = verifysms_config_new(key);
    verifysms_client *client;

    before = entries("/proc/self/fd");
    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_log(config, record, NULL);
    for (at = 1; at < count && strchr(arguments[at], '=') != NULL; at++) {
        char *value = strchr(arguments[at], '=');
        *value = '\0';
        if (!set_by_name(config, arguments[at], value + 1)) {
            fprintf(stderr, "no setting %s\n", arguments[at]);
            return EXIT_FAILURE;
        }
        is_guarded = is_guarded || strcmp(arguments[at], "guard") == 0;
    }
    if (!is_guarded) {
        raise_limits(config);
    }
    client = verifysms_client_new(config);
    if (client == NULL) {
        printf("refused\t%s\n", verifysms_config_error(config));
        verifysms_config_free(config);
        return EXIT_SUCCESS;
    }
    verifysms_config_free(config);
    for (; at < count; at++) {
        if (atoi(arguments[at]) > 0) {
            sleep((unsigned)atoi(arguments[at]));
        } else {
            call(client, arguments[at]);
        }
    }
    verifysms_client_free(client);
    printf("open\t%d\n", entries("/proc/self/fd") - before);
    return EXIT_SUCCESS;
}
