/*
 * Makes a call that something goes wrong in, again and again, each time in a new process, and says
 * how it ended:
 *
 *     faulted send|check cold|warm [again]
 *
 * cold: with a client that is made for it. warm: on the connection of a Send before. again: in a
 * process that has had a client before, whose memory can be compared. Each line that it reads is a
 * fault, and answered by one line:
 *
 *     none                     every system call of the call, by number: calls<TAB>NUMBER ...
 *     system AT TIMES ERROR    the AT-th system call fails, and TIMES of its kind (see tracer.h)
 *     heap FROM UNTIL          the FROM-th allocation fails, and all that follow up to the UNTIL-th
 *
 *     ended<TAB>CODE<TAB>REACHED<TAB>MS<TAB>NEXT<TAB>OPEN<TAB>THREADS<TAB>PIECES<TAB>MET<TAB>NUMBER<TAB>SENTENCE
 *
 * with the milliseconds that the call took, the code of a Send after it without a fault, the
 * descriptors, threads and pieces of memory that are left at the end, how often the fault was met
 * and by which system call, and what the library said. Without a client the code is REFUSED. A
 * process that does not end by itself is `died<TAB>STATUS<TAB>MET<TAB>NUMBER`.
 *
 * The sender of the call, or its code, is F, that of any call before it W, of the one after it N.
 */
#include "host.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "heap.h"
#include "tracer.h"

#define TIMEOUT_MS 2000
/* A process that is stuck is ended after so many seconds. */
#define PATIENCE 20

struct scene {
    int is_check;
    int is_warm;
    int is_again;
};

/* What a child says, in memory that both processes have. */
struct outcome {
    int code;
    int reached;
    int next;
    int open;
    int threads;
    long pieces;
    /* How many allocations failed. */
    long failed;
    double took;
    char sentence[300];
};

static struct scene scene;
static struct outcome *said;
static int journal;

/* A host's log is a file; whether it can be written to is the host's affair. */
static void record(void *unused, int level, const char *message)
{
    ssize_t written = write(journal, message, strlen(message));
    (void)unused;
    (void)level;
    (void)written;
}

static verifysms_client *client_of_its_own(void)
{
    verifysms_client *client;
    verifysms_config *config = settings();
    if (config == NULL) {
        strcpy(said->sentence, "no memory for settings");
    }
    verifysms_config_set_timeout_ms(config, TIMEOUT_MS);
    verifysms_config_set_proxy(config, "");
    verifysms_config_set_log(config, record, NULL);
    client = verifysms_client_new(config);
    if (config != NULL && client == NULL) {
        verifysms_copy(verifysms_config_error(config), said->sentence, (int)sizeof said->sentence);
    }
    verifysms_config_free(config);
    return client;
}

static verifysms_result *call(verifysms_client *client, const char *tag)
{
    return scene.is_check ? verifysms_check(client, NUMBER, tag)
                          : verifysms_send_with(client, NUMBER, tag, NULL);
}

/* The life of a client. Between the marks things may go wrong in a call. */
static void live(const char *tag, void (*mark)(void))
{
    double begun;
    verifysms_result *result;
    verifysms_client *client = scene.is_warm ? client_of_its_own() : NULL;

    if (scene.is_warm && ended(verifysms_send_with(client, NUMBER, "W", NULL)) != VERIFYSMS_OK) {
        said->sentence[0] = '\0';
        strcat(said->sentence, "the call before failed");
    }
    mark();
    if (!scene.is_warm) {
        client = client_of_its_own();
    }
    begun = milliseconds();
    result = client == NULL ? NULL : call(client, tag);
    mark();
    said->took = milliseconds() - begun;
    said->code = client == NULL ? -1 : verifysms_result_code(result);
    said->reached = client == NULL ? VERIFYSMS_REACHED_NO : verifysms_result_reached(result);
    if (client == NULL) {
        client = client_of_its_own();
    } else {
        verifysms_copy(verifysms_result_message(result), said->sentence, (int)sizeof said->sentence);
    }
    verifysms_result_free(result);
    /* A lookup's thread that is still ending would keep the next one from its stack. */
    has_threads(1);
    /* A Send: a number is checked once over a connection. */
    said->next = ended(verifysms_send_with(client, NUMBER, "N", NULL));
    verifysms_client_free(client);
}

static void nothing(void)
{
}

static long heap_from;
static long heap_until;

/* The heap begins to fail, and ends to. */
static void starve(void)
{
    long now = atomic_load(&heap_asked);
    if (heap_from == 0) {
        atomic_store(&heap_fails_from, LONG_MAX);
        return;
    }
    atomic_store(&heap_fails_until, heap_until == 0 ? LONG_MAX : now + heap_until);
    atomic_store(&heap_fails_from, now + heap_from);
    heap_from = 0;
}

static void *meet(void *barrier)
{
    pthread_barrier_wait(barrier);
    return NULL;
}

/* glibc keeps the stacks of threads that have ended, and a piece of memory for each. Here are as many
 * as a call has lookups at once. */
static void keep_stacks(void)
{
    enum { AT_ONCE = 4, STACK = 2 << 20 };
    pthread_t threads[AT_ONCE];
    pthread_barrier_t barrier;
    pthread_attr_t attributes;
    int at;

    pthread_barrier_init(&barrier, NULL, AT_ONCE);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (at = 0; at < AT_ONCE; at++) {
        pthread_create(&threads[at], &attributes, meet, &barrier);
    }
    for (at = 0; at < AT_ONCE; at++) {
        pthread_join(threads[at], NULL);
    }
}

static void live_and_look(void (*mark)(void))
{
    long pieces;
    int open;

    alarm(PATIENCE);
    if (scene.is_again) {
        keep_stacks();
        live("W", nothing);
        has_threads(1);
    }
    open = entries("/proc/self/fd");
    pieces = atomic_load(&heap_live);
    live("F", mark);
    said->threads = has_threads(1) ? 0 : entries("/proc/self/task") - 1;
    said->open = entries("/proc/self/fd") - open;
    said->pieces = atomic_load(&heap_live) - pieces;
    said->failed = atomic_load(&heap_failed);
    _exit(EXIT_SUCCESS);
}

static void tell_calls(const struct trace *trace)
{
    long at;
    printf("calls\t");
    for (at = 0; at < trace->calls; at++) {
        printf("%ld ", trace->numbers[at]);
    }
    printf("\n");
}

static void tell(const struct trace *trace)
{
    if (!WIFEXITED(trace->status)) {
        printf("died\t%d\t%ld\t%ld\n", trace->status, trace->met, trace->number);
        return;
    }
    printf("ended\t%s\t%d\t%.0f\t%s\t%d\t%d\t%ld\t%ld\t%ld\t%s\n",
           said->code < 0 ? "REFUSED" : verifysms_code_name(said->code), said->reached, said->took,
           verifysms_code_name(said->next), said->open, said->threads, said->pieces, trace->met,
           trace->number, said->sentence);
}

/* A child whose system calls are followed. */
static struct trace traced(const struct fault *fault)
{
    pid_t child = fork();
    if (child == 0) {
        tracer_begin();
        live_and_look(tracer_mark);
    }
    return tracer_follow(child, fault);
}

/* A child whose heap runs out. */
static struct trace starved(long from, long until)
{
    struct trace trace = {0, {0}, 0, -1, 0};
    pid_t child = fork();
    if (child == 0) {
        heap_from = from;
        heap_until = until;
        live_and_look(starve);
    }
    waitpid(child, &trace.status, 0);
    trace.met = said->failed;
    return trace;
}

int main(int count, char **arguments)
{
    char line[200];
    int at;

    for (at = 1; at < count; at++) {
        scene.is_check |= strcmp(arguments[at], "check") == 0;
        scene.is_warm |= strcmp(arguments[at], "warm") == 0;
        scene.is_again |= strcmp(arguments[at], "again") == 0;
    }
    heap_begin();
    journal = open("/dev/null", O_WRONLY | O_CLOEXEC);
    said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    while (fgets(line, (int)sizeof line, stdin) != NULL) {
        static struct trace trace;
        struct fault fault = {-1, 0, EIO};
        long from;
        long until;

        memset(said, 0, sizeof *said);
        fflush(stdout);
        if (sscanf(line, "system %ld %ld %d", &fault.at, &fault.times, &fault.error) == 3) {
            trace = traced(&fault);
            tell(&trace);
        } else if (sscanf(line, "heap %ld %ld", &from, &until) == 2) {
            trace = starved(from, until);
            tell(&trace);
        } else {
            trace = traced(&fault);
            tell_calls(&trace);
        }
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
