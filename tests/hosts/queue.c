/*
 * Calls in an event loop: many in flight, their deadlines, cancelling, forking, freeing. The service at
 * VERIFYSMS_URL answers.
 */
#include "host.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define MANY 10000
#define DESCRIPTORS 1024
#define FORKS 1000
#define BUSY_CALLS 200

static int is_readable(verifysms_queue *queue, int ms)
{
    struct pollfd polled = {verifysms_queue_descriptor(queue), POLLIN, 0};
    return poll(&polled, 1, ms) == 1;
}

/* The next result, which must come. */
static verifysms_result *next(verifysms_queue *queue, void **user_data)
{
    verifysms_result *result;
    while ((result = verifysms_queue_next(queue, user_data)) == NULL && is_readable(queue, 20000)) {
    }
    CHECK(result != NULL);
    return result;
}

/* Ten thousand calls in a process of 1024 descriptors, in one thread: each ends once. */
static void many_calls_are_in_flight_at_once(void)
{
    static char seen[MANY];
    struct rlimit before, few;
    verifysms_client *client = client_of(settings());
    verifysms_queue *queue;
    void *user_data;
    int at, sent = 0, open = entries("/proc/self/fd"), threads = 1;

    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = DESCRIPTORS;
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    queue = verifysms_queue_new(client);
    CHECK(entries("/proc/self/fd") == open + 3);
    for (at = 0; at < MANY; at++) {
        CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, &seen[at]) == VERIFYSMS_OK);
    }
    CHECK(entries("/proc/self/fd") == open + 3);
    CHECK(verifysms_queue_count(queue) == MANY);
    for (at = MANY; at > 0; at--) {
        verifysms_result *result = next(queue, &user_data);
        sent += verifysms_result_code(result) == VERIFYSMS_OK;
        verifysms_result_free(result);
        ++*(char *)user_data;
        if (at == MANY / 2) {
            threads = entries("/proc/self/task");
            CHECK(entries("/proc/self/fd") <= open + 3 + DESCRIPTORS / 2);
        }
    }
    CHECK(sent == MANY);
    CHECK(threads == 1);
    CHECK(memchr(seen, 0, MANY) == NULL && memchr(seen, 2, MANY) == NULL);
    CHECK(verifysms_queue_count(queue) == 0);
    user_data = queue;
    CHECK(verifysms_queue_next(queue, &user_data) == NULL && user_data == NULL);
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    CHECK(entries("/proc/self/fd") == open);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* A client of a service that says nothing. */
static verifysms_client *waiting_client(int *service, int timeout_ms, verifysms_log_fn log, void *user_data)
{
    char url[64];
    verifysms_config *config = settings();
    *service = silent_service(url, sizeof url);
    verifysms_config_set_url(config, url);
    verifysms_config_set_timeout_ms(config, timeout_ms);
    verifysms_config_set_log(config, log, user_data);
    return client_of(config);
}

/* The service's answer comes in two parts. */
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 31\r\n\r\n{\"status\":\"OK\",\"unique\":\"6343\"}";
#define FIRST_PART 20
/* More calls have something to do at once than a turn asks the system for. */
#define AT_ONCE 300
#define IN_A_TURN 256

/* Takes all results that there are. Returns how many messages were accepted. */
static int drained(verifysms_queue *queue)
{
    verifysms_result *result;
    int sent = 0;
    while ((result = verifysms_queue_next(queue, NULL)) != NULL) {
        sent += ended(result) == VERIFYSMS_OK;
    }
    return sent;
}

/* Takes the results of `count` calls. Returns how many came, each time after the descriptor changed. */
static int taken_at_changes(verifysms_queue *queue, int epoll, int count)
{
    struct epoll_event event;
    int sent = 0;
    while (sent < count && epoll_wait(epoll, &event, 1, 5000) == 1) {
        sent += drained(queue);
    }
    return sent;
}

static void an_edge_triggered_loop_misses_nothing(void)
{
    static char request[8192];
    int peers[AT_ONCE], service, at, count, accepted = 0, begun = 0, epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {EPOLLIN | EPOLLET, {0}};
    verifysms_client *client = waiting_client(&service, 30000, NULL, NULL);
    verifysms_queue *queue = verifysms_queue_new(client);

    CHECK(listen(service, AT_ONCE) == 0 && fcntl(service, F_SETFL, O_NONBLOCK) == 0);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, verifysms_queue_descriptor(queue), &event) == 0);
    for (at = 0; at < AT_ONCE; at++) {
        CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, NULL) == VERIFYSMS_OK);
    }
    /* Until each has sent its request, in one piece. */
    while (begun < AT_ONCE && is_readable(queue, 5000)) {
        CHECK(drained(queue) == 0);
        while (accepted < AT_ONCE && (peers[accepted] = accept(service, NULL, NULL)) >= 0) {
            accepted++;
        }
        while (begun < accepted && recv(peers[begun], request, sizeof request, MSG_DONTWAIT) > 0) {
            begun++;
        }
    }
    CHECK(begun == AT_ONCE);
    while (epoll_wait(epoll, &event, 1, 0) == 1) {
        CHECK(drained(queue) == 0);
    }
    /* The host is busy while the first parts of many answers come, and the rest of the others. */
    for (at = 0; at < begun; at++) {
        count = at < IN_A_TURN ? FIRST_PART : (int)sizeof answer - 1;
        CHECK(send(peers[at], answer, (size_t)count, MSG_NOSIGNAL) == count);
    }
    CHECK(taken_at_changes(queue, epoll, AT_ONCE - IN_A_TURN) == AT_ONCE - IN_A_TURN);
    for (at = 0; at < begun && at < IN_A_TURN; at++) {
        count = (int)sizeof answer - 1 - FIRST_PART;
        CHECK(send(peers[at], answer + FIRST_PART, (size_t)count, MSG_NOSIGNAL) == count);
    }
    CHECK(taken_at_changes(queue, epoll, IN_A_TURN) == IN_A_TURN);
    for (at = 0; at < accepted; at++) {
        close(peers[at]);
    }
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    close(service);
    close(epoll);
}

static void the_deadline_begins_with_the_start(void)
{
    int service, at;
    double begun;
    verifysms_client *client = waiting_client(&service, 300, NULL, NULL);
    verifysms_queue *queue = verifysms_queue_new(client);

    /* The queue keeps the client. */
    verifysms_client_free(client);
    begun = milliseconds();
    for (at = 0; at < 3; at++) {
        CHECK(verifysms_queue_check(queue, NUMBER, "123456", NULL) == VERIFYSMS_OK);
    }
    /* Nobody drives them meanwhile. */
    usleep(200000);
    for (at = 0; at < 3; at++) {
        verifysms_result *result = next(queue, NULL);
        CHECK(verifysms_result_code(result) == VERIFYSMS_TIMEOUT);
        CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_UNKNOWN);
        verifysms_result_free(result);
    }
    CHECK(milliseconds() - begun >= 299);
    CHECK(milliseconds() - begun < 400);
    verifysms_queue_free(queue);
    close(service);
}

static void *cancel_all(void *client)
{
    verifysms_client_cancel(client);
    return NULL;
}

static void cancelling_ends_the_calls_that_are_meant(void)
{
    int calls[4], service, at;
    double begun;
    void *user_data;
    pthread_t thread;
    verifysms_client *client = waiting_client(&service, 30000, NULL, NULL);
    verifysms_queue *queue = verifysms_queue_new(client);

    for (at = 0; at < 4; at++) {
        CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, &calls[at]) == VERIFYSMS_OK);
    }
    CHECK(verifysms_queue_next(queue, NULL) == NULL);
    begun = milliseconds();
    CHECK(verifysms_queue_cancel(queue, &calls[2]) == 1);
    CHECK(verifysms_queue_cancel(queue, &service) == 0);
    CHECK(ended(next(queue, &user_data)) == VERIFYSMS_CANCELLED);
    CHECK(user_data == &calls[2]);
    CHECK(milliseconds() - begun < 100);
    CHECK(verifysms_queue_cancel(queue, &calls[2]) == 0);
    CHECK(verifysms_queue_count(queue) == 3);
    while (verifysms_queue_next(queue, NULL) != NULL || is_readable(queue, 0)) {
    }
    begun = milliseconds();
    pthread_create(&thread, NULL, cancel_all, client);
    CHECK(is_readable(queue, 1000));
    CHECK(milliseconds() - begun < 100);
    pthread_join(thread, NULL);
    for (at = 0; at < 3; at++) {
        CHECK(ended(next(queue, NULL)) == VERIFYSMS_CANCELLED);
    }
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    close(service);
}

static void results_come_in_the_order_in_which_calls_ended(void)
{
    int calls[3], service;
    void *user_data;
    verifysms_client *client = waiting_client(&service, 300, NULL, NULL);
    verifysms_queue *queue = verifysms_queue_new(client);

    CHECK(verifysms_queue_connect(queue, &calls[0]) == VERIFYSMS_OK);
    CHECK(ended(next(queue, &user_data)) == VERIFYSMS_OK && user_data == &calls[0]);
    CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, &calls[0]) == VERIFYSMS_OK);
    CHECK(verifysms_queue_send(queue, "12", NULL, NULL, &calls[1]) == VERIFYSMS_OK);
    CHECK(verifysms_queue_check(queue, NULL, NULL, &calls[2]) == VERIFYSMS_OK);
    CHECK(ended(next(queue, &user_data)) == VERIFYSMS_INVALID_ARGUMENT && user_data == &calls[1]);
    /* One that was not taken is kept, and so is the descriptor readable. */
    CHECK(is_readable(queue, 0));
    CHECK(ended(next(queue, &user_data)) == VERIFYSMS_INVALID_ARGUMENT && user_data == &calls[2]);
    CHECK(ended(next(queue, &user_data)) == VERIFYSMS_TIMEOUT && user_data == &calls[0]);
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    close(service);
}

struct told {
    verifysms_queue *queue;
    int records;
    int cancelled;
    int refused;
};

static void tell(void *user_data, int level, const char *message)
{
    struct told *told = user_data;
    if (level == VERIFYSMS_LOG_INFO) {
        told->records++;
        told->cancelled += strstr(message, "CANCELLED, reached UNKNOWN") != NULL;
        told->refused +=
            verifysms_queue_send(told->queue, NUMBER, NULL, NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT;
        told->refused += verifysms_queue_next(told->queue, NULL) == NULL;
    }
}

static void a_freed_queue_says_what_was_lost(void)
{
    struct told told = {NULL, 0, 0, 0};
    int service, at, open = entries("/proc/self/fd");
    verifysms_client *client = waiting_client(&service, 30000, tell, &told);

    told.queue = verifysms_queue_new(client);
    CHECK(verifysms_queue_send(told.queue, "12", NULL, NULL, NULL) == VERIFYSMS_OK);
    CHECK(ended(next(told.queue, NULL)) == VERIFYSMS_INVALID_ARGUMENT);
    CHECK(told.records == 1);
    CHECK(told.refused == 2);
    for (at = 0; at < 5; at++) {
        verifysms_queue_send(told.queue, NUMBER, NULL, NULL, NULL);
    }
    CHECK(verifysms_queue_next(told.queue, NULL) == NULL);
    while (is_readable(told.queue, 50)) {
        CHECK(verifysms_queue_next(told.queue, NULL) == NULL);
    }
    verifysms_queue_free(told.queue);
    CHECK(told.records == 6);
    CHECK(told.cancelled == 5);
    CHECK(told.refused == 12);
    verifysms_client_free(client);
    close(service);
    CHECK(entries("/proc/self/fd") == open);
}

struct freed {
    verifysms_client *client;
    verifysms_queue *queue;
    int records;
};

/* Frees what made the call, at the first record. */
static void free_all(void *user_data, int level, const char *message)
{
    struct freed *freed = user_data;
    (void)level;
    (void)message;
    if (freed->records++ == 0) {
        verifysms_queue_free(freed->queue);
        verifysms_client_free(freed->client);
    }
}

static void free_at_the_event(void *user_data, int event, int code, int reached, int milliseconds, int attempt,
    int reused, int limit)
{
    (void)event, (void)code, (void)reached, (void)milliseconds, (void)attempt, (void)reused, (void)limit;
    free_all(user_data, 0, NULL);
}

static int free_once(void *user_data)
{
    free_all(user_data, 0, NULL);
    return 0;
}

static void a_callback_may_free_the_client_that_called_it(void)
{
    struct freed freed = {NULL, NULL, 0};
    verifysms_config *config = settings();
    int at, service, open = entries("/proc/self/fd");
    char url[64];

    verifysms_config_set_event(config, free_at_the_event, &freed);
    freed.client = verifysms_client_new(config);
    CHECK(ended(verifysms_send(freed.client, NUMBER)) == VERIFYSMS_OK);
    CHECK(freed.records == 1);
    verifysms_config_set_event(config, NULL, NULL);

    freed.records = 0;
    verifysms_config_set_log(config, free_all, &freed);
    freed.client = verifysms_client_new(config);
    CHECK(ended(verifysms_send(freed.client, NUMBER)) == VERIFYSMS_OK);
    CHECK(freed.records == 2);

    /* A queue stays, in the middle of its turn and when it is freed. */
    for (at = 0; at < 2; at++) {
        freed.records = 0;
        freed.client = verifysms_client_new(config);
        freed.queue = verifysms_queue_new(freed.client);
        verifysms_queue_connect(freed.queue, NULL);
        verifysms_queue_send(freed.queue, NUMBER, NULL, NULL, NULL);
        if (at == 0) {
            CHECK(ended(next(freed.queue, NULL)) == VERIFYSMS_OK);
            CHECK(ended(next(freed.queue, NULL)) == VERIFYSMS_OK);
        }
        verifysms_queue_free(freed.queue);
        CHECK(freed.records >= 2);
    }
    verifysms_config_free(config);

    freed.records = 0;
    freed.queue = NULL;
    config = settings();
    service = silent_service(url, sizeof url);
    verifysms_config_set_url(config, url);
    verifysms_config_set_timeout_ms(config, 200);
    verifysms_config_set_interrupt(config, free_once, &freed);
    freed.client = client_of(config);
    CHECK(ended(verifysms_send(freed.client, NUMBER)) == VERIFYSMS_TIMEOUT);
    CHECK(freed.records > 0);
    close(service);
    CHECK(entries("/proc/self/fd") == open);
}

static void a_child_makes_a_queue_of_its_own(void)
{
    int at;
    pid_t child;
    verifysms_client *client = client_of(settings());
    verifysms_queue *queue = verifysms_queue_new(client);

    for (at = 0; at < 20; at++) {
        verifysms_queue_send(queue, NUMBER, NULL, NULL, NULL);
    }
    CHECK(ended(next(queue, NULL)) == VERIFYSMS_OK);
    child = fork();
    if (child == 0) {
        verifysms_queue *own;
        int open = entries("/proc/self/fd");
        failed = 0;
        CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, NULL) == VERIFYSMS_INVALID_ARGUMENT);
        CHECK(verifysms_queue_next(queue, NULL) == NULL);
        verifysms_queue_free(queue);
        CHECK(entries("/proc/self/fd") == open - 3);
        own = verifysms_queue_new(client);
        for (at = 0; at < 20; at++) {
            verifysms_queue_send(own, NUMBER, NULL, NULL, NULL);
        }
        for (at = 0; at < 20; at++) {
            CHECK(ended(next(own, NULL)) == VERIFYSMS_OK);
        }
        verifysms_queue_free(own);
        _exit(failed);
    }
    CHECK(exit_status(child) == 0);
    for (at = 1; at < 20; at++) {
        CHECK(ended(next(queue, NULL)) == VERIFYSMS_OK);
    }
    verifysms_queue_free(queue);
    verifysms_client_free(client);
}

static void a_child_ends_no_call_of_the_parent(void)
{
    int status, service;
    pid_t child;
    verifysms_client *client = waiting_client(&service, 30000, NULL, NULL);
    verifysms_queue *queue = verifysms_queue_new(client);

    CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, NULL) == VERIFYSMS_OK);
    while (is_readable(queue, 50)) {
        CHECK(verifysms_queue_next(queue, NULL) == NULL);
    }
    child = fork();
    if (child == 0) {
        failed = 0;
        CHECK(verifysms_queue_count(queue) == 0);
        CHECK(verifysms_queue_cancel(queue, NULL) == 0);
        verifysms_client_cancel(client);
        verifysms_queue_free(queue);
        verifysms_client_free(client);
        _exit(failed);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(!is_readable(queue, 0));
    CHECK(verifysms_queue_count(queue) == 1);
    CHECK(verifysms_queue_cancel(queue, NULL) == 1);
    CHECK(ended(next(queue, NULL)) == VERIFYSMS_CANCELLED);
    verifysms_queue_free(queue);
    verifysms_client_free(client);
    close(service);
}

static atomic_int stopping;

/* Uses a queue all the time. */
static void *work(void *queue)
{
    int at;
    while (!atomic_load(&stopping)) {
        for (at = 0; at < BUSY_CALLS; at++) {
            verifysms_queue_send(queue, NUMBER, NULL, NULL, &stopping);
        }
        verifysms_queue_cancel(queue, &stopping);
        for (at = 0; at < BUSY_CALLS; at++) {
            CHECK(ended(next(queue, NULL)) == VERIFYSMS_CANCELLED);
        }
    }
    return NULL;
}

/* The child's copy of the queue is half changed when the thread was in a function. */
static void a_child_may_free_a_queue_that_a_thread_was_using(void)
{
    int status, at, ended_well = 0;
    pthread_t thread;
    verifysms_client *client = client_of(settings());
    verifysms_queue *queue = verifysms_queue_new(client);

    pthread_create(&thread, NULL, work, queue);
    for (at = 0; at < FORKS; at++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            verifysms_queue_cancel(queue, &stopping);
            verifysms_queue_free(queue);
            verifysms_client_free(client);
            verifysms_queue_free(verifysms_queue_new(client_of(settings())));
            _exit(0);
        }
        ended_well += waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    atomic_store(&stopping, 1);
    pthread_join(thread, NULL);
    CHECK(ended_well == FORKS);
    verifysms_queue_free(queue);
    verifysms_client_free(client);
}

static pid_t forked;

/* Forks at the first record of a call's end. */
static void fork_off(void *times, int level, const char *message)
{
    (void)message;
    if (level == VERIFYSMS_LOG_INFO && ++*(int *)times == 3) {
        forked = fork();
    }
}

/* Forks at the end of a call, too. */
static void fork_at_the_event(void *times, int event, int code, int reached, int milliseconds, int attempt,
    int reused, int limit)
{
    (void)event, (void)code, (void)reached, (void)milliseconds, (void)attempt, (void)reused, (void)limit;
    fork_off(times, VERIFYSMS_LOG_INFO, "");
}

static void a_child_of_a_callback_takes_nothing(int is_of_the_log)
{
    int times = 0, sent = 0, at;
    verifysms_result *result;
    verifysms_client *client;
    verifysms_queue *queue;
    pid_t self = getpid();
    verifysms_config *config = settings();

    if (is_of_the_log) {
        verifysms_config_set_log(config, fork_off, &times);
    } else {
        verifysms_config_set_event(config, fork_at_the_event, &times);
    }
    client = client_of(config);
    queue = verifysms_queue_new(client);
    for (at = 0; at < 20; at++) {
        verifysms_queue_send(queue, NUMBER, NULL, NULL, NULL);
    }
    for (at = 0; at < 20; at++) {
        while ((result = verifysms_queue_next(queue, NULL)) == NULL && getpid() == self &&
               is_readable(queue, 20000)) {
        }
        if (getpid() != self) {
            at = result != NULL || verifysms_queue_next(queue, NULL) != NULL ||
                 verifysms_queue_connect(queue, NULL) == VERIFYSMS_OK;
            verifysms_queue_free(queue);
            at += ended(verifysms_send(client, NUMBER)) != VERIFYSMS_OK;
            verifysms_client_free(client);
            _exit(at);
        }
        sent += verifysms_result_code(result) == VERIFYSMS_OK;
        verifysms_result_free(result);
    }
    CHECK(sent == 20);
    CHECK(exit_status(forked) == 0);
    verifysms_queue_free(queue);
    verifysms_client_free(client);
}

/* Its cancellation is pending all the time. */
static void *cancelled(void *client)
{
    verifysms_queue *queue = verifysms_queue_new(client);
    pthread_cancel(pthread_self());
    CHECK(verifysms_queue_send(queue, NUMBER, NULL, NULL, queue) == VERIFYSMS_OK);
    while (verifysms_queue_count(queue) > 0) {
        verifysms_result_free(verifysms_queue_next(queue, NULL));
    }
    verifysms_queue_free(queue);
    pthread_testcancel();
    return NULL;
}

static void a_pending_cancellation_waits_for_the_hosts_own_code(void)
{
    pthread_t thread;
    void *result;
    int open;
    verifysms_client *client = client_of(settings());

    open = entries("/proc/self/fd");
    pthread_create(&thread, NULL, cancelled, client);
    pthread_join(thread, &result);
    CHECK(result == PTHREAD_CANCELED);
    /* The connection is kept. */
    CHECK(entries("/proc/self/fd") == open + 1);
    verifysms_client_free(client);
}

int main(void)
{
    CHECK(verifysms_queue_new(NULL) == NULL);
    many_calls_are_in_flight_at_once();
    an_edge_triggered_loop_misses_nothing();
    the_deadline_begins_with_the_start();
    cancelling_ends_the_calls_that_are_meant();
    results_come_in_the_order_in_which_calls_ended();
    a_freed_queue_says_what_was_lost();
    a_callback_may_free_the_client_that_called_it();
    a_child_makes_a_queue_of_its_own();
    a_child_ends_no_call_of_the_parent();
    a_child_may_free_a_queue_that_a_thread_was_using();
    a_child_of_a_callback_takes_nothing(1);
    a_child_of_a_callback_takes_nothing(0);
    a_pending_cancellation_waits_for_the_hosts_own_code();
    return checked();
}
