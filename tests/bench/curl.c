/*
 * The peer people have: libcurl's easy interface, as form-data or urlencoded.
 */
#include "curl.h"

static CURLcode call_multipart(struct client *c, const char *to, const char *last, const char *value) {
    fill_in(c, to, last, value);
    CURLcode code = curl_easy_perform(c->curl);
    throw_away(c);
    return code;
}

/* Key and sender stay the same, so a careful program escapes only the phone number each time. */
static CURLcode call_urlencoded(struct client *c) {
    char fields[256];
    char *to = curl_easy_escape(c->curl, PHONE, 0);
    snprintf(fields, sizeof fields, "apiKey=" API_KEY "&from=" SENDER "&to=%s", to);
    curl_free(to);
    set_up(curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, fields));
    c->filled = 0;
    return curl_easy_perform(c->curl);
}

static void curl_call(void *client) {
    struct client *c = client;
    set_up(c->urlencoded ? call_urlencoded(c) : call_multipart(c, PHONE, "from", SENDER));
    look_for_ok(c);
}

/* A first connection is opened by the first call: libcurl has nothing for a handle that is then used. */
static struct outcome curl_step(void *client, const char *step, const char *to, const char *code) {
    if (!strcmp(step, "connect")) return (struct outcome){"no such function", -1};
    bool check = !strcmp(step, "check");
    CURLcode ended = call_multipart(client, to, check ? "code" : "from", check ? code : SENDER);
    return (struct outcome){ended == CURLE_OK ? "OK" : curl_easy_strerror(ended), -1};
}

int main(int argc, char **argv) {
    const struct peer peer = {curl_open, curl_call, curl_close, false, curl_step, NULL};
    set_up(curl_global_init(CURL_GLOBAL_DEFAULT));
    return measure(argc, argv, &peer);
}
