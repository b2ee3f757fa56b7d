/*
 * A program with an alarm timer of its own. Signals do not disturb a call; the program decides when it
 * has waited long enough.
 *
 *     alarm NUMBER            sends a code to the number, and gives up after 20 ticks
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox.
 */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <verifysms.h>

static volatile sig_atomic_t ticks = 0;

static void tick(int number)
{
    (void)number;
    ticks++;
}

/* Called at once when a signal interrupted the wait; any result but 0 ends the call. */
static int is_enough(void *user_data)
{
    (void)user_data;
    return ticks >= 20;
}

int main(int argc, char **argv)
{
    struct sigaction action;
    struct itimerval every_10_ms = {{0, 10000}, {0, 10000}};
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;
    verifysms_result *sent;
    int code;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    verifysms_config_set_interrupt(config, is_enough, NULL);
    client = verifysms_client_new(config);
    verifysms_config_free(config);

    memset(&action, 0, sizeof action);
    action.sa_handler = tick;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every_10_ms, NULL);

    sent = verifysms_send(client, argc > 1 ? argv[1] : NULL);
    printf("%s\n", verifysms_result_message(sent));
    code = verifysms_result_code(sent);
    verifysms_result_free(sent);
    verifysms_client_free(client);
    return code;
}
