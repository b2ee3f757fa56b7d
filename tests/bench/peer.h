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
    const char *url;
    const char *ca_file; /* NULL: plain HTTP */
    bool urlencoded;     /* instead of form-data; only libcurl can choose */
    const char *guard;   /* where ours counts: NULL as it is by default, "none" nowhere */
    int threads;
    long warmup, calls;
    bool fresh; /* a new client for every call */
};

/* How a step of a sign-up ended: in the peer's own words, and whether the service was reached, -1 where it can't say. */
struct outcome {
    const char *name;
    int reached;
};

struct peer {
    void *(*open)(const struct options *);
    void (*call)(void *client); /* ends the program unless the service said OK */
    void (*close)(void *client);
    bool shared; /* one client for all threads, otherwise one for each */
    /* "connect", "send" to a number, or "check" a number's code; NULL: the peer only makes calls. */
    struct outcome (*step)(void *client, const char *step, const char *to, const char *code);
    /* So many calls on this one thread, of which as many as the options have threads are under way at a time, or NULL. */
    void (*flight)(void *client, long calls);
};

int measure(int argc, char **argv, const struct peer *peer);

#endif
