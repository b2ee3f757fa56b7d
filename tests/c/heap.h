/*
 * A heap that is counted, and that can run out: before the C library's own functions, which it asks.
 * Included by one file of a program. Knows nothing of who allocates.
 */
#ifndef HEAP_H
#define HEAP_H

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *piece);

/* How many pieces of memory are in use. */
static atomic_long heap_live;
/* How many allocations there have been. */
static atomic_long heap_asked;
/* The first allocation that fails, and the first that does not fail any more. */
static atomic_long heap_fails_from = LONG_MAX;
static atomic_long heap_fails_until = LONG_MAX;

static int heap_fails(void)
{
    long asked = atomic_fetch_add(&heap_asked, 1) + 1;
    if (asked < atomic_load(&heap_fails_from) || asked >= atomic_load(&heap_fails_until)) {
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

static void *heap_given(void *piece)
{
    if (piece != NULL) {
        atomic_fetch_add(&heap_live, 1);
    }
    return piece;
}

void *malloc(size_t size)
{
    return heap_fails() ? NULL : heap_given(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return heap_fails() ? NULL : heap_given(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    void *piece;
    if (heap_fails()) {
        return NULL;
    }
    piece = __libc_realloc(old, size);
    if (old == NULL) {
        heap_given(piece);
    } else if (size == 0) {
        atomic_fetch_sub(&heap_live, 1);
    }
    return piece;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return heap_fails() ? NULL : heap_given(__libc_memalign(alignment, size));
}

int posix_memalign(void **piece, size_t alignment, size_t size)
{
    if (heap_fails()) {
        return ENOMEM;
    }
    *piece = heap_given(__libc_memalign(alignment, size));
    return *piece == NULL ? ENOMEM : 0;
}

void free(void *piece)
{
    if (piece != NULL) {
        atomic_fetch_sub(&heap_live, 1);
    }
    __libc_free(piece);
}

#endif
