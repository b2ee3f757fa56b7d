/*
 * Calls that do not block: each one is made by a child process, which ends with it. For programs
 * with an event loop and without threads. POSIX of 1990, and nothing is allocated.
 */
#ifndef JOB_H
#define JOB_H

/* Settings; what is NULL or 0 is as the library has it by default. */
struct job_settings {
    const char *api_key;
    const char *sender;
    const char *message;
    const char *url;
    int timeout_ms;
};

/* How a call ended, in VERIFYSMS_ numbers of verifysms.h. */
struct job_outcome {
    int code;
    int reached;
    int reason;
    int status;
    char unique[32];
    char message[256];
};

struct job {
    int fd; /* to wait for until it can be read, with select() or poll() */
    long child;
    unsigned got;
    struct job_outcome outcome;
};

/* Starts a call: a check of what was typed, or a send if that is NULL. -1: errno says why not. */
int job_start(struct job *job, const struct job_settings *settings, const char *to, const char *typed);

/* To be called when fd can be read. 1: the call has ended and outcome is set; 0: not yet. */
int job_read(struct job *job);

#endif
