/* A program that the library lives in: its client, its calls, what it looks like from outside. */
#ifndef HOST_H
#define HOST_H

#include <verifysms.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "check.h"

#define NUMBER "0501234567"

/* Settings for the service at VERIFYSMS_URL, whose certificate VERIFYSMS_CA_FILE has signed. */
static inline verifysms_config *settings(void)
{
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    verifysms_config_set_ca_file(config, getenv("VERIFYSMS_CA_FILE"));
    verifysms_config_set_allow_http(config, 1);
    return config;
}

/* A listening socket, and the address of the service there: it says nothing. */
static inline int silent_service(char *url, size_t size)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, length) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    CHECK(listen(listener, 8) == 0);
    snprintf(url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return listener;
}

/* How a call ended, its result freed. */
static inline int ended(verifysms_result *result)
{
    int code = verifysms_result_code(result);
    verifysms_result_free(result);
    return code;
}

static inline double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* How many entries a folder has, for example /proc/self/fd or /proc/self/task. */
static inline int entries(const char *path)
{
    int count = 0;
    struct dirent *entry;
    DIR *folder = opendir(path);
    while ((entry = readdir(folder)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

/* Whether the program has but `count` threads, now or within a tenth of a second: a name lookup's
 * answers just before it ends. */
static inline int has_threads(int count)
{
    struct timespec pause = {0, 1000000};
    int tries;
    for (tries = 0; tries < 1000 && entries("/proc/self/task") != count; tries++) {
        nanosleep(&pause, NULL);
    }
    return entries("/proc/self/task") == count;
}

#endif
