/*
 * Loads the library, makes a call and unloads it, a hundred times.
 */
#include <verifysms.h>

#include <dlfcn.h>

#include "host.h"

#define LOADS 100

/* How many pieces of memory belong to the library. */
static int mapped(void)
{
    char line[512];
    int count = 0;
    FILE *file = fopen("/proc/self/maps", "re");
    while (fgets(line, (int)sizeof line, file) != NULL) {
        count += strstr(line, "libverifysms") != NULL;
    }
    fclose(file);
    return count;
}

/* ISO C knows no way from an object pointer to a function; POSIX does. */
#define FIND(library, name)                                \
    do {                                                   \
        *(void **)&name = dlsym(library, "verifysms_" #name); \
        CHECK(name != NULL);                               \
    } while (0)

static int load(const char *path)
{
    verifysms_config *(*config_new)(const char *);
    int (*config_set_sender)(verifysms_config *, const char *);
    int (*config_set_url)(verifysms_config *, const char *);
    void (*config_free)(verifysms_config *);
    verifysms_client *(*client_new)(verifysms_config *);
    void (*client_free)(verifysms_client *);
    verifysms_result *(*send)(verifysms_client *, const char *);
    int (*result_code)(const verifysms_result *);
    void (*result_free)(verifysms_result *);
    verifysms_config *config;
    verifysms_client *client;
    verifysms_result *result;
    int code;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    CHECK(library != NULL);
    FIND(library, config_new);
    FIND(library, config_set_sender);
    FIND(library, config_set_url);
    FIND(library, config_free);
    FIND(library, client_new);
    FIND(library, client_free);
    FIND(library, send);
    FIND(library, result_code);
    FIND(library, result_free);
    config = config_new(getenv("VERIFYSMS_API_KEY"));
    config_set_sender(config, "Acme");
    config_set_url(config, getenv("VERIFYSMS_URL"));
    client = client_new(config);
    config_free(config);
    result = send(client, NUMBER);
    code = result_code(result);
    result_free(result);
    client_free(client);
    CHECK(dlclose(library) == 0);
    return code;
}

int main(int count, char **arguments)
{
    int open = entries("/proc/self/fd");
    int at;
    int pieces;

    CHECK(count == 2);
    CHECK(mapped() == 0);
    CHECK(load(arguments[1]) == VERIFYSMS_OK);
    pieces = mapped();
    for (at = 1; at < LOADS; at++) {
        CHECK(load(arguments[1]) == VERIFYSMS_OK);
    }
    CHECK(mapped() == pieces);
    CHECK(has_threads(1));
    CHECK(entries("/proc/self/fd") == open);
    return checked();
}
