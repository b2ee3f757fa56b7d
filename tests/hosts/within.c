/*
 * Forks in the interrupt function and in the log function of a Send, before and after it was answered,
 * and returns from them in both processes. The parent's sender is P, the child's own is C. The service
 * is a thread here: it begins to listen, or answers, when there is a child and no sooner.
 */
#include "host.h"

#include <pthread.h>
#include <semaphore.h>

#define CONNECTIONS_MOST 16
#define REQUEST_LONGEST 8192

static const char answer[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 31\r\n\r\n"
                             "{\"status\":\"OK\",\"unique\":\"6343\"}";

/* The service. */
static int listener;
static pthread_t service;
static sem_t may_answer;
/* How many requests of each sender it has seen. */
static int of_parent;
static int of_child;

/* The fork. */
static enum moment { WHEN_ASKED, AFTER_AN_ATTEMPT, AFTER_ALL, AT_THE_EVENT } forks;
static int listens_late;
static pid_t forked;

static void serve_one(int connection)
{
    char request[REQUEST_LONGEST + 1];
    size_t size = 0;
    ssize_t count = 1;
    struct timespec soon;

    /* A request ends with its last boundary. */
    while (count > 0 && size < REQUEST_LONGEST &&
           (size < 4 || memcmp(request + size - 4, "--\r\n", 4) != 0)) {
        count = read(connection, request + size, REQUEST_LONGEST - size);
        size += count > 0 ? (size_t)count : 0;
    }
    request[size] = '\0';
    of_parent += strstr(request, "name=\"from\"\r\n\r\nP\r\n") != NULL;
    of_child += strstr(request, "name=\"from\"\r\n\r\nC\r\n") != NULL;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_sec += 10;
    sem_timedwait(&may_answer, &soon);
    sem_post(&may_answer);
    if (send(connection, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) {
        perror("answer");
    }
    close(connection);
}

static void *serve(void *unused)
{
    int count;
    (void)unused;
    for (count = 0; count < CONNECTIONS_MOST; count++) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) {
            break;
        }
        serve_one(connection);
    }
    return NULL;
}

static void begin_to_serve(void)
{
    listen(listener, CONNECTIONS_MOST);
    pthread_create(&service, NULL, serve, NULL);
}

/* Forks, once. The service does its part when there is a child. */
static void fork_within(void)
{
    if (forked >= 0) {
        return;
    }
    forked = fork();
    if (forked == 0) {
        alarm(30);
        return;
    }
    if (listens_late) {
        begin_to_serve();
    }
    sem_post(&may_answer);
}

static int interrupt(void *unused)
{
    (void)unused;
    if (forks == WHEN_ASKED) {
        fork_within();
    }
    return 0;
}

static void record(void *unused, int level, const char *message)
{
    (void)unused;
    (void)message;
    if (forks == (level == VERIFYSMS_LOG_DEBUG ? AFTER_AN_ATTEMPT : AFTER_ALL)) {
        fork_within();
    }
}

static void count(void *unused, int event, int code, int reached, int milliseconds, int attempt, int reused,
    int limit)
{
    (void)unused, (void)milliseconds, (void)attempt, (void)reused, (void)limit;
    /* That of the child's part in its parent's call would be another. */
    CHECK(event == VERIFYSMS_EVENT_SENT && code == VERIFYSMS_OK && reached == VERIFYSMS_REACHED_YES);
    if (forks == AT_THE_EVENT) {
        fork_within();
    }
}

/* How a child's life within a call goes on: the exit status says what is wrong with it. */
static int live(verifysms_client *client, int code, int reached)
{
    if (code != VERIFYSMS_CANCELLED) {
        return 1;
    }
    if (reached != VERIFYSMS_REACHED_UNKNOWN) {
        return 2;
    }
    /* A call that it begins itself is one as any. */
    return ended(verifysms_send_with(client, NUMBER, "C", NULL)) == VERIFYSMS_OK ? 0 : 3;
}

static void a_call_is_the_parents(enum moment moment, int is_late)
{
    char url[64];
    int code;
    int reached;
    verifysms_result *result;
    verifysms_config *config = settings();
    verifysms_client *client;

    listener = bound_socket(url, sizeof url);
    forks = moment;
    listens_late = is_late;
    sem_init(&may_answer, 0, forks == WHEN_ASKED || listens_late ? 0 : 1);
    forked = -1;
    of_parent = 0;
    of_child = 0;
    if (!listens_late) {
        begin_to_serve();
    }

    verifysms_config_set_url(config, url);
    verifysms_config_set_timeout_ms(config, 10000);
    verifysms_config_set_interrupt(config, interrupt, NULL);
    verifysms_config_set_log(config, record, NULL);
    verifysms_config_set_event(config, count, NULL);
    client = client_of(config);
    result = verifysms_send_with(client, NUMBER, "P", NULL);
    code = verifysms_result_code(result);
    reached = verifysms_result_reached(result);
    verifysms_result_free(result);
    if (forked == 0) {
        _exit(live(client, code, reached));
    }
    CHECK(forked > 0);
    CHECK(code == VERIFYSMS_OK);
    CHECK(reached == VERIFYSMS_REACHED_YES);
    CHECK(exit_status(forked) == 0);
    verifysms_client_free(client);

    shutdown(listener, SHUT_RDWR);
    pthread_join(service, NULL);
    close(listener);
    CHECK(of_parent == 1);
    CHECK(of_child == 1);
}

int main(void)
{
    alarm(120);
    /* In the pause after a refused connection: the next attempt would succeed in both. */
    a_call_is_the_parents(WHEN_ASKED, 1);
    a_call_is_the_parents(AFTER_AN_ATTEMPT, 1);
    /* While the answer is awaited, on a connection that both have. */
    a_call_is_the_parents(WHEN_ASKED, 0);
    /* When the answer was read: it is the parent's. */
    a_call_is_the_parents(AFTER_AN_ATTEMPT, 0);
    a_call_is_the_parents(AFTER_ALL, 0);
    a_call_is_the_parents(AT_THE_EVENT, 0);
    return checked();
}
