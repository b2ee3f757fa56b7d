/*
 * Makes calls of every kind on threads whose stack is as small as the header allows, and says how much of
 * it each kind takes.
 */
#include "host.h"

#include <pthread.h>
#include <sys/mman.h>

/* What the header names. */
#define STACK ((size_t)64 * 1024)
/* What stays free of it: the library's next version may take a little more. */
#define MARGIN ((size_t)4 * 1024)
#define GUARD ((size_t)64 * 1024)
#define PAINT 0xa5

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

/* How much of its stack a thread takes that does this. */
static size_t taken(void *(*work)(void *))
{
    unsigned char *stack = mmap(NULL, GUARD + STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t unused = 0;
    pthread_attr_t attributes;
    pthread_t thread;

    stack += GUARD;
    mprotect(stack, STACK, PROT_READ | PROT_WRITE);
    memset(stack, PAINT, STACK);
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstack(&attributes, stack, STACK) == 0);
    CHECK(pthread_create(&thread, &attributes, work, NULL) == 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    while (unused < STACK && stack[unused] == PAINT) {
        unused++;
    }
    munmap(stack - GUARD, GUARD + STACK);
    return STACK - unused;
}

static void is_enough(const char *what, void *(*work)(void *))
{
    size_t size = taken(work);
    printf("%s: %lu bytes of stack\n", what, (unsigned long)size);
    CHECK(size <= STACK - MARGIN);
}

int main(void)
{
    alarm(60);
    is_enough("nothing", stay);
    is_enough("settings and client", make_client);
    is_enough("first call", send_code);
    is_enough("next call", send_code);
    is_enough("check", check_code);
    is_enough("no connection", miss_service);
    is_enough("end of a client", free_client);
    return checked();
}
