/*
 * A program with libevent's loop sends a code and checks it. Its events are the lines that are typed, the
 * answers of the service, and a timeout of its own.
 *
 *     libevent NUMBER           sends a code to the number, then reads it
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox. Link with -levent_core.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <verifysms.h>

static const struct timeval PATIENCE = {3, 0};

/* The state of one sign-up. */
struct sign_up {
    struct event_base *loop;
    struct event *typing;
    struct event *patience;
    verifysms_queue *queue;
    const char *number;
    enum { CONNECTING, SENDING, CHECKING } step;
    int code;
};

/* A line was typed. */
static void typed(evutil_socket_t descriptor, short what, void *argument)
{
    struct sign_up *person = argument;
    char line[32];
    ssize_t length = read(descriptor, line, sizeof line - 1);

    (void)what;
    line[length > 0 ? length : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    person->step = CHECKING;
    event_add(person->patience, &PATIENCE);
    if (verifysms_queue_check(person->queue, person->number, line, person) != VERIFYSMS_OK) {
        event_base_loopbreak(person->loop);
    }
}

/* The program's own timeout. */
static void give_up(evutil_socket_t none, short what, void *argument)
{
    struct sign_up *person = argument;

    (void)none;
    (void)what;
    verifysms_queue_cancel(person->queue, person); /* its result comes like any other */
}

static void answered(struct sign_up *person, const verifysms_result *result)
{
    person->code = verifysms_result_code(result);
    switch (person->step) {
    case CONNECTING: /* the page is open; without a connection the send opens one */
        person->step = SENDING;
        if (verifysms_queue_send(person->queue, person->number, NULL, NULL, person) == VERIFYSMS_OK) {
            return;
        }
        break;
    case SENDING:
        if (person->code == VERIFYSMS_OK) {
            event_del(person->patience);
            printf("Type the code.\n");
            fflush(stdout);
            event_add(person->typing, NULL);
            return;
        }
        printf("%s\n", verifysms_result_message(result));
        break;
    case CHECKING: /* only a check that verified the number has the status 1 */
        if (person->code == VERIFYSMS_OK && verifysms_result_status(result) == 1) {
            printf("the number is theirs\n");
        } else {
            printf("%s\n", verifysms_result_message(result));
        }
        break;
    }
    event_base_loopbreak(person->loop);
}

/* The queue has something to do. */
static void go_on(evutil_socket_t descriptor, short what, void *queue)
{
    verifysms_result *result;
    void *person;

    (void)descriptor;
    (void)what;
    while ((result = verifysms_queue_next(queue, &person)) != NULL) {
        answered(person, result);
        verifysms_result_free(result);
    }
}

int main(int argc, char **argv)
{
    struct sign_up person = {NULL, NULL, NULL, NULL, NULL, CONNECTING, VERIFYSMS_INTERNAL};
    struct event *answers;
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    client = verifysms_client_new(config);
    person.queue = verifysms_queue_new(client);
    person.number = argc > 1 ? argv[1] : NULL;
    person.loop = event_base_new();
    if (person.queue == NULL || person.loop == NULL) {
        fprintf(stderr, "no queue or no loop: %s\n", verifysms_config_error(config));
        return EXIT_FAILURE;
    }
    person.typing = event_new(person.loop, STDIN_FILENO, EV_READ, typed, &person);
    person.patience = evtimer_new(person.loop, give_up, &person);
    answers = event_new(person.loop, verifysms_queue_descriptor(person.queue), EV_READ | EV_PERSIST, go_on, person.queue);
    event_add(answers, NULL);
    event_add(person.patience, &PATIENCE);
    if (verifysms_queue_connect(person.queue, &person) == VERIFYSMS_OK) {
        event_base_dispatch(person.loop);
    }

    event_free(answers); /* before the queue closes the descriptor */
    event_free(person.patience);
    event_free(person.typing);
    event_base_free(person.loop);
    verifysms_queue_free(person.queue);
    verifysms_client_free(client);
    verifysms_config_free(config);
    return person.code;
}
