/*
 * libcurl as a careful program would set it up: a handle that is reused, its answer only searched for the word OK.
 */
#ifndef BENCH_CURL_H
#define BENCH_CURL_H

#include "common.h"
#include "peer.h"

#include <curl/curl.h>

struct client {
    CURL *curl;
    curl_mime *form;
    bool urlencoded;
    size_t filled;
    char reply[1024];
};

static inline void set_up(CURLcode code) {
    if (code != CURLE_OK) die(curl_easy_strerror(code));
}

static inline size_t collect(char *data, size_t size, size_t count, void *client) {
    struct client *c = client;
    size_t length = size * count;
    if (length > sizeof c->reply - c->filled) return 0;
    memcpy(c->reply + c->filled, data, length);
    c->filled += length;
    return length;
}

static inline void *curl_open(const struct options *options) {
    struct client *c = calloc(1, sizeof *c);
    need(c != NULL, "calloc");
    c->urlencoded = options->urlencoded;
    c->curl = curl_easy_init();
    need(c->curl != NULL, "curl_easy_init");
    set_up(curl_easy_setopt(c->curl, CURLOPT_URL, options->url));
    set_up(curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L));
    set_up(curl_easy_setopt(c->curl, CURLOPT_PROXY, ""));
    set_up(curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS));
    set_up(curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, collect));
    set_up(curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c));
    if (options->ca_file) set_up(curl_easy_setopt(c->curl, CURLOPT_CAINFO, options->ca_file));
    return c;
}

static inline void add_field(curl_mime *form, const char *name, const char *value) {
    curl_mimepart *part = curl_mime_addpart(form);
    set_up(curl_mime_name(part, name));
    set_up(curl_mime_data(part, value, CURL_ZERO_TERMINATED));
}

/* The fields are put together for every call, since the phone number changes from call to call. */
static inline void fill_in(struct client *c, const char *to, const char *last, const char *value) {
    c->form = curl_mime_init(c->curl);
    add_field(c->form, "apiKey", API_KEY);
    add_field(c->form, "to", to);
    add_field(c->form, last, value);
    set_up(curl_easy_setopt(c->curl, CURLOPT_MIMEPOST, c->form));
    c->filled = 0;
}

static inline void throw_away(struct client *c) {
    set_up(curl_easy_setopt(c->curl, CURLOPT_MIMEPOST, NULL));
    curl_mime_free(c->form);
}

static inline void look_for_ok(const struct client *c) {
    need(memmem(c->reply, c->filled, "\"OK\"", 4) != NULL, "reply");
}

static inline void curl_close(void *client) {
    struct client *c = client;
    curl_easy_cleanup(c->curl);
    free(c);
}

#endif
