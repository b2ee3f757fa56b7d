/*
 * The C functions as a C program meets them. Compiles as C89 and as C++98. Speaks to a sandbox
 * whose address is in VERIFYSMS_URL; the codes come from its command on standard input.
 */
#include <verifysms.h>
#include <verifysms.h>

#include <limits.h>
#include <string.h>

#include "check.h"

#define SAME(text, expected) check(strcmp(text, expected) == 0, #text " is " expected, __LINE__)

struct records {
    int info;
    int debug;
    char text[4096];
};

static void record(void *user_data, int level, const char *message)
{
    struct records *records = (struct records *)user_data;
    if (level == VERIFYSMS_LOG_INFO) {
        records->info++;
    } else if (level == VERIFYSMS_LOG_DEBUG) {
        records->debug++;
    }
    strncat(records->text, message, sizeof records->text - strlen(records->text) - 1);
}

static int stop(void *user_data)
{
    ++*(int *)user_data;
    return 1;
}

static verifysms_config *settings(void)
{
    verifysms_config *config = verifysms_config_new("sandbox-key");
    CHECK(config != NULL);
    CHECK(verifysms_config_set_sender(config, "Acme") == VERIFYSMS_OK);
    CHECK(verifysms_config_set_url(config, getenv("VERIFYSMS_URL")) == VERIFYSMS_OK);
    return config;
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
    SAME(verifysms_code_name(-1), "");
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

int main(void)
{
    verifysms_config *config;
    verifysms_client *client;

    null_is_harmless();
    the_first_refusal_is_remembered();
    a_key_in_clear_is_refused_until_the_address_is_another();
    a_refused_setting_is_what_is_said_of_spoiled_settings();
    every_setting_has_its_rule();
    strings_fit_into_fixed_fields();
    a_number_is_read_without_a_client();
    a_message_is_inspected_without_a_client();
    names_are_known();
    a_wait_is_told_to_the_person();
    records_hold_no_secret();
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

    return checked();
}
