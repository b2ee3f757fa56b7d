/*
 * What a peer is: something that opens a client, sends one code to one phone, and closes it again. peer.c measures it.
 * Every peer sends the same fields.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>

#define API_KEY "0123456789abcdef0123456789abcdef"
#define SENDER "Acme"
#define PHONE "0501234567"
#define PATH "/sms/verifySMS"
#define TIMEOUT_MS 30000

struct options {
    int port;
    const char *ca_file; /* NULL: plain HTTP */
    bool urlencoded;     /* instead of form-data; only libcurl can choose */
    int threads;
    long warmup, calls;
    bool fresh; /* a new client for every call */
};

struct peer {
    void *(*open)(const struct options *);
    void (*call)(void *client); /* ends the program unless the service said OK */
    void (*close)(void *client);
    bool shared; /* one client for all threads, otherwise one for each */
};

int measure(int argc, char **argv, const struct peer *peer);

#endif
