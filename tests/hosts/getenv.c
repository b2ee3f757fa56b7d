/*
 * Preloaded before the C library: writes the name of each variable that is asked for to the file
 * that GETENV_LOG names, then answers as ever.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static char *find(const char *name)
{
    size_t length = strlen(name);
    char **at;
    for (at = environ; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, length) == 0 && (*at)[length] == '=') {
            return *at + length + 1;
        }
    }
    return NULL;
}

char *getenv(const char *name)
{
    const char *path = find("GETENV_LOG");
    int file = path == NULL ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) {
        if (write(file, name, strlen(name)) >= 0 && write(file, "\n", 1) >= 0) {
            close(file);
        }
    }
    return find(name);
}

char *secure_getenv(const char *name)
{
    return getenv(name);
}
