/* What people do by mistake with a queue, with a wrong code. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <verifysms.h>

static verifysms_queue *queue;
static const char *number;

/* A result that is taken for the end of a check. */
static int attempt(const char *mistake, verifysms_result *result)
{
    int in = verifysms_result_code(result) == VERIFYSMS_OK && verifysms_result_status(result) == 1;

    printf("%s: %s\n", in ? "in" : "out", mistake);
    verifysms_result_free(result);
    return in;
}

/* Waits for the next result, if one is to come. */
static verifysms_result *end(void)
{
    struct pollfd polled;
    verifysms_result *result = NULL;

    polled.fd = verifysms_queue_descriptor(queue);
    polled.events = POLLIN;
    while (verifysms_queue_count(queue) > 0 && (result = verifysms_queue_next(queue, NULL)) == NULL) {
        poll(&polled, 1, -1);
    }
    return result;
}

static void without_descriptors(verifysms_client *client)
{
    struct rlimit all, none;

    getrlimit(RLIMIT_NOFILE, &all);
    none = all;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    queue = verifysms_queue_new(client);
    verifysms_queue_check(queue, number, "123456", NULL);
    attempt("a queue that was not made", end());
    setrlimit(RLIMIT_NOFILE, &all);
}

int main(void)
{
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;
    char right[64], wrong[64];
    char *digit;
    int is_in;

    number = getenv("NUMBER");
    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    client = verifysms_client_new(config);
    without_descriptors(client);
    queue = verifysms_queue_new(client);

    attempt("nothing that was started", end());
    verifysms_queue_send(queue, number, NULL, NULL, NULL);
    attempt("what was started, and not waited for", verifysms_queue_next(queue, NULL));
    attempt("a message that was accepted", end());
    verifysms_queue_connect(queue, NULL);
    attempt("a connection", end());
    verifysms_queue_check(queue, number, NULL, NULL);
    attempt("a number, with no code that was typed", end());
    attempt("an answer that was taken before", end());
    verifysms_queue_check(queue, number, "123456", queue);
    verifysms_queue_cancel(queue, queue);
    attempt("a check that was cancelled", end());

    printf("code for 0501234567?\n");
    fflush(stdout);
    if (fgets(right, sizeof right, stdin) == NULL) {
        return EXIT_FAILURE;
    }
    strcpy(wrong, right);
    for (digit = wrong; *digit >= '0' && *digit <= '9'; digit++) {
        *digit = (char)('0' + '9' - *digit);
    }
    verifysms_queue_check(queue, number, wrong, NULL);
    attempt("a wrong code", end());
    verifysms_queue_check(queue, number, right, NULL);
    is_in = attempt("the right code", end());
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    verifysms_config_free(config);
    return is_in ? EXIT_SUCCESS : EXIT_FAILURE;
}
