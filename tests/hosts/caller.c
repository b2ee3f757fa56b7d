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
 * It sleeps for a number of seconds. For a check it prints "code for NUMBER?" and reads the code.
 */
#include <verifysms.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NUMBER "0501234567"

static int descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static void record(void *user_data, int level, const char *message)
{
    (void)user_data;
    printf("log\t%d\t%s\n", level, message);
}

static int set(verifysms_config *config, const char *name, const char *value)
{
    if (strcmp(name, "url") == 0) {
        return verifysms_config_set_url(config, value);
    }
    if (strcmp(name, "proxy") == 0) {
        return verifysms_config_set_proxy(config, value);
    }
    if (strcmp(name, "ca_file") == 0) {
        return verifysms_config_set_ca_file(config, value);
    }
    if (strcmp(name, "trust") == 0) {
        return verifysms_config_set_trust(config, atoi(value));
    }
    if (strcmp(name, "allow_http") == 0) {
        return verifysms_config_set_allow_http(config, atoi(value));
    }
    if (strcmp(name, "timeout_ms") == 0) {
        return verifysms_config_set_timeout_ms(config, atoi(value));
    }
    if (strcmp(name, "connect_timeout_ms") == 0) {
        return verifysms_config_set_connect_timeout_ms(config, atoi(value));
    }
    fprintf(stderr, "no setting %s\n", name);
    exit(EXIT_FAILURE);
}

static void call(verifysms_client *client, const char *what)
{
    char code[64] = "";
    long begun;
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
    printf("result\t%s\t%d\t%ld\t%s\n", verifysms_code_name(verifysms_result_code(result)),
           verifysms_result_reached(result), milliseconds() - begun,
           verifysms_result_message(result));
    verifysms_result_free(result);
}

int main(int count, char **arguments)
{
    int before;
    int at;
    const char *key = getenv("VERIFYSMS_API_KEY");
    verifysms_config *config = verifysms_config_new(key);
    verifysms_client *client;

    before = descriptors();
    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_log(config, record, NULL);
    for (at = 1; at < count && strchr(arguments[at], '=') != NULL; at++) {
        char *value = strchr(arguments[at], '=');
        *value = '\0';
        set(config, arguments[at], value + 1);
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
    printf("open\t%d\n", descriptors() - before);
    return EXIT_SUCCESS;
}
