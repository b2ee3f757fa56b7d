/*
 * Makes calls while signals arrive. The service takes its time to answer.
 */
#include "host.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t ticks;
static volatile sig_atomic_t asked;
static volatile sig_atomic_t wanted;
static volatile double hit;

static void tick(int number)
{
    (void)number;
    ticks++;
    if (wanted) {
        hit = milliseconds();
    }
}

static void handle(int number, int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = tick;
    action.sa_flags = flags;
    sigaction(number, &action, NULL);
}

static int interrupt(void *unused)
{
    (void)unused;
    asked++;
    return wanted && hit > 0;
}

static void a_timer_every_millisecond_changes_nothing(int flags)
{
    struct itimerval every = {{0, 1000}, {0, 1000}};
    struct itimerval never = {{0, 0}, {0, 0}};
    int round;
    int call;
    verifysms_config *config = settings();

    handle(SIGALRM, flags);
    ticks = 0;
    setitimer(ITIMER_REAL, &every, NULL);
    for (round = 0; round < 4; round++) {
        verifysms_client *client = verifysms_client_new(config);
        for (call = 0; call < 4; call++) {
            CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
        }
        CHECK(ended(verifysms_check(client, NUMBER, "987654321")) == VERIFYSMS_NOT_VERIFIED);
        verifysms_client_free(client);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(ticks > 300);
    verifysms_config_free(config);
}

static void *knock(void *caller)
{
    usleep(5000);
    pthread_kill(*(pthread_t *)caller, SIGUSR1);
    return NULL;
}

/* Makes a call that a signal interrupts; answers how long after the signal it ended. */
static double interrupted_call(verifysms_client *client, int expected)
{
    pthread_t self = pthread_self();
    pthread_t thread;

    hit = 0;
    pthread_create(&thread, NULL, knock, &self);
    CHECK(ended(verifysms_send(client, NUMBER)) == expected);
    pthread_join(thread, NULL);
    return milliseconds() - hit;
}

static void a_signal_has_the_hook_asked_at_once(int flags)
{
    int prompt = 0;
    int call;
    verifysms_config *config = settings();
    verifysms_client *client;

    verifysms_config_set_interrupt(config, interrupt, NULL);
    client = client_of(config);
    handle(SIGUSR1, flags);

    wanted = 0;
    asked = 0;
    interrupted_call(client, VERIFYSMS_OK);
    CHECK(asked > 0);

    /* A wait that no signal interrupts takes 20 ms. */
    wanted = 1;
    for (call = 0; call < 15; call++) {
        prompt += interrupted_call(client, VERIFYSMS_CANCELLED) < 10;
    }
    CHECK(prompt >= 12);
    wanted = 0;
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    verifysms_client_free(client);
}

int main(void)
{
    a_timer_every_millisecond_changes_nothing(0);
    a_timer_every_millisecond_changes_nothing(SA_RESTART);
    a_signal_has_the_hook_asked_at_once(0);
    a_signal_has_the_hook_asked_at_once(SA_RESTART);
    CHECK(has_threads(1));
    return checked();
}
