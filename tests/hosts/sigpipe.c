/*
 * Writes to a peer that closes, with SIGPIPE at its default disposition: the signal would end this
 * program. The peer answers the first bytes of a long request and is gone; the next ones have it reset
 * the connection, and the write after those meets that.
 */
#include "host.h"

#include <signal.h>

#define CALLS 10
/* More than a socket takes at once. */
#define MESSAGE (8 * 1024 * 1024)

/* Whether the peer provokes a SIGPIPE that ends a program which does not suppress it. */
static int ends_a_careless_program(int port)
{
    static char bytes[8192];
    struct sockaddr_in address;
    int status;
    int part;
    int fd;
    pid_t process = fork();

    if (process != 0) {
        waitpid(process, &status, 0);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE;
    }
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, bytes, 1, 0) != 1) {
        _exit(EXIT_FAILURE);
    }
    while (recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
    for (part = 0; part < 3; part++) {
        send(fd, bytes, sizeof bytes, 0);
    }
    _exit(EXIT_FAILURE);
}

int main(void)
{
    static char message[MESSAGE + 1];
    int call;
    verifysms_config *config = settings();
    verifysms_client *client;
    const char *port = strrchr(getenv("VERIFYSMS_URL"), ':');

    alarm(60);
    memset(message, 'x', sizeof message - 1);
    memcpy(message, "##code##", 8);
    CHECK(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
    CHECK(ends_a_careless_program(atoi(port + 1)));
    CHECK(verifysms_config_set_message(config, message) == VERIFYSMS_OK);
    client = client_of(config);
    for (call = 0; call < CALLS; call++) {
        verifysms_result *result = verifysms_send(client, NUMBER);
        int code = verifysms_result_code(result);
        CHECK(code == VERIFYSMS_CONNECTION_LOST);
        verifysms_result_free(result);
    }
    verifysms_client_free(client);
    return checked();
}
