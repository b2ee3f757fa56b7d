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

/* How a call ended. */
struct job_outcome {
    int verified; /* 1 after a check whose code was right; 0 after all else */
    int code;     /* VERIFYSMS_ numbers of verifysms.h */
    int reached;
    int reason;
    int status;
    char to[16]; /* the number in the service's form */
    char unique[32];
    char message[256];
};

struct job {
    int fd; /* to wait for until it can be read, with select() or poll() */
    long child;
    unsigned got;
    struct job_outcome storage; /* what job_read() answers, and nothing before */
};

/* Start a call. -1: errno says why not. */
int job_send(struct job *job, const struct job_settings *settings, const char *to);
int job_check(struct job *job, const struct job_settings *settings, const char *to, const char *typed);

/* To be called when fd can be read. How the call ended, until the job starts another; NULL: it has not. */
const struct job_outcome *job_read(struct job *job);

#endif
