/*
 * How much of the heap a client takes that has an open connection. malloc and its kin stand before those of
 * the C library, whichever it is, and count.
 */
#include "host.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdatomic.h>

static atomic_long kept;

/* The function that this one stands before. */
#define NEXT(function) \
    static __typeof__(&function) next; \
    if (next == NULL) { \
        *(void **)&next = dlsym(RTLD_NEXT, #function); \
    }

static void *taken(void *piece)
{
    kept += (long)malloc_usable_size(piece);
    return piece;
}

void *malloc(size_t size)
{
    NEXT(malloc)
    return taken(next(size));
}

void *calloc(size_t count, size_t size)
{
    NEXT(calloc)
    return taken(next(count, size));
}

void *realloc(void *old, size_t size)
{
    NEXT(realloc)
    kept -= (long)malloc_usable_size(old);
    return taken(next(old, size));
}

int posix_memalign(void **piece, size_t alignment, size_t size)
{
    NEXT(posix_memalign)
    int error = next(piece, alignment, size);
    if (error == 0) {
        taken(*piece);
    }
    return error;
}

void free(void *piece)
{
    NEXT(free)
    kept -= (long)malloc_usable_size(piece);
    next(piece);
}

int main(void)
{
    long before, with_client;
    verifysms_config *config;
    verifysms_client *client;
    /* The first settings of a process set the reserve aside. */
    verifysms_config_free(settings());
    before = kept;
    config = settings();
    verifysms_config_set_message(config, "##code##");
    client = client_of(config);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    with_client = kept;
    verifysms_client_free(client);
    printf("%ld bytes of heap\n", with_client - before);
    return checked();
}
