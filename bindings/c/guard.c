/*
 * Limits: who asks, what is refused and for how long, and how an operator unlocks a person.
 *
 *     guard send NUMBER USER          sends a code that the person at the address USER asks for
 *     guard check NUMBER USER CODE    checks what they typed; status 0 only if it is right
 *     guard robot NUMBER USER         sends and guesses at once, as a robot does
 *     guard show NUMBER               says how far the limits of the number are used
 *     guard forget NUMBER             unlocks the person
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox. VERIFYSMS_GUARD names the store, like
 * file:/run/acme/guard or redis://host: what one run counts the next one finds there.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <verifysms.h>

static void write_log(void *user_data, int level, const char *message)
{
    (void)user_data;
    if (level == VERIFYSMS_LOG_WARNING) { /* for the operator */
        fprintf(stderr, "guard: %s\n", message);
    }
}

/* All of these are the defaults, but for those of ranges and of the whole program, which are off. */
static void set_limits(verifysms_config *config)
{
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_NUMBER, 5, 600);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_NUMBER_DAY, 10, 86400);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_USER, 10, 3600);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_RANGE, 20, 3600);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_APP, 1000, 3600);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 5, 600);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_FAILURES_NUMBER, 20, 86400);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_FAILURES_USER, 30, 3600);
}

/* What to tell a person of whose call a limit was reached. */
static const char *advice(int limit)
{
    switch (limit) {
    case VERIFYSMS_LIMIT_COOLDOWN:
    case VERIFYSMS_LIMIT_SENDS_NUMBER:
        return "the message may still come; ask for another later";
    case VERIFYSMS_LIMIT_TRIES:
        return "ask for a new code";
    case VERIFYSMS_LIMIT_SENDS_NUMBER_DAY:
    case VERIFYSMS_LIMIT_FAILURES_NUMBER:
        return "call us";
    default:
        return "come back later";
    }
}

static void tell(const verifysms_result *result)
{
    int seconds = verifysms_result_retry_after(result);
    int limit = verifysms_result_limit(result);

    printf("%s: %s\n", verifysms_code_name(verifysms_result_code(result)), verifysms_result_message(result));
    if (verifysms_result_code(result) == VERIFYSMS_LIMITED) {
        printf("  %s: wait %d s; %s\n", verifysms_limit_name(limit), seconds, advice(limit));
    } else if (seconds > 0) {
        printf("  the next may go in %d s\n", seconds);
    }
    if (verifysms_result_tries_left(result) >= 0) {
        printf("  %d tries are left\n", verifysms_result_tries_left(result));
    }
}

/* Three sends and a guess, started together: one send goes out, and the guess counts. */
static void robot(verifysms_client *client, const verifysms_request *request)
{
    verifysms_queue *queue = verifysms_queue_new(client);
    verifysms_result *result;
    struct pollfd polled;
    int at;

    for (at = 0; at < 3; at++) {
        verifysms_queue_send_request(queue, request, NULL);
    }
    verifysms_queue_check_request(queue, request, "000000", NULL);
    polled.fd = verifysms_queue_descriptor(queue);
    polled.events = POLLIN;
    while (verifysms_queue_count(queue) > 0) {
        poll(&polled, 1, -1);
        while ((result = verifysms_queue_next(queue, NULL)) != NULL) {
            tell(result);
            verifysms_result_free(result);
        }
    }
    verifysms_queue_free(queue);
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;
    verifysms_request *request;
    verifysms_result *result = NULL;
    int code = VERIFYSMS_INVALID_ARGUMENT;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    verifysms_config_set_log(config, write_log, NULL);
    set_limits(config);
    verifysms_config_set_guard(config, getenv("VERIFYSMS_GUARD") != NULL ? getenv("VERIFYSMS_GUARD") : "memory:");
    verifysms_config_set_guard_namespace(config, "acme");
    verifysms_config_set_guard_secret(config, getenv("ACME_GUARD_SECRET")); /* NULL: from the key */
    verifysms_config_set_guard_timeout_ms(config, 250);
    /* While the store is away VERIFYSMS_GUARD_REFUSE would send nothing, VERIFYSMS_GUARD_ALLOW limit nothing. */
    verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_LOCAL);
    client = verifysms_client_new(config);
    if (client == NULL) {
        fprintf(stderr, "guard: %s\n", verifysms_config_error(config));
        verifysms_config_free(config);
        return code;
    }
    verifysms_config_free(config);

    /* What is wrong with a value, the calls say. */
    request = verifysms_request_new(argc > 2 ? argv[2] : NULL);
    verifysms_request_set_end_user(request, argc > 3 ? argv[3] : NULL);
    verifysms_request_set_sender(request, "Acme Shop");
    verifysms_request_set_message(request, "Acme: ##code## is your code");
    verifysms_request_set_origin(request, "acme.example"); /* a browser fills the code in on this site */
    verifysms_request_set_app_hash(request, "FA+9qCX9VSu"); /* and so does this Android app */
    verifysms_request_set_timeout_ms(request, 20000);

    if (argc == 4 && strcmp(what, "send") == 0) {
        result = verifysms_send_request(client, request);
    } else if (argc == 5 && strcmp(what, "check") == 0) {
        result = verifysms_check_request(client, request, argv[4]);
    } else if (argc == 3 && strcmp(what, "show") == 0) {
        result = verifysms_guard_show(client, argv[2]);
    } else if (argc == 3 && strcmp(what, "forget") == 0) {
        result = verifysms_forget(client, argv[2]);
    } else if (argc == 4 && strcmp(what, "robot") == 0) {
        robot(client, request);
        code = VERIFYSMS_OK;
    } else {
        fprintf(stderr, "guard: send NUMBER USER, check NUMBER USER CODE, robot NUMBER USER, show or forget NUMBER\n");
    }
    if (result != NULL) {
        tell(result);
        code = verifysms_result_code(result);
    }
    if (code == VERIFYSMS_GUARD_DOWN) {
        fprintf(stderr, "guard: look after the store\n");
    }
    verifysms_result_free(result);
    verifysms_request_free(request);
    verifysms_client_free(client);
    return code;
}
