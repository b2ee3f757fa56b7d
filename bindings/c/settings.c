/*
 * Every setting, a log, counters, another message, and a result copied into a buffer of fixed size.
 *
 *     settings NUMBER         sends a code to the number
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox, VERIFYSMS_CA names a file of
 * certificate authorities.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <verifysms.h>

static const char *severity(int level)
{
    switch (level) {
    case VERIFYSMS_LOG_WARNING: /* for the operator */
        return "warning";
    case VERIFYSMS_LOG_INFO:
        return "info";
    case VERIFYSMS_LOG_DEBUG:
        return "debug";
    default:
        return "?";
    }
}

/* Receives log records; `user_data` is the program's name for its log. */
static void write_log(void *user_data, int level, const char *message)
{
    fprintf(stderr, "%s %s: %s\n", (const char *)user_data, severity(level), message);
}

/* What became of the calls. A program with several threads counts with atomic operations. */
struct counts {
    int answered;
    int unknown;
    int not_sent;
    long milliseconds;
};

/* Receives the end of each call. */
static void count(void *user_data, int event, int code, int reached, int milliseconds, int attempt, int reused,
    int limit)
{
    struct counts *counts = user_data;
    (void)code, (void)reached, (void)attempt, (void)reused, (void)limit;
    switch (event) {
    case VERIFYSMS_EVENT_SENT:
    case VERIFYSMS_EVENT_CHECKED:
    case VERIFYSMS_EVENT_VERIFIED:
    case VERIFYSMS_EVENT_REFUSED:
        counts->answered++;
        break;
    case VERIFYSMS_EVENT_UNKNOWN: /* perhaps billed */
        counts->unknown++;
        break;
    case VERIFYSMS_EVENT_LIMITED:
    case VERIFYSMS_EVENT_FAILED:
        counts->not_sent++;
        break;
    case VERIFYSMS_EVENT_OTHER: /* neither a send nor a check */
    default:                    /* of a later version */
        return;
    }
    counts->milliseconds += milliseconds;
    fprintf(stderr, "%s after %d ms\n", verifysms_event_name(event), milliseconds);
}

/* Called while a call waits. A program with a window looks at its "Stop" button here. */
static int is_over(void *user_data)
{
    return *(const int *)user_data;
}

int main(int argc, char **argv)
{
    static char log_name[] = "sms";
    struct counts counts = {0, 0, 0, 0};
    int over = 0;
    char field[VERIFYSMS_SIZE_TO];
    char sender[VERIFYSMS_SIZE_SENDER];
    char message[VERIFYSMS_SIZE_MESSAGE];
    char unique[VERIFYSMS_SIZE_UNIQUE];
    verifysms_config *config;
    verifysms_client *client;
    verifysms_result *sent;
    int code;

#if VERIFYSMS_VERSION_NUMBER < 10000
#error this program needs verifysms 1.0
#endif
    printf("made for %d.%d.%d\n", VERIFYSMS_VERSION_MAJOR, VERIFYSMS_VERSION_MINOR, VERIFYSMS_VERSION_PATCH);
    if (strcmp(verifysms_version(), VERIFYSMS_VERSION) != 0) {
        fprintf(stderr, "compiled with %s, running %s\n", VERIFYSMS_VERSION, verifysms_version());
    }

    /* The results of the setters need no check: the settings keep the first error. */
    config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_message(config, "Acme: ##code## is your code");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL") != NULL ? getenv("VERIFYSMS_URL") : VERIFYSMS_URL);
    verifysms_config_set_timeout_ms(config, 20000);
    verifysms_config_set_connect_timeout_ms(config, 5000);
    verifysms_config_set_proxy(config, ""); /* no proxy, whatever the environment says */
    verifysms_config_set_ca_file(config, getenv("VERIFYSMS_CA"));
    verifysms_config_set_trust(config, argc > 2 ? VERIFYSMS_TRUST_BUNDLED : VERIFYSMS_TRUST_SYSTEM);
    verifysms_config_set_allow_http(config, 0);
    verifysms_config_set_log(config, write_log, log_name);
    verifysms_config_set_event(config, count, &counts);
    verifysms_config_set_interrupt(config, is_over, &over);
    client = verifysms_client_new(config);
    if (client == NULL) {
        fprintf(stderr, "settings: %s\n", verifysms_config_error(config));
    }
    verifysms_config_free(config);

    /* Without a client the result says so: one check at the end is enough. */
    sent = verifysms_send_with(client, argc > 1 ? argv[1] : NULL, "Acme Shop", NULL);
    if (verifysms_copy(verifysms_result_to(sent), field, (int)sizeof field) >= (int)sizeof field) {
        fprintf(stderr, "the number was cut\n");
    }
    verifysms_copy(verifysms_result_sender(sent), sender, (int)sizeof sender);
    verifysms_copy(verifysms_result_unique(sent), unique, (int)sizeof unique);
    verifysms_copy(verifysms_result_message(sent), message, (int)sizeof message);
    printf("%-11s %s %s: %s\n", field, sender, unique, message);
    code = verifysms_result_code(sent);
    verifysms_result_free(sent);
    verifysms_client_free(client);
    printf("answered %d, unknown %d, not sent %d, in %ld ms\n", counts.answered, counts.unknown, counts.not_sent,
        counts.milliseconds);
    return code;
}
