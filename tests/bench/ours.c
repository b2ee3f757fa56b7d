/*
 * The library through its C functions, one client for all threads: what a program in any language pays.
 */
#include "common.h"
#include "peer.h"

#include "verifysms.h"

static void *ours_open(const struct options *options) {
    verifysms_config *config = verifysms_config_new(API_KEY);
    verifysms_config_set_sender(config, SENDER);
    verifysms_config_set_url(config, options->url);
    verifysms_config_set_timeout_ms(config, TIMEOUT_MS);
    verifysms_config_set_proxy(config, "");
    if (options->ca_file) verifysms_config_set_ca_file(config, options->ca_file);
    verifysms_client *client = verifysms_client_new(config);
    need(client != NULL, verifysms_config_error(config));
    verifysms_config_free(config);
    return client;
}

static void ours_call(void *client) {
    verifysms_result *result = verifysms_send(client, PHONE);
    need(verifysms_result_code(result) == VERIFYSMS_OK, verifysms_result_message(result));
    verifysms_result_free(result);
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

int main(int argc, char **argv) {
    const struct peer peer = {ours_open, ours_call, ours_close, true, ours_step, NULL};
    return measure(argc, argv, &peer);
}
