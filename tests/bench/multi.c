/*
 * libcurl's multi interface with epoll: one thread, a handle for each call that is under way.
 */
#include "curl.h"

#include <sys/epoll.h>
#include <unistd.h>

struct fleet {
    CURLM *multi;
    int epoll, count;
    long timeout_ms;
    struct client **clients;
};

static void fine(CURLMcode code) {
    if (code != CURLM_OK) die(curl_multi_strerror(code));
}

static int watch(CURL *curl, curl_socket_t socket, int what, void *fleet, void *watched) {
    struct fleet *f = fleet;
    struct epoll_event event = {.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u),
                                .data.fd = socket};
    (void)curl;
    if (what == CURL_POLL_REMOVE) return epoll_ctl(f->epoll, EPOLL_CTL_DEL, socket, NULL), 0;
    need(!epoll_ctl(f->epoll, watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
    fine(curl_multi_assign(f->multi, socket, f));
    return 0;
}

static int set_timeout(CURLM *multi, long timeout_ms, void *fleet) {
    (void)multi;
    ((struct fleet *)fleet)->timeout_ms = timeout_ms;
    return 0;
}

static void *multi_open(const struct options *options) {
    struct fleet *f = calloc(1, sizeof *f);
    need(f && (f->multi = curl_multi_init()) && (f->epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0, "curl_multi_init");
    f->count = options->threads;
    need((f->clients = calloc((size_t)f->count, sizeof(struct client *))) != NULL, "calloc");
    for (int i = 0; i < f->count; i++) {
        f->clients[i] = curl_open(options);
        set_up(curl_easy_setopt(f->clients[i]->curl, CURLOPT_PRIVATE, f->clients[i]));
    }
    fine(curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, watch));
    fine(curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f));
    fine(curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, set_timeout));
    fine(curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f));
    fine(curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)f->count));
    return f;
}

static void start(struct fleet *f, struct client *c) {
    fill_in(c, PHONE, "from", SENDER);
    fine(curl_multi_add_handle(f->multi, c->curl));
}

static struct client *ended(struct fleet *f) {
    int left;
    CURLMsg *message = curl_multi_info_read(f->multi, &left);
    if (!message) return NULL;
    struct client *c;
    set_up(message->data.result);
    set_up(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c));
    fine(curl_multi_remove_handle(f->multi, c->curl));
    throw_away(c);
    look_for_ok(c);
    return c;
}

static void multi_flight(void *fleet, long calls) {
    struct fleet *f = fleet;
    struct epoll_event events[256];
    long left = calls, started = 0;
    int running;
    while (started < f->count && started < calls) start(f, f->clients[started++]);
    while (left) {
        int count = epoll_wait(f->epoll, events, 256, (int)f->timeout_ms);
        need(count >= 0, "epoll_wait");
        if (!count) fine(curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running));
        for (int i = 0; i < count; i++) {
            int mask = (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0) |
                       (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
            fine(curl_multi_socket_action(f->multi, events[i].data.fd, mask, &running));
        }
        for (struct client *c; (c = ended(f)) != NULL; left--)
            if (started < calls) started++, start(f, c);
    }
}

static void multi_close(void *fleet) {
    struct fleet *f = fleet;
    for (int i = 0; i < f->count; i++) curl_close(f->clients[i]);
    curl_multi_cleanup(f->multi);
    close(f->epoll);
    free(f->clients);
    free(f);
}

int main(int argc, char **argv) {
    const struct peer peer = {multi_open, NULL, multi_close, false, NULL, multi_flight};
    set_up(curl_global_init(CURL_GLOBAL_DEFAULT));
    return measure(argc, argv, &peer);
}
