/*
 * malloc and its kin before those of the C library: they count allocations, and can make them fail.
 * Included by one file of a program.
 *
 * It runs out for all that ask in the program's own threads. In a thread that the library starts to
 * look a name up in, it runs out for the library and not for the C library: no program can keep glibc
 * from ending the process, or from leaving a lock locked, when its lookup gets no memory.
 */
#ifndef HEAP_H
#define HEAP_H

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *piece);

/* How many pieces of memory are in use. */
static atomic_long heap_live;
/* How many allocations there have been. */
static atomic_long heap_asked;
/* How many of them failed. */
static atomic_long heap_failed;
/* The first allocation that fails, and the first that does not fail any more. */
static atomic_long heap_fails_from = LONG_MAX;
static atomic_long heap_fails_until = LONG_MAX;

/* Where the library's code begins and ends. */
static uintptr_t heap_code;
static uintptr_t heap_code_end;
/* Whether a thread is one of the program's own. */
static __thread int heap_is_own;

static int heap_find_code(struct dl_phdr_info *object, size_t size, void *unused)
{
    int at;
    (void)size;
    (void)unused;
    for (at = 0; strstr(object->dlpi_name, "libverifysms") != NULL && at < object->dlpi_phnum; at++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[at];
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0) {
            heap_code = object->dlpi_addr + header->p_vaddr;
            heap_code_end = heap_code + header->p_memsz;
        }
    }
    return 0;
}

/* Begins to tell the library from others; in the program's first thread. */
static inline void heap_begin(void)
{
    heap_is_own = 1;
    dl_iterate_phdr(heap_find_code, NULL);
}

static int heap_fails(void *caller)
{
    long asked;
    if (!heap_is_own && ((uintptr_t)caller < heap_code || (uintptr_t)caller >= heap_code_end)) {
        return 0;
    }
    asked = atomic_fetch_add(&heap_asked, 1) + 1;
    if (asked < atomic_load(&heap_fails_from) || asked >= atomic_load(&heap_fails_until)) {
        return 0;
    }
    atomic_fetch_add(&heap_failed, 1);
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
    return heap_fails(__builtin_return_address(0)) ? NULL : heap_given(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return heap_fails(__builtin_return_address(0)) ? NULL : heap_given(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    void *piece;
    if (heap_fails(__builtin_return_address(0))) {
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
    return heap_fails(__builtin_return_address(0)) ? NULL : heap_given(__libc_memalign(alignment, size));
}

int posix_memalign(void **piece, size_t alignment, size_t size)
{
    if (heap_fails(__builtin_return_address(0))) {
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
