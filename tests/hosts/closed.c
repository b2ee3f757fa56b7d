/*
 * A program that closed its standard descriptors, as daemons do, and prints all the same. What it
 * prints must not go to the service.
 */
#include "host.h"

#include <fcntl.h>

#define SAVED 100
#define CALLS 3
#define ALL 7

/* Prints and writes. Answers how many of these went anywhere. */
static int print(void)
{
    static const char text[] = "of the host's own\n";
    int count = 0;
    int fd;
    printf("%s", text);
    count += fflush(stdout) == 0;
    clearerr(stdout);
    fprintf(stderr, "%s", text);
    for (fd = 0; fd <= 2; fd++) {
        count += write(fd, text, sizeof text - 1) > 0;
    }
    return count;
}

/* Makes calls while some standard descriptors are closed: bit 0 of `which` for stdin, and so on. */
static void the_standard_descriptors_stay_closed(int which)
{
    verifysms_client *client = client_of(settings());
    int answered = 0;
    int opened = 0;
    int printed = 0;
    int call;
    int fd;

    for (fd = 0; fd <= 2; fd++) {
        CHECK(fcntl(fd, F_DUPFD, SAVED + fd) >= SAVED);
        if (which >> fd & 1) {
            close(fd);
        }
    }
    for (call = 0; call < CALLS; call++) {
        answered += ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK;
        for (fd = 0; fd <= 2; fd++) {
            opened += (which >> fd & 1) && fcntl(fd, F_GETFD) >= 0;
        }
        printed += which == ALL ? print() : 0;
    }
    for (fd = 0; fd <= 2; fd++) {
        dup2(SAVED + fd, fd);
        close(SAVED + fd);
    }
    CHECK(answered == CALLS);
    CHECK(opened == 0);
    CHECK(printed == 0);
    verifysms_client_free(client);
}

int main(void)
{
    int which;
    alarm(60);
    for (which = 1; which <= ALL; which++) {
        the_standard_descriptors_stay_closed(which);
    }
    return checked();
}
