/*
 * The C functions as a C program meets them. Compiles as C89 and as C++98. Speaks to a sandbox
 * whose address is in VERIFYSMS_URL; the codes come from its command on standard input.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 600 /* setenv() */
#endif
#include <verifysms.h>
#include <verifysms.h>

#include <limits.h>
#include <string.h>

#include "check.h"

/* What a whole path begins with. */
#ifdef _WIN32
#define DRIVE "C:"
#else
#define DRIVE ""
#endif

#define SAME(text, expected) check(strcmp(text, expected) == 0, #text " is " expected, __LINE__)

struct records {
    int info;
    int debug;
    char text[4096];
};

static void VERIFYSMS_CALL record(void *user_data, int level, const char *message)
{
    struct records *records = (struct records *)user_data;
    if (level == VERIFYSMS_LOG_INFO) {
        records->info++;
    } else if (level == VERIFYSMS_LOG_DEBUG) {
        records->debug++;
    }
    strncat(records->text, message, sizeof records->text - strlen(records->text) - 1);
}

struct events {
    int count;
    int event, code, reached, milliseconds, attempt, reused, limit;
};

static void VERIFYSMS_CALL note(void *user_data, int event, int code, int reached, int milliseconds, int attempt,
    int reused, int limit)
{
    struct events *events = (struct events *)user_data;
    events->count++;
    events->event = event;
    events->code = code;
    events->reached = reached;
    events->milliseconds = milliseconds;
    events->attempt = attempt;
    events->reused = reused;
    events->limit = limit;
}

static int VERIFYSMS_CALL stop(void *user_data)
{
    ++*(int *)user_data;
    return 1;
}

static verifysms_config *guarded_settings(void)
{
    verifysms_config *config = verifysms_config_new("sandbox-key");
    CHECK(config != NULL);
    CHECK(verifysms_config_set_sender(config, "Acme") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_url(config, getenv("VERIFYSMS_URL")) == VERIFYSMS_OK);
    return config;
}

/* Of clients that send to a number again at once. */
static verifysms_config *settings(void)
{
    verifysms_config *config = guarded_settings();
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_COOLDOWN, 0, 0) == VERIFYSMS_OK);
    return config;
}

static verifysms_client *client_of(verifysms_config *config)
{
    verifysms_client *client = verifysms_client_new(config);
    CHECK(client != NULL);
    verifysms_config_free(config);
    return client;
}

/* How a call ended, its result freed. */
static int ended(verifysms_result *result)
{
    int code = verifysms_result_code(result);
    verifysms_result_free(result);
    return code;
}

static void null_is_harmless(void)
{
    verifysms_result *result;

    verifysms_config_free(NULL);
    verifysms_client_free(NULL);
    verifysms_client_cancel(NULL);
    verifysms_result_free(NULL);
    CHECK(verifysms_client_new(NULL) == NULL);
    CHECK(verifysms_config_set_sender(NULL, "Acme") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_message(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_url(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_delivery_url(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_timeout_ms(NULL, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_connect_timeout_ms(NULL, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_proxy(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_ca_file(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_trust(NULL, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_allow_http(NULL, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_log(NULL, NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_event(NULL, NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_interrupt(NULL, NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    SAME(verifysms_config_error(NULL), "");
    CHECK(verifysms_config_rule(NULL) == 0);
    CHECK(verifysms_result_code(NULL) == VERIFYSMS_INTERNAL);
    CHECK(verifysms_result_reached(NULL) == VERIFYSMS_REACHED_UNKNOWN);
    CHECK(verifysms_result_rule(NULL) == 0);
    CHECK(verifysms_result_reason(NULL) == 0);
    CHECK(verifysms_result_status(NULL) == 0);
    CHECK(verifysms_result_http_status(NULL) == 0);
    CHECK(verifysms_result_timestamp(NULL) == 0);
    SAME(verifysms_result_unique(NULL), "");
    SAME(verifysms_result_sender(NULL), "");
    SAME(verifysms_result_to(NULL), "");
    SAME(verifysms_result_message(NULL), "");
    SAME(verifysms_result_user_text(NULL, "he"), "");
    CHECK(verifysms_result_delivery_state(NULL) == VERIFYSMS_DELIVERY_UNKNOWN);
    CHECK(verifysms_result_delivery_next(NULL) == VERIFYSMS_NEXT_NONE);
    CHECK(verifysms_result_delivery_code(NULL) == VERIFYSMS_DELIVERY_CODE_NONE);
    SAME(verifysms_result_delivery_hebrew(NULL), "");
    SAME(verifysms_result_delivery_english(NULL), "");
    SAME(verifysms_result_delivery_date(NULL), "");
    SAME(verifysms_result_delivery_operator(NULL), "");
    result = verifysms_delivery(NULL, "1");
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    verifysms_result_free(result);
    result = verifysms_send(NULL, "0501234567");
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    SAME(verifysms_result_message(result), "client: is NULL");
    CHECK(verifysms_result_rule(result) == VERIFYSMS_RULE_NULL);
    verifysms_result_free(result);
    result = verifysms_check(NULL, NULL, NULL);
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    verifysms_result_free(result);
    result = verifysms_send_with(NULL, NULL, NULL, NULL);
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    verifysms_result_free(result);
    result = verifysms_client_connect(NULL);
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    verifysms_result_free(result);
}

static void null_is_harmless_to_the_guard(void)
{
    verifysms_request *request = verifysms_request_new("0501234567");

    verifysms_request_free(NULL);
    CHECK(verifysms_config_set_guard(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(NULL, 1, 0, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_secret(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_namespace(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_timeout_ms(NULL, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_failure(NULL, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_end_user(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_sender(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_message(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_origin(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_app_hash(NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_timeout_ms(NULL, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_result_limit(NULL) == 0);
    CHECK(verifysms_result_retry_after(NULL) == 0);
    CHECK(verifysms_result_tries_left(NULL) == -1);
    CHECK(ended(verifysms_send_request(NULL, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_send_request(NULL, request)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_check_request(NULL, NULL, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_check_request(NULL, request, "1")) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_forget(NULL, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_guard_show(NULL, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_queue_send_request(NULL, request, NULL) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_queue_check_request(NULL, request, "1", NULL) == VERIFYSMS_INVALID_ARGUMENT);
    verifysms_request_free(request);
}

static void the_first_refusal_is_remembered(void)
{
    verifysms_config *config = verifysms_config_new("key");
    SAME(verifysms_config_error(config), "");
    CHECK(verifysms_config_rule(config) == 0);
    CHECK(verifysms_config_set_sender(config, "far too long a sender") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_message(config, "no place") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_sender(config, "Acme") == VERIFYSMS_OK);
    SAME(verifysms_config_error(config), "sender: is longer than 11 characters");
    CHECK(verifysms_client_new(config) == NULL);
    SAME(verifysms_config_error(config), "sender: is longer than 11 characters");
    CHECK(verifysms_config_rule(config) == VERIFYSMS_RULE_SENDER_TOO_LONG);
    verifysms_config_free(config);

    config = verifysms_config_new(NULL);
    CHECK(config != NULL);
    SAME(verifysms_config_error(config), "api_key: is NULL");
    CHECK(verifysms_client_new(config) == NULL);
    verifysms_config_free(config);

}

/* No value is to blame for it, only how two of them go together. */
static void a_key_in_clear_is_refused_until_the_address_is_another(void)
{
    verifysms_client *client;
    verifysms_config *config = verifysms_config_new("key");

    CHECK(verifysms_config_set_url(config, "http://192.0.2.1/") == VERIFYSMS_OK);
    CHECK(verifysms_client_new(config) == NULL);
    CHECK(strncmp(verifysms_config_error(config), "url: http://", 12) == 0);
    CHECK(verifysms_config_rule(config) == VERIFYSMS_RULE_URL_UNENCRYPTED);
    CHECK(verifysms_config_set_url(config, "https://192.0.2.1/") == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    CHECK(client != NULL);
    SAME(verifysms_config_error(config), "");
    CHECK(verifysms_config_rule(config) == 0);
    verifysms_client_free(client);

    CHECK(verifysms_config_set_url(config, "https://192.0.2.1:99999/") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_url(config, "https://192.0.2.1/") == VERIFYSMS_OK);
    CHECK(verifysms_client_new(config) == NULL);
    CHECK(strncmp(verifysms_config_error(config), "url: has an invalid port", 24) == 0);
    verifysms_config_free(config);
}

static void a_refused_setting_is_what_is_said_of_spoiled_settings(void)
{
    verifysms_config *config = verifysms_config_new("key");
    CHECK(verifysms_config_set_url(config, "http://192.0.2.1/") == VERIFYSMS_OK);
    CHECK(verifysms_client_new(config) == NULL);
    CHECK(verifysms_config_set_url(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_sender(config, "") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_client_new(config) == NULL);
    CHECK(strncmp(verifysms_config_error(config), "sender: ", 8) == 0);
    verifysms_config_free(config);
}

static void every_setting_has_its_rule(void)
{
    verifysms_config *config = verifysms_config_new("key");
    CHECK(verifysms_config_set_sender(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_sender(config, "\xff") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_message(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_message(config, "##code##") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_url(config, "ftp://host/") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_url(config, "https://user:word@host/") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_url(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_delivery_url(config, "ftp://host/") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_delivery_url(config, "https://host/") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_delivery_url(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_timeout_ms(config, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_timeout_ms(config, INT_MIN) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_timeout_ms(config, INT_MAX) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_timeout_ms(config, 86400000) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_connect_timeout_ms(config, -1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_connect_timeout_ms(config, 1) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_proxy(config, "socks4://host") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_proxy(config, "http://user:word@host:3128") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_proxy(config, "") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_ca_file(config, "") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_ca_file(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_trust(config, VERIFYSMS_TRUST_BUNDLED) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_trust(config, 2) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_allow_http(config, 1) == VERIFYSMS_OK);
    verifysms_config_free(config);
}

static void every_setting_of_the_guard_has_its_rule(void)
{
    verifysms_config *config = verifysms_config_new("key");
    CHECK(verifysms_config_set_guard(config, "memory:") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard(config, "file:" DRIVE "/run/acme/guard") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 0, -1) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 65535, 2678400) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_SENDS_APP, INT_MAX, 1) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_secret(config, "16 bytes of them") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_secret(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_namespace(config, "Acme.shop-2_b") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_namespace(config, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_timeout_ms(config, 1) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_timeout_ms(config, 10000) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_REFUSE) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_ALLOW) == VERIFYSMS_OK);
    CHECK(verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_LOCAL) == VERIFYSMS_OK);
    SAME(verifysms_config_error(config), "");

    CHECK(verifysms_config_set_guard(config, "") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(strncmp(verifysms_config_error(config), "guard: ", 7) == 0);
    CHECK(verifysms_config_set_guard(config, "file:guard") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard(config, "\xff") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, 0, 1, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, 10, 1, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, INT_MIN, 1, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, -1, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 65536, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 1, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 1, INT_MIN) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_TRIES, 1, 2678401) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_limit(config, VERIFYSMS_LIMIT_COOLDOWN, 2, 1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_secret(config, "fifteen bytes !") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_namespace(config, "") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_namespace(config, "a{b}") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_timeout_ms(config, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_timeout_ms(config, 10001) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_failure(config, 3) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_config_set_guard_failure(config, -1) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_client_new(config) == NULL);
    verifysms_config_free(config);
}

static void strings_fit_into_fixed_fields(void)
{
    char buffer[8];

    memset(buffer, 'x', sizeof buffer);
    CHECK(verifysms_copy("0501234567", buffer, 5) == 10);
    SAME(buffer, "0501");
    CHECK(buffer[5] == 'x');
    CHECK(verifysms_copy("abc", buffer, (int)sizeof buffer) == 3);
    SAME(buffer, "abc");
    CHECK(verifysms_copy(NULL, buffer, (int)sizeof buffer) == 0);
    SAME(buffer, "");
    CHECK(verifysms_copy("a\xd7\x90", buffer, 3) == 3); /* not half of an alef */
    SAME(buffer, "a");
    CHECK(verifysms_copy("abc", NULL, 5) == 3);
    CHECK(verifysms_copy("abc", buffer, 0) == 3);
    CHECK(verifysms_copy("abc", buffer, -1) == 3);
    CHECK(verifysms_copy("abc", buffer, 1) == 3);
    SAME(buffer, "");
}

static void a_number_is_read_without_a_client(void)
{
    char buffer[VERIFYSMS_PHONE_SIZE];

    CHECK(verifysms_phone_normalize("+972 (0)50-123-4567", buffer, (int)sizeof buffer) == 0);
    SAME(buffer, "0501234567");
    CHECK(verifysms_phone_e164(buffer, buffer, (int)sizeof buffer) == 0);
    SAME(buffer, "+972501234567");
    CHECK(verifysms_phone_normalize(buffer, buffer, 11) == 0);
    SAME(buffer, "0501234567");
    CHECK(verifysms_phone_kind(buffer) == VERIFYSMS_PHONE_MOBILE);
    CHECK(verifysms_phone_kind("03-1234567") == VERIFYSMS_PHONE_LANDLINE);
    CHECK(verifysms_phone_kind("077-123-4567") == VERIFYSMS_PHONE_VOIP);
    CHECK(verifysms_phone_kind("050-412-3456") == VERIFYSMS_PHONE_KOSHER);
    CHECK(verifysms_phone_kind("12") == VERIFYSMS_PHONE_UNKNOWN);
    CHECK(verifysms_phone_kind(NULL) == VERIFYSMS_PHONE_UNKNOWN);

    /* No part of a number is stored. */
    CHECK(verifysms_phone_normalize("0501234567", buffer, 10) == VERIFYSMS_RULE_BUFFER_TOO_SMALL);
    SAME(buffer, "");
    buffer[0] = 'x';
    CHECK(verifysms_phone_normalize("0501234567", buffer, 0) == VERIFYSMS_RULE_BUFFER_TOO_SMALL);
    CHECK(buffer[0] == 'x');
    CHECK(verifysms_phone_e164("0501234567", NULL, 16) == VERIFYSMS_RULE_BUFFER_TOO_SMALL);
    CHECK(verifysms_phone_normalize("050123456", buffer, 16) == VERIFYSMS_RULE_PHONE_TOO_SHORT);
    SAME(buffer, "");
    CHECK(verifysms_phone_normalize(NULL, buffer, 16) == VERIFYSMS_RULE_NULL);
    CHECK(verifysms_phone_e164("\xff", buffer, 16) == VERIFYSMS_RULE_NOT_UTF8);
}

static void a_message_is_inspected_without_a_client(void)
{
    verifysms_message *message = verifysms_message_inspect("\xd7\xa7\xd7\x95\xd7\x93: ##code##", "\xd7\x90", NULL);

    CHECK(verifysms_message_encoding(message) == VERIFYSMS_ENCODING_UCS2);
    CHECK(verifysms_message_length(message, 6) == 11);
    CHECK(verifysms_message_length(message, -1) == 5);
    CHECK(verifysms_message_length(message, INT_MAX) == 21);
    CHECK(verifysms_message_parts(message, 8) == 1);
    CHECK(verifysms_message_warning_count(message) == 2);
    CHECK(verifysms_message_warning(message, 0) == VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE);
    CHECK(verifysms_message_warning_position(message, 0) == 5);
    CHECK(strlen(verifysms_message_warning_text(message, 0)) > 0);
    CHECK(verifysms_message_warning(message, 1) == VERIFYSMS_WARNING_SENDER_CHARACTERS);
    CHECK(verifysms_message_warning_position(message, 1) == -1);
    CHECK(verifysms_message_warning(message, 2) == 0);
    CHECK(verifysms_message_warning(message, -1) == 0);
    CHECK(verifysms_message_warning_position(message, 2) == -1);
    SAME(verifysms_message_warning_text(message, 2), "");
    verifysms_message_free(message);

    message = verifysms_message_inspect("##code##", NULL, NULL);
    CHECK(verifysms_message_encoding(message) == VERIFYSMS_ENCODING_GSM7);
    CHECK(verifysms_message_warning_count(message) == 0);
    verifysms_message_free(message);

    CHECK(verifysms_message_inspect(NULL, NULL, NULL) == NULL);
    CHECK(verifysms_message_inspect("\xff", NULL, NULL) == NULL);
    CHECK(verifysms_message_inspect("##code##", "\xff", NULL) == NULL);
    CHECK(verifysms_message_encoding(NULL) == 0);
    CHECK(verifysms_message_length(NULL, 8) == 0);
    CHECK(verifysms_message_parts(NULL, 8) == 0);
    CHECK(verifysms_message_warning_count(NULL) == 0);
    CHECK(verifysms_message_warning(NULL, 0) == 0);
    CHECK(verifysms_message_warning_position(NULL, 0) == -1);
    SAME(verifysms_message_warning_text(NULL, 0), "");
    verifysms_message_free(NULL);
}

static void names_are_known(void)
{
    SAME(verifysms_code_name(VERIFYSMS_OK), "OK");
    SAME(verifysms_code_name(VERIFYSMS_NOT_VERIFIED), "NOT_VERIFIED");
    SAME(verifysms_code_name(VERIFYSMS_LIMITED), "LIMITED");
    SAME(verifysms_code_name(VERIFYSMS_GUARD_DOWN), "GUARD_DOWN");
    SAME(verifysms_code_name(-1), "");
    SAME(verifysms_event_name(VERIFYSMS_EVENT_OTHER), "OTHER");
    SAME(verifysms_event_name(VERIFYSMS_EVENT_VERIFIED), "VERIFIED");
    SAME(verifysms_event_name(VERIFYSMS_EVENT_FAILED), "FAILED");
    SAME(verifysms_event_name(-1), "");
    SAME(verifysms_event_name(8), "");
    SAME(verifysms_limit_name(VERIFYSMS_LIMIT_COOLDOWN), "COOLDOWN");
    SAME(verifysms_limit_name(VERIFYSMS_LIMIT_FAILURES_USER), "FAILURES_USER");
    SAME(verifysms_limit_name(0), "");
    SAME(verifysms_limit_name(10), "");
    SAME(verifysms_rule_name(VERIFYSMS_RULE_PHONE_EMPTY), "PHONE_EMPTY");
    SAME(verifysms_rule_name(0), "");
}

static void a_wait_is_told_to_the_person(void)
{
    char buffer[64];

    CHECK(verifysms_wait_text(25, "en", buffer, (int)sizeof buffer) == 41);
    SAME(buffer, "You can ask for a new code in 25 seconds.");
    CHECK(verifysms_wait_text(INT_MIN, "\xff", buffer, 8) == 39);
    SAME(buffer, "You can");
    CHECK(verifysms_wait_text(1, NULL, NULL, 0) == 39);
    SAME(verifysms_version(), VERIFYSMS_VERSION);
    CHECK(VERIFYSMS_VERSION_NUMBER
          == VERIFYSMS_VERSION_MAJOR * 10000 + VERIFYSMS_VERSION_MINOR * 100 + VERIFYSMS_VERSION_PATCH);
    SAME(verifysms_reason_text(VERIFYSMS_REASON_WRONG_API_KEY), "wrong API key");
    SAME(verifysms_reason_text(0), "");
    CHECK(strlen(verifysms_reason_text(77)) > 0);
}

#ifdef _WIN32
#define SET(name, value) (_putenv(name "=" value) == 0)
#define UNSET(name) _putenv(name "=")
#else
#define SET(name, value) (setenv(name, value, 1) == 0)
#define UNSET(name) unsetenv(name)
#endif

/* What the environment has is set, and what is wrong with it is said of the variable. */
static void settings_come_from_the_environment(void)
{
    verifysms_config *config;
    verifysms_client *client;
    verifysms_result *result;

    UNSET("VERIFYSMS_API_KEY");
    config = verifysms_config_from_env();
    SAME(verifysms_config_error(config), "api_key: VERIFYSMS_API_KEY is not set");
    CHECK(verifysms_client_new(config) == NULL);
    verifysms_config_free(config);
    CHECK(SET("VERIFYSMS_API_KEY", "sandbox-key"));
    CHECK(SET("VERIFYSMS_SENDER", "far too long a sender"));
    config = verifysms_config_from_env();
    SAME(verifysms_config_error(config), "sender: is longer than 11 characters; it comes from VERIFYSMS_SENDER");
    verifysms_config_free(config);
#ifndef _WIN32 /* Its environment is Unicode. */
    CHECK(SET("VERIFYSMS_SENDER", "\xff"));
    config = verifysms_config_from_env();
    SAME(verifysms_config_error(config), "sender: VERIFYSMS_SENDER is not valid UTF-8");
    verifysms_config_free(config);
#endif
    CHECK(SET("VERIFYSMS_SENDER", "Acme"));
    config = verifysms_config_from_env();
    SAME(verifysms_config_error(config), "");
    client = verifysms_client_new(config);
    verifysms_config_free(config);
    result = verifysms_send(client, "0541234567");
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    SAME(verifysms_result_sender(result), "Acme");
    CHECK((int)strlen(verifysms_result_to(result)) < VERIFYSMS_SIZE_TO);
    CHECK((int)strlen(verifysms_result_sender(result)) < VERIFYSMS_SIZE_SENDER);
    CHECK((int)strlen(verifysms_result_unique(result)) < VERIFYSMS_SIZE_UNIQUE);
    CHECK((int)strlen(verifysms_result_message(result)) < VERIFYSMS_SIZE_MESSAGE);
    verifysms_result_free(result);
    verifysms_client_free(client);
}

static void a_refused_argument_goes_nowhere(verifysms_client *client)
{
    verifysms_result *result = verifysms_send(client, "12");
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(strncmp(verifysms_result_message(result), "to: ", 4) == 0);
    CHECK(verifysms_result_rule(result) == VERIFYSMS_RULE_PHONE_FIRST_DIGIT);
    SAME(verifysms_result_user_text(result, "en"), "The phone number is not valid. Write it like 050-123-4567.");
    CHECK(verifysms_result_user_text(result, NULL) == verifysms_result_user_text(result, "en"));
    CHECK(verifysms_result_user_text(result, "he") == verifysms_result_user_text(result, "he-IL"));
    verifysms_result_free(result);
    result = verifysms_send(client, NULL);
    SAME(verifysms_result_message(result), "to: is NULL");
    verifysms_result_free(result);
    result = verifysms_check(client, "0501234567", "\xff");
    SAME(verifysms_result_message(result), "code: is not valid UTF-8");
    verifysms_result_free(result);
}

/* Reads the code that the sandbox texted, from the program that runs this one. */
static void read_code(const char *to, char *code, int size)
{
    printf("code for %s?\n", to);
    fflush(stdout);
    if (fgets(code, size, stdin) == NULL) {
        code[0] = '\0';
    }
}

static void a_connection_verifies_nobody(verifysms_client *client)
{
    verifysms_result *result = verifysms_client_connect(client);

    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(verifysms_result_status(result) == 0);
    SAME(verifysms_result_message(result), "connected");
    SAME(verifysms_result_to(result), "");
    verifysms_result_free(result);
}

static void a_number_is_verified_once(verifysms_client *client)
{
    char code[64];
    char wrong[7];
    verifysms_result *result = verifysms_send(client, "+972 (0)50-123-4567");

    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_YES);
    CHECK(verifysms_result_reason(result) == VERIFYSMS_REASON_NONE);
    CHECK(verifysms_result_http_status(result) == 200);
    CHECK(verifysms_result_timestamp(result) > 1600000000);
    CHECK(strlen(verifysms_result_unique(result)) > 0);
    SAME(verifysms_result_sender(result), "Acme");
    SAME(verifysms_result_to(result), "0501234567");
    verifysms_result_free(result);

    read_code("0501234567", code, (int)sizeof code);
    strcpy(wrong, strncmp(code, "000000", 6) == 0 ? "111111" : "000000");
    result = verifysms_check(client, "050-1234567", wrong);
    CHECK(verifysms_result_code(result) == VERIFYSMS_NOT_VERIFIED);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_YES);
    CHECK(verifysms_result_status(result) != 1);
    verifysms_result_free(result);

    result = verifysms_check(client, "0501234567", code);
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_status(result) == 1);
    CHECK(verifysms_result_rule(result) == 0);
    SAME(verifysms_result_to(result), "0501234567");
    verifysms_result_free(result);

    result = verifysms_check(client, "0501234567", code);
    CHECK(verifysms_result_code(result) == VERIFYSMS_NOT_VERIFIED);
    verifysms_result_free(result);
}

static void a_message_is_reported_and_verifies_nobody(verifysms_client *client)
{
    verifysms_result *sent = verifysms_send(client, "0531112222");
    verifysms_result *result = verifysms_delivery(client, verifysms_result_unique(sent));

    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_YES);
    CHECK(verifysms_result_status(result) == 0);
    CHECK(verifysms_result_delivery_state(result) == VERIFYSMS_DELIVERY_PENDING);
    CHECK(verifysms_result_delivery_next(result) == VERIFYSMS_NEXT_WAIT);
    CHECK(verifysms_result_delivery_code(result) == VERIFYSMS_DELIVERY_CODE_NONE);
    SAME(verifysms_result_message(result), "no report yet");
    SAME(verifysms_result_to(result), "");
    verifysms_result_free(result);
    CHECK(verifysms_result_delivery_state(sent) == VERIFYSMS_DELIVERY_UNKNOWN);
    verifysms_result_free(sent);

    result = verifysms_delivery(client, "no id");
    CHECK(verifysms_result_rule(result) == VERIFYSMS_RULE_UNIQUE_INVALID);
    verifysms_result_free(result);
    result = verifysms_delivery(client, NULL);
    CHECK(verifysms_result_rule(result) == VERIFYSMS_RULE_NULL);
    verifysms_result_free(result);
}

static void a_call_may_have_its_own_sender_and_message(verifysms_client *client)
{
    verifysms_result *result = verifysms_send_with(client, "0521234567", "Shop", "Your code: ##code##");
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    SAME(verifysms_result_sender(result), "Shop");
    verifysms_result_free(result);

    result = verifysms_send_with(client, "0521234567", "0509999999", NULL);
    CHECK(verifysms_result_code(result) == VERIFYSMS_REJECTED);
    CHECK(verifysms_result_reason(result) == VERIFYSMS_REASON_SENDER_NOT_APPROVED);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_YES);
    verifysms_result_free(result);
}

static void records_hold_no_secret(void)
{
    struct records records;
    verifysms_config *config = settings();
    verifysms_client *client;

    memset(&records, 0, sizeof records);
    CHECK(verifysms_config_set_log(config, record, &records) == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    verifysms_config_free(config);
    verifysms_result_free(verifysms_check(client, "0531234567", "987654"));
    CHECK(records.info == 1);
    CHECK(records.debug == 1);
    CHECK(strstr(records.text, "NOT_VERIFIED") != NULL);
    CHECK(strstr(records.text, "sandbox-key") == NULL);
    CHECK(strstr(records.text, "987654") == NULL);
    CHECK(strstr(records.text, "0531234567") == NULL);
    verifysms_client_free(client);
}

/* Checks the numbers of the last event. */
static void expect(struct events *events, int event, int code, int reached, int attempt, int reused, int limit)
{
    CHECK(events->count == 1);
    CHECK(events->event == event);
    CHECK(events->code == code);
    CHECK(events->reached == reached);
    CHECK(events->milliseconds >= 0 && events->milliseconds < 60000);
    CHECK(events->attempt == attempt);
    CHECK(events->reused == reused);
    CHECK(events->limit == limit);
    memset(events, 0, sizeof *events);
}

static void a_call_has_one_event(void)
{
    const char *to = "0532222222";
    char code[64];
    struct events events;
    verifysms_config *config = guarded_settings();
    verifysms_client *client;

    memset(&events, 0, sizeof events);
    CHECK(verifysms_config_set_event(config, note, &events) == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    verifysms_result_free(verifysms_client_connect(client));
    expect(&events, VERIFYSMS_EVENT_OTHER, VERIFYSMS_OK, VERIFYSMS_REACHED_NO, 1, 0, 0);
    verifysms_result_free(verifysms_send(client, to));
    expect(&events, VERIFYSMS_EVENT_SENT, VERIFYSMS_OK, VERIFYSMS_REACHED_YES, 1, 1, 0);
    verifysms_result_free(verifysms_send(client, to));
    expect(&events, VERIFYSMS_EVENT_LIMITED, VERIFYSMS_LIMITED, VERIFYSMS_REACHED_NO, 0, 0,
        VERIFYSMS_LIMIT_COOLDOWN);
    verifysms_result_free(verifysms_check(client, to, "wrong"));
    expect(&events, VERIFYSMS_EVENT_CHECKED, VERIFYSMS_NOT_VERIFIED, VERIFYSMS_REACHED_YES, 1, 1, 0);
    read_code(to, code, (int)sizeof code);
    verifysms_result_free(verifysms_check(client, to, code)); /* not over the connection of the last check */
    expect(&events, VERIFYSMS_EVENT_VERIFIED, VERIFYSMS_OK, VERIFYSMS_REACHED_YES, 1, 0, 0);
    verifysms_result_free(verifysms_send_with(client, "0533333333", "0509999999", NULL));
    expect(&events, VERIFYSMS_EVENT_REFUSED, VERIFYSMS_REJECTED, VERIFYSMS_REACHED_YES, 1, 1, 0);
    verifysms_result_free(verifysms_send(client, "12"));
    expect(&events, VERIFYSMS_EVENT_FAILED, VERIFYSMS_INVALID_ARGUMENT, VERIFYSMS_REACHED_NO, 0, 0, 0);
    verifysms_client_free(client);

    CHECK(verifysms_config_set_url(config, "http://127.0.0.1:1/") == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    verifysms_result_free(verifysms_send(client, "0534444444"));
    expect(&events, VERIFYSMS_EVENT_FAILED, VERIFYSMS_CONNECT, VERIFYSMS_REACHED_NO, 3, 0, 0);
    verifysms_client_free(client);
    CHECK(verifysms_config_set_event(config, NULL, NULL) == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    verifysms_result_free(verifysms_send(client, "12"));
    CHECK(events.count == 0);
    verifysms_client_free(client);
    verifysms_config_free(config);
}

static void a_refused_connection_may_be_repeated(void)
{
    int asked = 0;
    verifysms_config *config = settings();
    verifysms_client *client;
    verifysms_result *result;

    CHECK(verifysms_config_set_url(config, "http://127.0.0.1:1/") == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    result = verifysms_send(client, "0501234567");
    CHECK(verifysms_result_code(result) == VERIFYSMS_CONNECT);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    verifysms_result_free(result);
    verifysms_client_free(client);

    CHECK(verifysms_config_set_interrupt(config, stop, &asked) == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    result = verifysms_send(client, "0501234567");
    CHECK(verifysms_result_code(result) == VERIFYSMS_CANCELLED);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(asked == 1);
    verifysms_result_free(result);
    verifysms_client_free(client);
    verifysms_config_free(config);
}

/* One that is not the code. */
static void make_wrong(char *wrong, const char *code)
{
    strcpy(wrong, strncmp(code, "000000", 6) == 0 ? "111111" : "000000");
}

static void the_sixth_guess_is_refused(void)
{
    const char *to = "0531111111";
    char code[64];
    char wrong[7];
    int left;
    verifysms_client *client = client_of(guarded_settings());
    verifysms_result *result = verifysms_send(client, to);

    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_limit(result) == VERIFYSMS_LIMIT_COOLDOWN);
    CHECK(verifysms_result_retry_after(result) == 30);
    CHECK(verifysms_result_tries_left(result) == 5);
    verifysms_result_free(result);
    read_code(to, code, (int)sizeof code);
    make_wrong(wrong, code);
    for (left = 4; left >= 0; left--) {
        result = verifysms_check(client, to, wrong);
        CHECK(verifysms_result_code(result) == VERIFYSMS_NOT_VERIFIED);
        CHECK(verifysms_result_tries_left(result) == left);
        CHECK((verifysms_result_retry_after(result) > 0) == (left == 0));
        verifysms_result_free(result);
    }
    result = verifysms_check(client, to, code);
    CHECK(verifysms_result_code(result) == VERIFYSMS_LIMITED);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(verifysms_result_limit(result) == VERIFYSMS_LIMIT_TRIES);
    CHECK(verifysms_result_retry_after(result) > 500);
    CHECK(verifysms_result_retry_after(result) <= 638);
    CHECK(verifysms_result_tries_left(result) == 0);
    CHECK(verifysms_result_status(result) == 0);
    SAME(verifysms_result_to(result), "0531111111");
    CHECK(strstr(verifysms_result_message(result), "TRIES") != NULL);
    verifysms_result_free(result);
    result = verifysms_send(client, to);
    CHECK(verifysms_result_code(result) == VERIFYSMS_LIMITED);
    CHECK(verifysms_result_limit(result) == VERIFYSMS_LIMIT_COOLDOWN);
    CHECK(verifysms_result_retry_after(result) > 0);
    CHECK(verifysms_result_retry_after(result) <= 30);
    verifysms_result_free(result);

    /* The operator. */
    result = verifysms_forget(client, to);
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    SAME(verifysms_result_message(result), "forgotten");
    verifysms_result_free(result);
    CHECK(ended(verifysms_check(client, to, code)) == VERIFYSMS_OK);
    result = verifysms_send(client, to);
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_tries_left(result) == 5);
    verifysms_result_free(result);
    verifysms_client_free(client);
}

static void a_stranger_uses_up_their_own_tries(void)
{
    char code[64];
    char wrong[7];
    int guess;
    verifysms_client *client = client_of(guarded_settings());
    verifysms_request *asker = verifysms_request_new("053-222-2222");
    verifysms_request *stranger = verifysms_request_new("0532222222");
    verifysms_result *result;

    CHECK(verifysms_request_set_end_user(asker, "203.0.113.7") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_end_user(stranger, "2001:db8::1") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_sender(asker, "Shop") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_message(asker, "It is ##code##") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_origin(asker, "https://shop.example") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_app_hash(asker, "FA+9qCX9VSu") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_timeout_ms(asker, 20000) == VERIFYSMS_OK);
    result = verifysms_send_request(client, asker);
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    SAME(verifysms_result_sender(result), "Shop");
    SAME(verifysms_result_to(result), "0532222222");
    verifysms_result_free(result);
    read_code("0532222222", code, (int)sizeof code);
    make_wrong(wrong, code);
    for (guess = 0; guess < 5; guess++) {
        CHECK(ended(verifysms_check_request(client, stranger, wrong)) == VERIFYSMS_NOT_VERIFIED);
    }
    CHECK(ended(verifysms_check_request(client, stranger, code)) == VERIFYSMS_LIMITED);
    CHECK(ended(verifysms_check(client, "0532222222", code)) == VERIFYSMS_LIMITED);
    result = verifysms_check_request(client, asker, code);
    /* A result needs neither its request nor its client. */
    verifysms_request_free(asker);
    verifysms_request_free(stranger);
    verifysms_client_free(client);
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_status(result) == 1);
    CHECK(verifysms_result_limit(result) == 0);
    CHECK(verifysms_result_retry_after(result) == 0);
    verifysms_result_free(result);
}

/* The first error of a request is what its calls report, and a value that is refused changes nothing else. */
static void the_calls_of_a_request_say_what_is_wrong(void)
{
    verifysms_client *client = client_of(guarded_settings());
    verifysms_request *request = verifysms_request_new(NULL);
    verifysms_result *result = verifysms_send_request(client, request);

    SAME(verifysms_result_message(result), "to: is NULL");
    verifysms_result_free(result);
    verifysms_request_free(request);
    request = verifysms_request_new("0533333333");
    result = verifysms_check_request(client, request, NULL);
    SAME(verifysms_result_message(result), "code: is NULL");
    verifysms_result_free(result);
    CHECK(verifysms_request_set_end_user(request, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_request_set_end_user(request, "127.0.0.1") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_end_user(request, "session 17") == VERIFYSMS_OK);
    CHECK(ended(verifysms_send_request(client, request)) == VERIFYSMS_OK);
    CHECK(verifysms_request_set_end_user(request, "a\nb") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_sender(request, "far too long a sender") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_message(request, "no place") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_origin(request, "http://shop.example") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_app_hash(request, "") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_timeout_ms(request, 0) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_timeout_ms(request, 86400001) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_end_user(request, "\xff") == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(verifysms_request_set_end_user(request, NULL) == VERIFYSMS_OK);
    result = verifysms_send_request(client, request);
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(strncmp(verifysms_result_message(result), "end_user: ", 10) == 0);
    verifysms_result_free(result);
    verifysms_request_free(request);
    request = verifysms_request_new("0533333333");
    CHECK(verifysms_request_set_message(request, "##code##\n@a.example ###code##") == VERIFYSMS_OK);
    CHECK(verifysms_request_set_origin(request, "a.example") == VERIFYSMS_OK);
    result = verifysms_send_request(client, request);
    CHECK(verifysms_result_rule(result) == VERIFYSMS_RULE_MESSAGE_HAS_ORIGIN);
    verifysms_result_free(result);
    verifysms_request_free(request);
    result = verifysms_send_request(client, NULL);
    SAME(verifysms_result_message(result), "request: is NULL");
    verifysms_result_free(result);
    verifysms_client_free(client);
}

/* Counts the results of a queue by their code, until there are no more. */
static void take_all(verifysms_queue *queue, int counts[VERIFYSMS_GUARD_DOWN + 1])
{
    memset(counts, 0, sizeof *counts * (VERIFYSMS_GUARD_DOWN + 1));
    while (verifysms_queue_count(queue) > 0) {
        verifysms_result *result = verifysms_queue_next(queue, NULL);
        if (result != NULL) {
            counts[ended(result)]++;
        }
    }
}

static void a_queue_takes_requests(void)
{
    int counts[VERIFYSMS_GUARD_DOWN + 1];
    int at;
    verifysms_client *client = client_of(guarded_settings());
    verifysms_queue *queue = verifysms_queue_new(client);
    verifysms_request *request = verifysms_request_new("0534444444");

    CHECK(verifysms_request_set_end_user(request, "203.0.113.7") == VERIFYSMS_OK);
    for (at = 0; at < 3; at++) {
        CHECK(verifysms_queue_send_request(queue, request, NULL) == VERIFYSMS_OK);
    }
    CHECK(verifysms_queue_send_request(queue, NULL, NULL) == VERIFYSMS_OK);
    verifysms_request_free(request);
    take_all(queue, counts);
    CHECK(counts[VERIFYSMS_OK] == 1);
    CHECK(counts[VERIFYSMS_LIMITED] == 2);
    CHECK(counts[VERIFYSMS_INVALID_ARGUMENT] == 1);

    request = verifysms_request_new("0534444444");
    for (at = 0; at < 6; at++) {
        CHECK(verifysms_queue_check_request(queue, request, "987654321", NULL) == VERIFYSMS_OK);
    }
    CHECK(verifysms_queue_check_request(queue, request, NULL, NULL) == VERIFYSMS_OK);
    CHECK(verifysms_queue_check_request(queue, NULL, "987654321", NULL) == VERIFYSMS_OK);
    verifysms_request_free(request);
    take_all(queue, counts);
    CHECK(counts[VERIFYSMS_NOT_VERIFIED] == 5);
    CHECK(counts[VERIFYSMS_LIMITED] == 1);
    CHECK(counts[VERIFYSMS_INVALID_ARGUMENT] == 2);
    verifysms_queue_free(queue);
    verifysms_client_free(client);
}

static void the_operator_is_shown_the_counts(void)
{
    verifysms_config *config = guarded_settings();
    verifysms_client *client = verifysms_client_new(config);
    verifysms_result *result;

    CHECK(ended(verifysms_send(client, "0535555555")) == VERIFYSMS_OK);
    result = verifysms_guard_show(client, "053-555-5555");
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(strstr(verifysms_result_message(result), "COOLDOWN 1, wait ") != NULL);
    CHECK(strstr(verifysms_result_message(result), "SENDS_NUMBER 1 of 5 in 600 s") != NULL);
    CHECK(verifysms_result_retry_after(result) > 0);
    CHECK(verifysms_result_tries_left(result) == 5);
    SAME(verifysms_result_to(result), "0535555555");
    verifysms_result_free(result);
    CHECK(ended(verifysms_guard_show(client, "12")) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_guard_show(client, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_forget(client, "12")) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(ended(verifysms_forget(client, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    verifysms_client_free(client);

    CHECK(verifysms_config_set_guard(config, NULL) == VERIFYSMS_OK);
    client = client_of(config);
    result = verifysms_forget(client, "0535555555");
    CHECK(verifysms_result_code(result) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(strncmp(verifysms_result_message(result), "guard: ", 7) == 0);
    verifysms_result_free(result);
    result = verifysms_send(client, "0535555555");
    CHECK(verifysms_result_code(result) == VERIFYSMS_OK);
    CHECK(verifysms_result_retry_after(result) == 0);
    CHECK(verifysms_result_tries_left(result) == -1);
    verifysms_result_free(result);
    verifysms_client_free(client);
}

static void without_its_store_a_guard_does_what_is_set(void)
{
    verifysms_config *config = guarded_settings();
    verifysms_client *client;
    verifysms_result *result;

    CHECK(verifysms_config_set_guard(config, "file:" DRIVE "/nowhere/at/all") == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    CHECK(ended(verifysms_send(client, "0536666666")) == VERIFYSMS_OK);
    CHECK(ended(verifysms_send(client, "0536666666")) == VERIFYSMS_LIMITED);
    CHECK(ended(verifysms_forget(client, "0536666666")) == VERIFYSMS_GUARD_DOWN);
    verifysms_client_free(client);

    CHECK(verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_REFUSE) == VERIFYSMS_OK);
    client = verifysms_client_new(config);
    result = verifysms_send(client, "0536666666");
    CHECK(verifysms_result_code(result) == VERIFYSMS_GUARD_DOWN);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(verifysms_result_limit(result) == 0);
    verifysms_result_free(result);
    CHECK(ended(verifysms_check(client, "0536666666", "1")) == VERIFYSMS_GUARD_DOWN);
    verifysms_client_free(client);

    CHECK(verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_ALLOW) == VERIFYSMS_OK);
    client = client_of(config);
    CHECK(ended(verifysms_send(client, "0536666666")) == VERIFYSMS_OK);
    CHECK(ended(verifysms_send(client, "0536666666")) == VERIFYSMS_OK);
    verifysms_client_free(client);
}

int main(void)
{
    verifysms_config *config;
    verifysms_client *client;

    null_is_harmless();
    null_is_harmless_to_the_guard();
    the_first_refusal_is_remembered();
    a_key_in_clear_is_refused_until_the_address_is_another();
    a_refused_setting_is_what_is_said_of_spoiled_settings();
    every_setting_has_its_rule();
    every_setting_of_the_guard_has_its_rule();
    strings_fit_into_fixed_fields();
    a_number_is_read_without_a_client();
    a_message_is_inspected_without_a_client();
    names_are_known();
    a_wait_is_told_to_the_person();
    settings_come_from_the_environment();
    records_hold_no_secret();
    a_call_has_one_event();
    a_refused_connection_may_be_repeated();

    config = settings();
    client = verifysms_client_new(config);
    CHECK(client != NULL);
    verifysms_config_free(config);
    a_refused_argument_goes_nowhere(client);
    a_connection_verifies_nobody(client);
    a_number_is_verified_once(client);
    a_call_may_have_its_own_sender_and_message(client);
    a_message_is_reported_and_verifies_nobody(client);
    verifysms_client_free(client);
    the_sixth_guess_is_refused();
    a_stranger_uses_up_their_own_tries();
    the_calls_of_a_request_say_what_is_wrong();
    a_queue_takes_requests();
    the_operator_is_shown_the_counts();
    without_its_store_a_guard_does_what_is_set();

    return checked();
}
