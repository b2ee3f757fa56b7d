/*
 * The measurements, the same for every peer: time and allocations of a call, memory of waiting calls and of idle
 * connections, memory after many calls, the cost of a client, calls that are under way together, the steps of a sign-up.
 * Each prints one line of JSON, the last a line for each step. Knows nothing of HTTP or of any library.
 */
#include "peer.h"

#include "common.h"

#include <dirent.h>
#include <dlfcn.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_THREADS 1024
#define STACK_USED_BY_A_CALL (256 * 1024)
#define CALLS_BEFORE_GROWTH 1000
#define WAITING_SECONDS 3

struct run {
    const struct peer *peer;
    const struct options *options;
    void *shared_client;
    pthread_barrier_t barrier;
    atomic_long next;
    int64_t *took;
};

static int64_t cpu_ns(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    int64_t seconds = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
    return (seconds * 1000000 + used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000;
}

/* smaps_rollup counts pages; the counters in statm are allowed to be off by dozens of pages. */
static long rss_kb(void) {
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    need(file != NULL, "smaps_rollup");
    while (kb < 0 && fgets(line, sizeof line, file)) sscanf(line, "Rss: %ld", &kb);
    fclose(file);
    return kb;
}

static long open_descriptors(void) {
    long count = 0;
    DIR *all = opendir("/proc/self/fd");
    need(all != NULL, "/proc/self/fd");
    while (readdir(all)) count++;
    closedir(all);
    return count;
}

/* The count of allocations so far, -1 unless count.c is preloaded. */
static long allocations(void) {
    long (*count)(void);
    *(void **)&count = dlsym(RTLD_DEFAULT, "bench_allocations");
    return count ? count() : -1;
}

/* A system call nobody else makes: the driver counts what strace shows between two of them. */
static void mark(void) { syscall(SYS_getppid); }

static int by_size(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static int64_t median(int64_t *values, long count) {
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[count / 2];
}

static void *open_client(struct run *run) {
    return run->shared_client ? run->shared_client : run->peer->open(run->options);
}

static void close_client(struct run *run, void *client) {
    if (client != run->shared_client) run->peer->close(client);
}

static void start_threads(struct run *run, void *(*work)(void *), pthread_t *threads, int count, int meeting) {
    need(!pthread_barrier_init(&run->barrier, NULL, (unsigned)meeting), "pthread_barrier_init");
    for (int i = 0; i < count; i++) need(!pthread_create(&threads[i], NULL, work, run), "pthread_create");
}

static void join_threads(pthread_t *threads, int count) {
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
}

static void call_fresh(struct run *run) {
    void *client = run->peer->open(run->options);
    run->peer->call(client);
    run->peer->close(client);
}

/* Each call takes a ticket, so that all threads are busy until the last one is drawn. */
static void draw_calls(struct run *run, void *client, long until) {
    int64_t before = now_ns();
    for (long ticket; (ticket = atomic_fetch_add(&run->next, 1)) < until;) {
        if (run->options->fresh) call_fresh(run);
        else run->peer->call(client);
        int64_t after = now_ns();
        run->took[ticket] = after - before;
        before = after;
    }
}

struct figures {
    int64_t wall, cpu;
    long allocations;
};

static struct figures read_figures(void) {
    return (struct figures){now_ns(), cpu_ns(), allocations()};
}

/* All threads do this, the main thread with somewhere to put the figures: one thread is a program without threads. */
static void timed_calls(struct run *run, struct figures *figures) {
    void *client = open_client(run);
    for (long i = 0; i < run->options->warmup; i++) run->peer->call(client);
    pthread_barrier_wait(&run->barrier);
    if (figures) {
        figures[0] = read_figures();
        mark();
    }
    pthread_barrier_wait(&run->barrier);
    draw_calls(run, client, run->options->calls);
    pthread_barrier_wait(&run->barrier);
    if (figures) {
        mark();
        figures[1] = read_figures();
    }
    close_client(run, client);
}

static void *timed_thread(void *run) {
    timed_calls(run, NULL);
    return NULL;
}

static void measure_time(struct run *run) {
    const struct options *o = run->options;
    struct figures figures[2];
    pthread_t threads[MOST_THREADS];
    run->took = malloc((size_t)o->calls * sizeof *run->took);
    need(run->took != NULL, "malloc");
    memset(run->took, 1, (size_t)o->calls * sizeof *run->took);
    if (run->peer->shared && !o->fresh) run->shared_client = run->peer->open(o);

    start_threads(run, timed_thread, threads, o->threads - 1, o->threads);
    timed_calls(run, figures);
    join_threads(threads, o->threads - 1);
    if (run->shared_client) run->peer->close(run->shared_client);

    double calls = (double)o->calls;
    int64_t middle = median(run->took, o->calls);
    printf("{\"call_ns\":%lld,\"least_ns\":%lld,\"wall_ns\":%.1f,\"cpu_ns\":%.1f,\"allocations\":%.2f}\n",
           (long long)middle, (long long)run->took[0], (double)(figures[1].wall - figures[0].wall) / calls,
           (double)(figures[1].cpu - figures[0].cpu) / calls,
           (double)(figures[1].allocations - figures[0].allocations) / calls);
    free(run->took);
}

/* The stack is used up front: it belongs to the thread, not to the connection. */
static void use_stack(void) {
    volatile char deep[STACK_USED_BY_A_CALL];
    for (size_t i = 0; i < sizeof deep; i += 1024) deep[i] = 1;
}

static void *idle_thread(void *argument) {
    struct run *run = argument;
    use_stack();
    pthread_barrier_wait(&run->barrier);
    pthread_barrier_wait(&run->barrier);
    void *client = open_client(run);
    run->peer->call(client);
    pthread_barrier_wait(&run->barrier);
    pthread_barrier_wait(&run->barrier);
    close_client(run, client);
    return NULL;
}

/* All threads have a connection; the last ones have yet to send their requests. */
static void await_connections(long descriptors, int count) {
    while (open_descriptors() < descriptors + count) usleep(10000);
    usleep((useconds_t)(200000 + 3000 * count));
}

/* The server (--gather) answers nobody until every thread and then the main thread has asked: so each thread needs a
 * connection of its own, which waits for a while and then lies idle. */
static void measure_idle(struct run *run) {
    pthread_t threads[MOST_THREADS];
    if (run->peer->shared) run->shared_client = run->peer->open(run->options);
    void *first = open_client(run);
    run->peer->call(first);
    int count = run->options->threads;
    start_threads(run, idle_thread, threads, count, count + 1);
    pthread_barrier_wait(&run->barrier);
    long descriptors = open_descriptors(), before = rss_kb();
    before = rss_kb();
    pthread_barrier_wait(&run->barrier);
    /* One of the threads that share a client has the connection of the first call. */
    await_connections(descriptors, run->peer->shared ? count - 1 : count);
    long waiting = rss_kb() - before;
    int64_t cpu = cpu_ns();
    sleep(WAITING_SECONDS);
    cpu = cpu_ns() - cpu;
    run->peer->call(first);
    pthread_barrier_wait(&run->barrier);
    long after = rss_kb();
    descriptors = open_descriptors() - descriptors;
    pthread_barrier_wait(&run->barrier);
    join_threads(threads, count);
    run->peer->close(first);
    printf("{\"grown_kb\":%ld,\"descriptors\":%ld,\"waiting_kb\":%ld,\"waiting_core\":%.4f}\n", after - before,
           descriptors, waiting, (double)cpu / 1e9 / WAITING_SECONDS);
}

static void measure_growth(struct run *run) {
    void *client = run->peer->open(run->options);
    for (long i = 0; i < CALLS_BEFORE_GROWTH; i++) run->peer->call(client);
    long before = rss_kb();
    before = rss_kb();
    for (long i = CALLS_BEFORE_GROWTH; i < run->options->calls; i++) run->peer->call(client);
    long after = rss_kb();
    run->peer->close(client);
    printf("{\"before_kb\":%ld,\"grown_kb\":%ld}\n", before, after - before);
}

static void measure_create(struct run *run) {
    long calls = run->options->calls, descriptors = open_descriptors();
    int64_t *took = malloc((size_t)calls * sizeof *took);
    need(took != NULL, "malloc");
    for (long i = 0; i < calls; i++) {
        int64_t before = now_ns();
        void *client = run->peer->open(run->options);
        took[i] = now_ns() - before;
        if (i == 0) descriptors = open_descriptors() - descriptors;
        run->peer->close(client);
    }
    int64_t first = took[0], middle = median(took, calls);
    printf("{\"first_ns\":%lld,\"create_ns\":%lld,\"descriptors\":%ld}\n", (long long)first, (long long)middle,
           descriptors);
    free(took);
}

/* The connections are there before the time is taken. */
static void measure_flight(struct run *run) {
    need(run->peer->flight != NULL, "flight");
    void *client = run->peer->open(run->options);
    run->peer->flight(client, run->options->warmup * run->options->threads);
    struct figures before = read_figures();
    run->peer->flight(client, run->options->calls);
    struct figures after = read_figures();
    double calls = (double)run->options->calls;
    printf("{\"wall_ns\":%.1f,\"cpu_ns\":%.1f}\n", (double)(after.wall - before.wall) / calls,
           (double)(after.cpu - before.cpu) / calls);
    run->peer->close(client);
}

/* Says when the client is there, then takes the steps that standard input names, a line each, and prints how long each
 * took and how it ended. */
static void measure_flow(struct run *run) {
    char line[128], step[16], to[32], code[32];
    need(run->peer->step != NULL, "flow");
    void *client = run->peer->open(run->options);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        step[0] = to[0] = code[0] = '\0';
        sscanf(line, "%15s %31s %31s", step, to, code);
        int64_t before = now_ns();
        struct outcome outcome = run->peer->step(client, step, to, code);
        printf("{\"ms\":%.1f,\"outcome\":\"%s\",\"reached\":%d}\n", (double)(now_ns() - before) / 1e6, outcome.name,
               outcome.reached);
        fflush(stdout);
    }
    run->peer->close(client);
}

int measure(int argc, char **argv, const struct peer *peer) {
    const struct option names[] = {{"port", 1, 0, 'p'},    {"url", 1, 0, 'l'},  {"ca", 1, 0, 'a'},
                                   {"threads", 1, 0, 't'}, {"cpu", 1, 0, 'c'},  {"warmup", 1, 0, 'w'},
                                   {"calls", 1, 0, 'n'},   {"fresh", 0, 0, 'f'}, {"urlencoded", 0, 0, 'u'},
                                   {"guard", 1, 0, 'g'},
                                   {0}};
    struct options o = {.threads = 1, .calls = 1};
    char url[64];
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (option == 'p') o.port = (int)number(optarg);
        else if (option == 'l') o.url = optarg;
        else if (option == 'a') o.ca_file = optarg;
        else if (option == 'u') o.urlencoded = true;
        else if (option == 'g') o.guard = optarg;
        else if (option == 't') o.threads = (int)number(optarg);
        else if (option == 'c') pin((int)number(optarg));
        else if (option == 'w') o.warmup = number(optarg);
        else if (option == 'n') o.calls = number(optarg);
        else if (option == 'f') o.fresh = true;
        else return 2;
    }
    want_descriptors();
    errno = 0;
    need(o.threads >= 1 && o.threads <= MOST_THREADS && o.calls >= 1, "--threads or --calls");
    need(optind + 1 == argc, "one of time, idle, growth, create, flight, flow");
    snprintf(url, sizeof url, "%s://127.0.0.1:%d" PATH, o.ca_file ? "https" : "http", o.port);
    if (!o.url) o.url = url;
    struct run run = {.peer = peer, .options = &o};
    const char *what = argv[optind];
    if (!strcmp(what, "time")) measure_time(&run);
    else if (!strcmp(what, "idle")) measure_idle(&run);
    else if (!strcmp(what, "growth")) measure_growth(&run);
    else if (!strcmp(what, "create")) measure_create(&run);
    else if (!strcmp(what, "flight")) measure_flight(&run);
    else if (!strcmp(what, "flow")) measure_flow(&run);
    else die(what);
    return 0;
}
