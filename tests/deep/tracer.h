/*
 * Has one system call of a child process fail, or move a single byte only. The child says with two
 * marks between which of its calls that may happen. Linux on x86-64.
 */
#ifndef TRACER_H
#define TRACER_H

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS_MOST 64

/* What is to go wrong. */
struct fault {
    /* The first call that it meets, counted from 1 in all threads together; 0: every one. */
    long at;
    /* How many calls of the same number it meets from there on. */
    long times;
    /* The error; 0: a read or a write of one byte. */
    int error;
};

/* What was seen. */
struct trace {
    /* How many calls there were between the marks, and the number of each. */
    long calls;
    long numbers[4096];
    /* How many of them were made to fail. */
    long met;
    /* The number of the first of these, or -1. */
    long number;
    /* The child's end, as wait() tells it. */
    int status;
};

/* In the child: may be traced from here on. */
static void tracer_begin(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    syscall(SYS_tgkill, getpid(), gettid(), SIGSTOP);
}

/* In the child: from here on calls may fail, or no longer. */
static void tracer_mark(void)
{
    syscall(SYS_tgkill, getpid(), gettid(), SIGSTOP);
}

/* Calls that cannot fail, whose failure makes the C library abort, or which are the marks. */
static int tracer_spares(long number)
{
    switch (number) {
    case SYS_exit:
    case SYS_exit_group:
    case SYS_futex:
    case SYS_getpid:
    case SYS_gettid:
    case SYS_restart_syscall:
    case SYS_rseq:
    case SYS_rt_sigprocmask:
    case SYS_rt_sigreturn:
    case SYS_sched_yield:
    case SYS_set_robust_list:
    case SYS_set_tid_address:
    case SYS_tgkill:
        return 1;
    default:
        return 0;
    }
}

/* Whether the third argument of a call is how many bytes it moves. */
static int tracer_moves(long number)
{
    return number == SYS_read || number == SYS_write || number == SYS_recvfrom || number == SYS_sendto;
}

static int tracer_meets(const struct fault *fault, const struct trace *trace, long number)
{
    if (fault->error == 0 && !tracer_moves(number)) {
        return 0;
    }
    if (fault->at == 0 || trace->calls == fault->at) {
        return 1;
    }
    return trace->calls > fault->at && number == trace->number && trace->met < fault->times;
}

/* A thread, and the call that it is in. */
struct traced {
    pid_t thread;
    int is_inside;
    /* Whether the fault meets the call. */
    int is_met;
    /* The call's third argument, as the thread gave it. */
    unsigned long long third;
};

/* A thread is about to make a call. */
static void tracer_entry(const struct fault *fault, struct trace *trace, struct traced *traced)
{
    struct user_regs_struct registers;
    long number;

    ptrace(PTRACE_GETREGS, traced->thread, NULL, &registers);
    number = (long)registers.orig_rax;
    if (tracer_spares(number)) {
        return;
    }
    if ((size_t)trace->calls < sizeof trace->numbers / sizeof *trace->numbers) {
        trace->numbers[trace->calls] = number;
    }
    trace->calls++;
    if (!tracer_meets(fault, trace, number)) {
        return;
    }
    if (trace->met++ == 0) {
        trace->number = number;
    }
    traced->is_met = 1;
    traced->third = registers.rdx;
    if (fault->error == 0) {
        registers.rdx = registers.rdx > 1 ? 1 : registers.rdx;
    } else if (number != SYS_close) {
        /* No such call. A descriptor is closed, whatever close() says of it. */
        registers.orig_rax = (unsigned long long)-1;
    }
    ptrace(PTRACE_SETREGS, traced->thread, NULL, &registers);
}

/* The call is over. But for its answer the thread finds all as it was. */
static void tracer_exit(const struct fault *fault, struct traced *traced)
{
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, traced->thread, NULL, &registers);
    registers.rdx = traced->third;
    if (fault->error != 0) {
        registers.rax = (unsigned long long)-fault->error;
    }
    ptrace(PTRACE_SETREGS, traced->thread, NULL, &registers);
    traced->is_met = 0;
}

/* Follows a child that has begun with tracer_begin() to its end. */
static struct trace tracer_follow(pid_t child, const struct fault *fault)
{
    struct traced threads[THREADS_MOST];
    static struct trace trace;
    struct __ptrace_syscall_info info;
    int is_watching = 0;
    int marks = 0;
    int status;

    memset(threads, 0, sizeof threads);
    memset(&trace, 0, sizeof trace);
    trace.number = -1;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, NULL,
           PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, child, NULL, NULL);
    for (;;) {
        int at = 0;
        int signal = 0;
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0) {
            return trace;
        }
        if (!WIFSTOPPED(status)) {
            if (thread == child) {
                trace.status = status;
            }
            continue;
        }
        while (at < THREADS_MOST - 1 && threads[at].thread != thread && threads[at].thread != 0) {
            at++;
        }
        threads[at].thread = thread;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
            threads[at].is_inside = info.op == PTRACE_SYSCALL_INFO_ENTRY;
            if (threads[at].is_inside && is_watching) {
                tracer_entry(fault, &trace, &threads[at]);
            } else if (threads[at].is_met) {
                tracer_exit(fault, &threads[at]);
            }
        } else if (WSTOPSIG(status) == SIGSTOP && thread == child) {
            is_watching = ++marks == 1;
        } else if (WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP) {
            signal = WSTOPSIG(status);
        }
        /* A call that has begun is followed to its end. */
        ptrace(is_watching || threads[at].is_inside ? PTRACE_SYSCALL : PTRACE_CONT, thread, NULL, signal);
    }
}

#endif
