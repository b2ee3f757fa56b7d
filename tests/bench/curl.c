/*
 * The peer people have: libcurl's easy interface with a handle that is reused, as a careful program would write it.
 * The fields are put together for every call, since the phone number changes from call to call.
 * The answer is only searched for the word OK.
 */
#include "common.h"
#include "peer.h"

#include <curl/curl.h>

struct client {
    CURL *curl;
    bool urlencoded;
    size_t filled;
    char reply[1024];
};

static void set_up(CURLcode code) {
    if (code != CURLE_OK) die(curl_easy_strerror(code));
}

static size_t collect(char *data, size_t size, size_t count, void *client) {
    struct client *c = client;
    size_t length = size * count;
    if (length > sizeof c->reply - c->filled) return 0;
    memcpy(c->reply + c->filled, data, length);
    c->filled += length;
    return length;
}

static void *curl_open(const struct options *options) {
    char url[128];
    struct client *c = calloc(1, sizeof *c);
    need(c != NULL, "calloc");
    snprintf(url, sizeof url, "%s://127.0.0.1:%d" PATH, options->ca_file ? "https" : "http", options->port);
    c->urlencoded = options->urlencoded;
    c->curl = curl_easy_init();
    need(c->curl != NULL, "curl_easy_init");
    set_up(curl_easy_setopt(c->curl, CURLOPT_URL, url));
    set_up(curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L));
    set_up(curl_easy_setopt(c->curl, CURLOPT_PROXY, ""));
    set_up(curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS));
    set_up(curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, collect));
    set_up(curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c));
    if (options->ca_file) set_up(curl_easy_setopt(c->curl, CURLOPT_CAINFO, options->ca_file));
    return c;
}

static void perform(struct client *c) {
    c->filled = 0;
    CURLcode code = curl_easy_perform(c->curl);
    if (code != CURLE_OK) die(curl_easy_strerror(code));
    need(memmem(c->reply, c->filled, "\"OK\"", 4) != NULL, "reply");
}

static void add_field(curl_mime *form, const char *name, const char *value) {
    curl_mimepart *part = curl_mime_addpart(form);
    set_up(curl_mime_name(part, name));
    set_up(curl_mime_data(part, value, CURL_ZERO_TERMINATED));
}

static void call_multipart(struct client *c) {
    curl_mime *form = curl_mime_init(c->curl);
    add_field(form, "apiKey", API_KEY);
    add_field(form, "from", SENDER);
    add_field(form, "to", PHONE);
    set_up(curl_easy_setopt(c->curl, CURLOPT_MIMEPOST, form));
    perform(c);
    set_up(curl_easy_setopt(c->curl, CURLOPT_MIMEPOST, NULL));
    curl_mime_free(form);
}

/* Key and sender stay the same, so a careful program escapes only the phone number each time. */
static void call_urlencoded(struct client *c) {
    char fields[256];
    char *to = curl_easy_escape(c->curl, PHONE, 0);
    snprintf(fields, sizeof fields, "apiKey=" API_KEY "&from=" SENDER "&to=%s", to);
    curl_free(to);
    set_up(curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, fields));
    perform(c);
}

static void curl_call(void *client) {
    struct client *c = client;
    if (c->urlencoded) call_urlencoded(c);
    else call_multipart(c);
}

static void curl_close(void *client) {
    struct client *c = client;
    curl_easy_cleanup(c->curl);
    free(c);
}

int main(int argc, char **argv) {
    const struct peer peer = {curl_open, curl_call, curl_close, false};
    set_up(curl_global_init(CURL_GLOBAL_DEFAULT));
    return measure(argc, argv, &peer);
}
