/*
 * Cancels threads (pthread_cancel) in functions of the library: before each of them, in the middle of a
 * call that waits, and asynchronously at any moment. No thread ends before the library gives it back to
 * the host, the process lives, and the client works on.
 */
#include "host.h"

#include <pthread.h>
#include <semaphore.h>

#define TIMEOUT_MS 300
#define REPETITIONS 300

static verifysms_client *client;
/* How far the thread came. */
static int done;
static int code;
static int reached;
static double took;
static int records;
static sem_t begun;

static void *nothing(void *unused)
{
    return unused;
}

/* Whether the thread's end was a cancellation. */
static int was_cancelled(pthread_t thread)
{
    void *end = NULL;
    return pthread_join(thread, &end) == 0 && end == PTHREAD_CANCELED;
}

/* A host's callbacks have cancellation points, and may call the library. Neither ends the thread. */
static void record(void *unused, int level, const char *message)
{
    (void)unused;
    (void)level;
    (void)message;
    pthread_testcancel();
    verifysms_config_free(verifysms_config_new("key"));
    pthread_testcancel();
    records++;
}

static int interrupt(void *unused)
{
    (void)unused;
    pthread_testcancel();
    return 0;
}

static verifysms_config *watched_settings(void)
{
    verifysms_config *config = settings();
    verifysms_config_set_log(config, record, NULL);
    verifysms_config_set_interrupt(config, interrupt, NULL);
    return config;
}

/* Calls every function of the library, with a cancellation pending. */
static void *call_all(void *unused)
{
    char copy[8];
    verifysms_client *own;
    verifysms_config *config;
    verifysms_result *result;

    (void)unused;
    pthread_cancel(pthread_self());
    config = watched_settings();
    done += config != NULL;
    verifysms_config_set_message(config, "##code##");
    verifysms_config_set_timeout_ms(config, 5000);
    verifysms_config_set_connect_timeout_ms(config, 5000);
    verifysms_config_set_proxy(config, "");
    verifysms_config_set_trust(config, VERIFYSMS_TRUST_SYSTEM);
    done += strlen(verifysms_config_error(config)) == 0;
    own = verifysms_client_new(config);
    done += own != NULL;
    verifysms_config_free(config);
    verifysms_client_cancel(own);
    done += ended(verifysms_client_connect(own)) == VERIFYSMS_OK;
    done += ended(verifysms_send_with(own, NUMBER, "Acme", NULL)) == VERIFYSMS_OK;
    done += ended(verifysms_check(own, NUMBER, "987654321")) == VERIFYSMS_NOT_VERIFIED;
    result = verifysms_send(own, NUMBER);
    done += verifysms_result_code(result) == VERIFYSMS_OK;
    done += verifysms_result_reached(result) == VERIFYSMS_REACHED_YES;
    done += verifysms_result_reason(result) == VERIFYSMS_REASON_NONE;
    done += verifysms_result_status(result) == 0;
    done += verifysms_result_http_status(result) == 200;
    done += verifysms_result_timestamp(result) > 0;
    done += strlen(verifysms_result_unique(result)) > 0;
    done += strcmp(verifysms_result_sender(result), "Acme") == 0;
    done += strlen(verifysms_result_to(result)) > 0;
    done += verifysms_copy(verifysms_result_message(result), copy, (int)sizeof copy) > 0;
    verifysms_result_free(result);
    verifysms_client_free(own);
    done += strlen(verifysms_version()) > 0 && strlen(verifysms_code_name(0)) > 0;
    done += 100;
    pthread_testcancel();
    done += 1000;
    return NULL;
}

static void a_pending_cancellation_waits_for_the_host(void)
{
    pthread_t thread;
    done = 0;
    pthread_create(&thread, NULL, call_all, NULL);
    CHECK(was_cancelled(thread));
    CHECK(done == 117);
    /* One of each attempt and one of each call. */
    CHECK(records == 8);
}

static void what_the_host_has_disabled_stays_so(void)
{
    int state = -1;
    int type = -1;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    CHECK(state == PTHREAD_CANCEL_DISABLE);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    CHECK(state == PTHREAD_CANCEL_ENABLE);
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type);
    CHECK(type == PTHREAD_CANCEL_DEFERRED);
}

static void *wait_for_an_answer(void *patient)
{
    double start = milliseconds();
    verifysms_result *result = verifysms_send(patient, NUMBER);
    code = verifysms_result_code(result);
    reached = verifysms_result_reached(result);
    verifysms_result_free(result);
    took = milliseconds() - start;
    pthread_testcancel();
    return NULL;
}

static void *wait_asynchronously(void *patient)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    wait_for_an_answer(patient);
    return NULL;
}

/* Cancels a thread while it waits for a service that says nothing. */
static void a_call_ends_before_its_thread(void *(*wait)(void *), int is_ended)
{
    char url[64];
    char byte;
    int connection;
    double start = milliseconds();
    pthread_t thread;
    verifysms_client *patient;
    verifysms_config *config = watched_settings();
    int listener = silent_service(url, sizeof url);

    verifysms_config_set_url(config, url);
    verifysms_config_set_timeout_ms(config, is_ended ? 30000 : TIMEOUT_MS);
    patient = client_of(config);

    code = -1;
    pthread_create(&thread, NULL, wait, patient);
    connection = accept(listener, NULL, NULL);
    CHECK(recv(connection, &byte, 1, MSG_PEEK) == 1);
    CHECK(pthread_cancel(thread) == 0);
    if (is_ended) {
        verifysms_client_cancel(patient);
    }
    CHECK(was_cancelled(thread));
    CHECK(is_ended || milliseconds() - start >= TIMEOUT_MS);
    CHECK(milliseconds() - start < TIMEOUT_MS + 5000);
    if (wait == wait_for_an_answer) {
        CHECK(code == (is_ended ? VERIFYSMS_CANCELLED : VERIFYSMS_TIMEOUT));
        CHECK(reached == VERIFYSMS_REACHED_UNKNOWN);
        CHECK(is_ended || took >= TIMEOUT_MS);
    }
    verifysms_client_free(patient);
    close(connection);
    close(listener);
}

static void *call_for_ever(void *unused)
{
    (void)unused;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&begun);
    for (;;) {
        verifysms_config *config = verifysms_config_new("key");
        verifysms_config_set_sender(config, "Acme");
        verifysms_client_free(verifysms_client_new(config));
        verifysms_config_free(config);
        verifysms_result_free(verifysms_client_connect(client));
        verifysms_result_free(verifysms_send(client, NUMBER));
    }
    return NULL;
}

static void any_moment_will_do(void)
{
    int at;
    sem_init(&begun, 0, 0);
    for (at = 0; at < REPETITIONS; at++) {
        pthread_t thread;
        pthread_create(&thread, NULL, call_for_ever, NULL);
        sem_wait(&begun);
        usleep((useconds_t)(at * 7919 % 2000));
        pthread_cancel(thread);
        CHECK(was_cancelled(thread));
        CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    }
}

int main(void)
{
    verifysms_config *config = settings();
    pthread_t thread;

    alarm(120);
    /* glibc loads what ends a thread when the first one is cancelled. */
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    client = client_of(config);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    a_pending_cancellation_waits_for_the_host();
    what_the_host_has_disabled_stays_so();
    a_call_ends_before_its_thread(wait_for_an_answer, 0);
    a_call_ends_before_its_thread(wait_for_an_answer, 1);
    a_call_ends_before_its_thread(wait_asynchronously, 0);
    a_call_ends_before_its_thread(wait_asynchronously, 1);
    any_moment_will_do();
    verifysms_client_free(client);
    return checked();
}
