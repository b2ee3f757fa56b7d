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
#include <unistd.h>

#include "check.h"

#define NUMBER "0501234567"

/* Has the guard count all calls and refuse none: the programs call one number again and again. */
static inline void raise_limits(verifysms_config *config)
{
    static const int counted[] = {
        VERIFYSMS_LIMIT_SENDS_NUMBER, VERIFYSMS_LIMIT_SENDS_NUMBER_DAY, VERIFYSMS_LIMIT_SENDS_USER,
        VERIFYSMS_LIMIT_TRIES,        VERIFYSMS_LIMIT_FAILURES_NUMBER,  VERIFYSMS_LIMIT_FAILURES_USER,
    };
    size_t at;
    verifysms_config_set_limit(config, VERIFYSMS_LIMIT_COOLDOWN, 0, 0);
    for (at = 0; at < sizeof counted / sizeof *counted; at++) {
        verifysms_config_set_limit(config, counted[at], 65535, 1);
    }
}

/*
 * Settings for the service at VERIFYSMS_URL, whose certificate VERIFYSMS_CA_FILE has signed. The guard
 * counts in GUARD if that is set.
 */
static inline verifysms_config *settings(void)
{
    verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
    verifysms_config_set_sender(config, "Acme");
    verifysms_config_set_url(config, getenv("VERIFYSMS_URL"));
    verifysms_config_set_ca_file(config, getenv("VERIFYSMS_CA_FILE"));
    verifysms_config_set_allow_http(config, 1);
    if (getenv("GUARD") != NULL) {
        verifysms_config_set_guard(config, getenv("GUARD"));
        verifysms_config_set_guard_failure(config, VERIFYSMS_GUARD_REFUSE);
        verifysms_config_set_guard_timeout_ms(config, 10000);
    }
    raise_limits(config);
    return config;
}

/* A client with these settings, which are freed. */
static inline verifysms_client *client_of(verifysms_config *config)
{
    verifysms_client *client = verifysms_client_new(config);
    verifysms_config_free(config);
    return client;
}

/* Applies a setting by its name. Answers whether there is one of that name. */
static inline int set_by_name(verifysms_config *config, const char *name, const char *value)
{
    static const struct {
        const char *name;
        int (*set_text)(verifysms_config *, const char *);
        int (*set_number)(verifysms_config *, int);
    } all[] = {
        {"sender", verifysms_config_set_sender, NULL},
        {"message", verifysms_config_set_message, NULL},
        {"url", verifysms_config_set_url, NULL},
        {"proxy", verifysms_config_set_proxy, NULL},
        {"ca_file", verifysms_config_set_ca_file, NULL},
        {"trust", NULL, verifysms_config_set_trust},
        {"allow_http", NULL, verifysms_config_set_allow_http},
        {"timeout_ms", NULL, verifysms_config_set_timeout_ms},
        {"connect_timeout_ms", NULL, verifysms_config_set_connect_timeout_ms},
        {"guard", verifysms_config_set_guard, NULL},
        {"guard_namespace", verifysms_config_set_guard_namespace, NULL},
        {"guard_failure", NULL, verifysms_config_set_guard_failure},
        {"guard_timeout_ms", NULL, verifysms_config_set_guard_timeout_ms},
    };
    size_t at = 0;
    while (at < sizeof all / sizeof *all && strcmp(all[at].name, name) != 0) {
        at++;
    }
    if (at == sizeof all / sizeof *all) {
        return 0;
    }
    if (all[at].set_text != NULL) {
        all[at].set_text(config, value);
    } else {
        all[at].set_number(config, atoi(value));
    }
    return 1;
}

/* A socket on a free port of loopback, and the URL of the service there. */
static inline int bound_socket(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, length) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(url, size, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return listener;
}

/* The same, of a service that accepts connections and never answers. */
static inline int silent_service(char *url, size_t size)
{
    int listener = bound_socket(url, size);
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

/* The exit status of a child process, or -1 if a signal ended it. */
static inline int exit_status(pid_t process)
{
    int status;
    return waitpid(process, &status, 0) == process && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
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

/* Whether the program has `count` threads, now or within a second: the thread of a name lookup ends
 * just after its answer. */
static inline int has_threads(int count)
{
    int tries;
    for (tries = 0; tries < 1000 && entries("/proc/self/task") != count; tries++) {
        usleep(1000);
    }
    return entries("/proc/self/task") == count;
}

#endif
