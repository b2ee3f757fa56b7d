/*
 * Many threads, one client.
 *
 *     threads NUMBER...       sends a code to every number, all at once
 *
 * The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox. Link with -pthread.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <verifysms.h>

enum { MOST = 64 };

struct job {
    verifysms_client *client; /* the same in every job */
    const char *number;
    verifysms_result *sent;
};

static void *work(void *argument)
{
    struct job *job = argument;
    job->sent = verifysms_send(job->client, job->number);
    return NULL;
}

int main(int argc, char **argv)
{
    struct job jobs[MOST];
    pthread_t threads[MOST];
    int count = argc - 1 < MOST ? argc - 1 : MOST;
    int failures = 0;
    int i;
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_client *client;

    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    client = verifysms_client_new(config);
    verifysms_config_free(config);

    for (i = 0; i < count; i++) {
        jobs[i].client = client;
        jobs[i].number = argv[i + 1];
        if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0) {
            perror("threads");
            return EXIT_FAILURE;
        }
    }
    for (i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        printf("%s: %s\n", jobs[i].number, verifysms_result_message(jobs[i].sent));
        failures += verifysms_result_code(jobs[i].sent) != VERIFYSMS_OK;
        verifysms_result_free(jobs[i].sent);
    }

    /* No thread is in a call any more: now the client may be freed. */
    verifysms_client_free(client);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
