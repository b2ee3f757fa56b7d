/*
 * Calls a name whose lookup nobody answers. The lookup's thread may go on after the call, and must
 * leave the program's signals alone.
 */
#include "host.h"

#include <pthread.h>

/* All signals but SIGKILL and SIGSTOP, which cannot be blocked, and the C library's own two. */
#define ALL (~0ULL & ~(1ULL << 8 | 1ULL << 18 | 3ULL << 31))

/* The signals that the thread of the lookup blocks; 0 if there is no such thread. */
static unsigned long long blocked(void)
{
    unsigned long long mask = 0;
    struct dirent *entry;
    DIR *folder = opendir("/proc/self/task");
    while ((entry = readdir(folder)) != NULL) {
        char path[300];
        char line[300];
        int is_lookup = 0;
        FILE *file;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        while (file != NULL && fgets(line, (int)sizeof line, file) != NULL) {
            is_lookup |= strcmp(line, "Name:\tverifysms\n") == 0;
            if (is_lookup) {
                sscanf(line, "SigBlk: %llx", &mask);
            }
        }
        if (file != NULL) {
            fclose(file);
        }
    }
    closedir(folder);
    return mask;
}

static void *watch(void *mask)
{
    usleep(150000);
    *(unsigned long long *)mask = blocked();
    return NULL;
}

int main(void)
{
    unsigned long long mask = 0;
    pthread_t thread;
    double begun;
    int tries;
    verifysms_result *result;
    verifysms_config *config = settings();
    verifysms_client *client;

    verifysms_config_set_timeout_ms(config, 400);
    client = client_of(config);
    pthread_create(&thread, NULL, watch, &mask);
    begun = milliseconds();
    result = verifysms_send(client, NUMBER);
    CHECK(milliseconds() - begun < 500);
    CHECK(verifysms_result_code(result) == VERIFYSMS_TIMEOUT);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    verifysms_result_free(result);
    pthread_join(thread, NULL);
    CHECK((mask & ALL) == ALL);

    /* It touches nothing of the client, and ends by itself. */
    CHECK(blocked() != 0);
    verifysms_client_free(client);
    for (tries = 0; tries < 500 && blocked() != 0; tries++) {
        usleep(10000);
    }
    CHECK(has_threads(1));
    return checked();
}
