/*
 * The server every peer talks to: HTTP/1.1 keep-alive, plain or TLS 1.3, one ready-made answer to every POST.
 * In the quiet case a request costs it one epoll_wait, one read and one write, so that what is measured is the client.
 * It prints its port, serves until its standard input closes, and then prints what it saw.
 * Knows nothing of the peers.
 */
#include "common.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define JSON "{\"status\":\"OK\",\"unique\":\"" NO_ID "\",\"timestamp\":1600115719,\"from\":\"Acme\",\"reason\":1}"
#define HEAD "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n%s\r\n%s"
#define NO_ID "00000000"
#define ID_DIGITS ((int)sizeof NO_ID - 1)
#define MOST_LOOPS 16
#define MOST_GATHERED 16384

struct connection {
    SSL *tls;
    int fd;
    bool open;
    size_t filled;
    char buffer[4096];
    struct connection *later; /* the one that is answered after it */
    int64_t due;
};

static SSL_CTX *tls_context;
static int listener;
static int loops[MOST_LOOPS], loop_count = 1;
static bool close_after_reply;
static char reply[512];
static size_t reply_length, id_at;
static atomic_long requests, connections, resumed;

/* With --gather N a peer's first request is answered at once and its next N only when all of them wait: N connections are
 * then open at the same time. All that come later are answered at once, until the peer has closed its connections. */
static long gather, asked, open_connections;
static struct connection *gathered[MOST_GATHERED];

/* With --delay-ms N every answer comes so much later, in the order of the requests. */
static long delay_ms;
static struct connection *first_due, **last_due = &first_due;

/* The length of the request at the start of the buffer, 0 while it is incomplete. */
static size_t request_length(const char *buffer, size_t filled) {
    const char *end = memmem(buffer, filled, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t body = 0;
    for (const char *line = buffer; line < end; line = (const char *)memchr(line, '\n', (size_t)(end + 4 - line)) + 1)
        if (!strncasecmp(line, "content-length:", 15)) body = strtoul(line + 15, NULL, 10);
    size_t whole = (size_t)(end + 4 - buffer) + body;
    return whole <= filled ? whole : 0;
}

static void leave(struct connection *c) {
    if (c->tls) {
        SSL_shutdown(c->tls);
        SSL_free(c->tls);
    }
    close(c->fd);
    free(c);
    if (gather && !--open_connections) asked = 0;
}

/* Each answer has an id of its own, as the service's have. */
static void number_reply(char *numbered) {
    static atomic_uint answers;
    unsigned left = atomic_fetch_add(&answers, 1);
    memcpy(numbered, reply, reply_length);
    for (int at = ID_DIGITS - 1; at >= 0; at--, left /= 10) numbered[id_at + (size_t)at] = (char)('0' + left % 10);
}

static bool answer(struct connection *c) {
    char numbered[sizeof reply];
    number_reply(numbered);
    ssize_t sent = c->tls ? SSL_write(c->tls, numbered, (int)reply_length)
                          : send(c->fd, numbered, reply_length, MSG_NOSIGNAL);
    return sent == (ssize_t)reply_length && !close_after_reply;
}

/* False when the connection has to go. */
static bool take_request(struct connection *c) {
    atomic_fetch_add(&requests, 1);
    if (delay_ms) {
        c->due = now_ns() + delay_ms * 1000000;
        c->later = NULL;
        *last_due = c;
        last_due = &c->later;
        return true;
    }
    if (!gather) return answer(c);
    long waiting = asked++;
    if (waiting == 0 || waiting > gather) return answer(c);
    gathered[waiting - 1] = c;
    for (long i = 0; waiting == gather && i < gather; i++) need(answer(gathered[i]), "a gathered reply");
    return true;
}

/* Answers what is due, and says for how many milliseconds nothing is; -1: until something comes. */
static int answer_due(void) {
    while (first_due) {
        int64_t left = first_due->due - now_ns();
        if (left > 0) return (int)(left / 1000000) + 1;
        struct connection *c = first_due;
        first_due = c->later;
        if (!first_due) last_due = &first_due;
        answer(c);
    }
    return -1;
}

/* Bytes read, 0 when there are none yet, -1 when the connection is over. */
static ssize_t take_bytes(struct connection *c) {
    char *free_part = c->buffer + c->filled;
    size_t room = sizeof c->buffer - c->filled;
    if (!c->tls) {
        ssize_t got = recv(c->fd, free_part, room, 0);
        return got > 0 ? got : got < 0 && errno == EAGAIN ? 0 : -1;
    }
    int got = 1;
    if (!c->open) {
        got = SSL_accept(c->tls);
        if (got == 1) {
            c->open = true;
            atomic_fetch_add(&resumed, SSL_session_reused(c->tls));
        }
    }
    if (got == 1) got = SSL_read(c->tls, free_part, (int)room);
    return got > 0 ? got : SSL_get_error(c->tls, got) == SSL_ERROR_WANT_READ ? 0 : -1;
}

static bool serve(struct connection *c) {
    do {
        ssize_t got = take_bytes(c);
        if (got <= 0) return got == 0;
        c->filled += (size_t)got;
        size_t length = request_length(c->buffer, c->filled);
        if (length) {
            c->filled -= length;
            memmove(c->buffer, c->buffer + length, c->filled);
            if (!take_request(c)) return false;
        } else if (c->filled == sizeof c->buffer) {
            return false;
        }
    } while (c->tls && SSL_has_pending(c->tls));
    return true;
}

static void watch(int loop, int fd, void *whose) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = whose};
    need(!epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void welcome(void) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct connection *c = calloc(1, sizeof *c);
    need(c != NULL, "calloc");
    c->fd = fd;
    if (tls_context) {
        c->tls = SSL_new(tls_context);
        need(c->tls && SSL_set_fd(c->tls, fd), "SSL_new");
        SSL_set_accept_state(c->tls);
    }
    if (gather) open_connections++;
    watch(loops[atomic_fetch_add(&connections, 1) % loop_count], fd, c);
}

/* Only the first loop watches the listener and standard input; it returns when the latter closes. */
static void *run_loop(void *which) {
    struct epoll_event events[64];
    for (;;) {
        int count = epoll_wait(*(int *)which, events, 64, delay_ms ? answer_due() : -1);
        need(count >= 0 || errno == EINTR, "epoll_wait");
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) return NULL;
            if ((void *)c == &listener) welcome();
            else if (!serve(c)) leave(c);
        }
    }
}

static void use_tls(const char *certificate, const char *key) {
    tls_context = SSL_CTX_new(TLS_server_method());
    need(tls_context && SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION) &&
             SSL_CTX_use_certificate_chain_file(tls_context, certificate) == 1 &&
             SSL_CTX_use_PrivateKey_file(tls_context, key, SSL_FILETYPE_PEM) == 1,
         "certificate or key");
    SSL_CTX_set_read_ahead(tls_context, 1);
}

static int listen_on_loopback(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    need(listener >= 0 && !bind(listener, (struct sockaddr *)&address, size) && !listen(listener, 4096) &&
             !getsockname(listener, (struct sockaddr *)&address, &size),
         "listen");
    return ntohs(address.sin_port);
}

int main(int argc, char **argv) {
    const struct option names[] = {{"cpu", 1, 0, 'p'},  {"threads", 1, 0, 't'}, {"cert", 1, 0, 'c'}, {"key", 1, 0, 'k'},
                                   {"close", 0, 0, 'x'}, {"gather", 1, 0, 'g'},  {"delay-ms", 1, 0, 'd'}, {0}};
    const char *certificate = NULL, *key = NULL;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (option == 'p') pin((int)number(optarg));
        else if (option == 't') loop_count = (int)number(optarg);
        else if (option == 'c') certificate = optarg;
        else if (option == 'k') key = optarg;
        else if (option == 'x') close_after_reply = true;
        else if (option == 'g') gather = number(optarg);
        else if (option == 'd') delay_ms = number(optarg);
        else return 2;
    }
    need(loop_count >= 1 && loop_count <= MOST_LOOPS, "--threads");
    need(!delay_ms || (loop_count == 1 && !close_after_reply), "--delay-ms");
    need(gather >= 0 && gather <= MOST_GATHERED && (!gather || loop_count == 1), "--gather");
    signal(SIGPIPE, SIG_IGN);
    want_descriptors();
    if (certificate && key) use_tls(certificate, key);
    reply_length = (size_t)snprintf(reply, sizeof reply, HEAD, strlen(JSON),
                                    close_after_reply ? "connection: close\r\n" : "", JSON);
    id_at = (size_t)(strstr(reply, NO_ID) - reply);

    int port = listen_on_loopback();
    for (int i = 0; i < loop_count; i++) need((loops[i] = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
    watch(loops[0], listener, &listener);
    watch(loops[0], STDIN_FILENO, NULL);
    for (int i = 1; i < loop_count; i++) {
        pthread_t thread;
        need(!pthread_create(&thread, NULL, run_loop, &loops[i]), "pthread_create");
    }
    printf("%d\n", port);
    fflush(stdout);
    run_loop(&loops[0]);
    printf("{\"requests\":%ld,\"connections\":%ld,\"resumed\":%ld}\n", requests, connections, resumed);
    fflush(stdout);
    _exit(0);
}
