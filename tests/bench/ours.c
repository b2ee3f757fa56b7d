/*
 * The library through its C functions, one client for all threads: what a program in any language pays.
 */
#include "common.h"
#include "peer.h"

#include "verifysms.h"

#include <sys/epoll.h>
#include <unistd.h>

static int calls_at_once;

/* A number of a few in turn: a limit allows 65,535 sends to one, and the bench may make more in a second. */
static const char *number_in_turn(void) {
    static const char *const numbers[] = {PHONE,        "0501234568", "0501234569", "0501234570",
                                          "0501234571", "0501234572", "0501234573", "0501234574"};
    static _Thread_local unsigned turn;
    return numbers[turn++ % (sizeof numbers / sizeof *numbers)];
}

/* The guard counts all calls as it does by default, and has nothing to refuse: there is no pause between two sends, and
 * the two limits on them allow as many in a second as no program makes. */
static void raise_limits(verifysms_config *config) {
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_COOLDOWN, 0, 0);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_NUMBER, 65535, 1);
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_NUMBER_DAY, 65535, 1);
}

static void *ours_open(const struct options *options) {
    calls_at_once = options->threads;
    verifysms_config *config = verifysms_config_new(API_KEY);
    verifysms_config_set_sender(config, SENDER);
    verifysms_config_set_url(config, options->url);
    verifysms_config_set_timeout_ms(config, TIMEOUT_MS);
    verifysms_config_set_proxy(config, "");
    raise_limits(config);
    if (options->guard) verifysms_config_set_guard(config, strcmp(options->guard, "none") ? options->guard : NULL);
    if (options->ca_file) verifysms_config_set_ca_file(config, options->ca_file);
    verifysms_client *client = verifysms_client_new(config);
    need(client != NULL, verifysms_config_error(config));
    verifysms_config_free(config);
    return client;
}

static void ours_call(void *client) {
    verifysms_result *result = verifysms_send(client, number_in_turn());
    need(verifysms_result_code(result) == VERIFYSMS_OK, verifysms_result_message(result));
    verifysms_result_free(result);
}

static void start(verifysms_queue *queue) {
    need(verifysms_queue_send(queue, number_in_turn(), NULL, NULL, NULL) == VERIFYSMS_OK, "verifysms_queue_send");
}

static void ours_close(void *client) { verifysms_client_free(client); }

static struct outcome ours_step(void *client, const char *step, const char *to, const char *code) {
    verifysms_result *result = !strcmp(step, "connect") ? verifysms_client_connect(client)
                               : !strcmp(step, "check") ? verifysms_check(client, to, code)
                                                        : verifysms_send(client, to);
    struct outcome outcome = {verifysms_code_name(verifysms_result_code(result)), verifysms_result_reached(result)};
    verifysms_result_free(result);
    return outcome;
}

/* One thread that waits for the queue's descriptor, with epoll as the others do. */
static void ours_flight(void *client, long calls) {
    verifysms_queue *queue = verifysms_queue_new(client);
    need(queue != NULL, "verifysms_queue_new");
    struct epoll_event event = {.events = EPOLLIN};
    int loop = epoll_create1(EPOLL_CLOEXEC);
    need(loop >= 0 && !epoll_ctl(loop, EPOLL_CTL_ADD, verifysms_queue_descriptor(queue), &event), "epoll");
    long started = 0, left = calls;
    while (started < calls_at_once && started < calls) start(queue), started++;
    while (left) {
        need(epoll_wait(loop, &event, 1, -1) == 1, "epoll_wait");
        for (verifysms_result *result; (result = verifysms_queue_next(queue, NULL)) != NULL; left--) {
            need(verifysms_result_code(result) == VERIFYSMS_OK, verifysms_result_message(result));
            verifysms_result_free(result);
            if (started < calls) start(queue), started++;
        }
    }
    close(loop);
    verifysms_queue_free(queue);
}

int main(int argc, char **argv) {
    const struct peer peer = {ours_open, ours_call, ours_close, true, ours_step, ours_flight};
    return measure(argc, argv, &peer);
}
