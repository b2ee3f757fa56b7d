/*
 * The peer nobody can beat: a ready-made request, one send, one recv, no parsing beyond the word OK.
 * Over TLS the same with OpenSSL. Knows nothing of libraries for HTTP.
 */
#include "common.h"
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOUNDARY "vs0123456789abcdef0123456789abcdef"
#define PART(name, value) "--" BOUNDARY "\r\ncontent-disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define BODY PART("apiKey", API_KEY) PART("from", SENDER) PART("to", PHONE) "--" BOUNDARY "--\r\n"
#define HEAD                                                                                                      \
    "POST " PATH " HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nuser-agent: bare/1.0.0\r\naccept: */*\r\n"                   \
    "content-type: multipart/form-data; boundary=" BOUNDARY "\r\ncontent-length: %zu\r\n\r\n%s"

struct client {
    int fd;
    SSL_CTX *context;
    SSL *tls;
    int length;
    char request[1024];
};

static void *bare_open(const struct options *options) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)options->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    struct client *c = calloc(1, sizeof *c);
    need(c != NULL, "calloc");
    c->length = snprintf(c->request, sizeof c->request, HEAD, options->port, sizeof BODY - 1, BODY);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(c->fd >= 0 && !connect(c->fd, (struct sockaddr *)&address, sizeof address), "connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (options->ca_file) {
        c->context = SSL_CTX_new(TLS_client_method());
        need(c->context && SSL_CTX_load_verify_locations(c->context, options->ca_file, NULL) == 1, options->ca_file);
        SSL_CTX_set_verify(c->context, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_read_ahead(c->context, 1);
        c->tls = SSL_new(c->context);
        need(c->tls && SSL_set_fd(c->tls, c->fd) && SSL_connect(c->tls) == 1, "SSL_connect");
    }
    return c;
}

static void bare_call(void *client) {
    struct client *c = client;
    char reply[1024];
    ssize_t sent = c->tls ? SSL_write(c->tls, c->request, c->length)
                          : send(c->fd, c->request, (size_t)c->length, MSG_NOSIGNAL);
    need(sent == c->length, "send");
    ssize_t got = c->tls ? SSL_read(c->tls, reply, sizeof reply) : recv(c->fd, reply, sizeof reply, 0);
    need(got > 0 && memmem(reply, (size_t)got, "\"OK\"", 4) != NULL, "reply");
}

static void bare_close(void *client) {
    struct client *c = client;
    if (c->tls) {
        SSL_shutdown(c->tls);
        SSL_free(c->tls);
        SSL_CTX_free(c->context);
    }
    close(c->fd);
    free(c);
}

int main(int argc, char **argv) {
    const struct peer peer = {bare_open, bare_call, bare_close, false, NULL, NULL};
    return measure(argc, argv, &peer);
}
