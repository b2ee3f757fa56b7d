/* A program that the library lives in: its client, its calls, what it looks like from outside. */
#ifndef HOST_H
#define HOST_H

#include <verifysms.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

/* A client of these settings, which are freed. */
static inline verifysms_client *client_of(verifysms_config *config)
{
    verifysms_client *client = verifysms_client_new(config);
    verifysms_config_free(config);
    return client;
}

/* The exit status of a process, or -1 if a signal ended it. */
static inline int status_of(pid_t process)
{
    int status;
    return waitpid(process, &status, 0) == process && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void sleep_ms(double ms)
{
    long whole = (long)ms;
    struct timespec pause = {whole / 1000, whole % 1000 * 1000000 + (long)((ms - (double)whole) * 1e6)};
    nanosleep(&pause, NULL);
}

/* A bound socket, and the address of the service there. */
static inline int bound_service(char *url, size_t size)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, length) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return listener;
}

/* The same, which listens and says nothing. */
static inline int silent_service(char *url, size_t size)
{
    int listener = bound_service(url, size);
    CHECK(listen(listener, 8) == 0);
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
    int tries;
    for (tries = 0; tries < 1000 && entries("/proc/self/task") != count; tries++) {
        sleep_ms(1);
    }
    return entries("/proc/self/task") == count;
}

#endif
