/*
 * Makes calls of every kind on threads whose stack is as small as the header allows, and says how much of
 * it each kind takes. What a call on an open connection took has to be wiped, to the deepest byte.
 */
#include "host.h"

#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>

/* What the header names. */
#define STACK ((size_t)64 * 1024)
/* The least that the system gives a thread: more than that on some machines. */
#define LEAST ((size_t)PTHREAD_STACK_MIN > STACK ? (size_t)PTHREAD_STACK_MIN : STACK)
/* What stays free of it: the library's next version may take a little more. */
#define MARGIN ((size_t)4 * 1024)
#define GUARD ((size_t)64 * 1024)
#define PAINT 0xa5
/* No frame has so many zeros of its own: they are what was wiped. */
#define WIPED 4096
/* Below it are the frames of those that wipe. */
#define WIPER 64

static verifysms_client *client;

static void *stay(void *unused)
{
    return unused;
}

/* The settings of a host, which may go through the proxy at PROXY. */
static verifysms_config *proxied_settings(void)
{
    verifysms_config *config = settings();
    verifysms_config_set_proxy(config, getenv("PROXY"));
    return config;
}

static void *make_client(void *unused)
{
    verifysms_config *config = proxied_settings();
    (void)unused;
    verifysms_config_set_timeout_ms(config, 10000);
    verifysms_config_set_message(config, "##code##");
    client = client_of(config);
    CHECK(client != NULL);
    return NULL;
}

static void *send_code(void *unused)
{
    verifysms_result *result = verifysms_send(client, NUMBER);
    int is_sent = verifysms_result_code(result) == VERIFYSMS_OK;
    (void)unused;
    CHECK(is_sent);
    if (!is_sent) {
        printf("%s\n", verifysms_result_message(result));
    }
    verifysms_result_free(result);
    return NULL;
}

static void *check_code(void *unused)
{
    (void)unused;
    CHECK(ended(verifysms_check(client, NUMBER, "987654321")) == VERIFYSMS_NOT_VERIFIED);
    return NULL;
}

static void *miss_service(void *unused)
{
    verifysms_config *config = proxied_settings();
    verifysms_client *stranger;
    verifysms_result *result;
    (void)unused;
    verifysms_config_set_url(config, "https://127.0.0.1:1/");
    verifysms_config_set_timeout_ms(config, 200);
    stranger = client_of(config);
    result = verifysms_send(stranger, NUMBER);
    CHECK(verifysms_result_reached(result) == VERIFYSMS_REACHED_NO);
    CHECK(strlen(verifysms_result_message(result)) > 0);
    verifysms_result_free(result);
    verifysms_client_free(stranger);
    return NULL;
}

static void *free_client(void *unused)
{
    (void)unused;
    verifysms_client_free(client);
    return NULL;
}

/* How much a thread took of its stack, and how much of that lies below what was wiped. */
struct use {
    size_t taken, below;
};

static struct use look(const unsigned char *stack)
{
    struct use use;
    size_t size = LEAST, unused = 0, at, zeros = 0;
    while (unused < size && stack[unused] == PAINT) {
        unused++;
    }
    for (at = unused; at < size && zeros < WIPED; at++) {
        zeros = stack[at] == 0 ? zeros + 1 : 0;
    }
    use.taken = size - unused;
    use.below = at - zeros - unused;
    return use;
}

static struct use use_of(void *(*work)(void *))
{
    size_t size = LEAST;
    /* Shared: an older glibc empties a private one when its thread ends. */
    unsigned char *stack = mmap(NULL, GUARD + size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct use use;
    pthread_attr_t attributes;
    pthread_t thread;

    stack += GUARD;
    mprotect(stack, size, PROT_READ | PROT_WRITE);
    memset(stack, PAINT, size);
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstack(&attributes, stack, size) == 0);
    CHECK(pthread_create(&thread, &attributes, work, NULL) == 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    use = look(stack);
    munmap(stack - GUARD, GUARD + size);
    return use;
}

static size_t is_enough(const char *what, void *(*work)(void *))
{
    struct use use = use_of(work);
    printf("%s: %lu bytes of stack\n", what, (unsigned long)use.taken);
    CHECK(use.taken <= STACK - MARGIN);
    return use.below;
}

static void is_wiped(const char *what, void *(*work)(void *))
{
    CHECK(is_enough(what, work) <= WIPER);
}

int main(void)
{
    alarm(60);
    is_enough("nothing", stay);
    is_enough("settings and client", make_client);
    is_enough("first call", send_code);
    is_wiped("next call", send_code);
    is_wiped("check", check_code);
    is_enough("no connection", miss_service);
    is_enough("end of a client", free_client);
    return checked();
}
