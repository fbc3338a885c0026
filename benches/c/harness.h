/* What the measured C programs have in common: reading arguments, measuring and reporting. */
#ifndef HARNESS_H
#define HARNESS_H

#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define TOKEN "a-token"
#define ACCESS_KEY "AKEXAMPLE0000000TEST"
#define SECRET_KEY "SKEXAMPLEsecretNOTREAL"
#define PROJECT_ID "0123456789abcdef0123456789abcdef"
#define COMMAND "logcat -d"
#define STATUSES_PATH "/v1/instances/batch-query-status"
#define RESULTS_PATH "/v1/instances/sync-command"

/* URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed] */
typedef struct arguments {
    const char *url;
    bool results;  /* the large payload */
    bool sign;     /* requests are signed */
    size_t phones; /* in each call */
    size_t clients; /* to create; 0 if calls are measured */
    size_t calls, in_flight;
    size_t warm_up; /* calls before measuring, which open connections and fill caches */
    const char **ids;
} arguments;

static inline void stop(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(2);
}

static inline arguments arguments_read(int argc, char **argv) {
    if (argc < 6) {
        stop("usage: URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed]");
    }
    arguments given = {.url = argv[1], .results = strcmp(argv[2], "results") == 0, .phones = 32};
    if (strncmp(argv[2], "fleet:", 6) == 0) {
        given.phones = strtoul(argv[2] + 6, NULL, 10);
    }
    if (strncmp(argv[2], "clients:", 8) == 0) {
        given.clients = strtoul(argv[2] + 8, NULL, 10);
    }
    given.calls = strtoul(argv[3], NULL, 10);
    given.in_flight = strtoul(argv[4], NULL, 10);
    given.warm_up = strtoul(argv[5], NULL, 10);
    given.sign = argc > 6 && strcmp(argv[6], "signed") == 0;
    if (given.phones == 0 || given.in_flight == 0) {
        stop("phones and calls in flight must be at least one");
    }
    given.ids = calloc(given.phones, sizeof *given.ids);
    char *texts = calloc(given.phones, 33);
    if (given.ids == NULL || texts == NULL) {
        stop("no memory");
    }
    for (size_t i = 0; i < given.phones; i++) {
        snprintf(texts + 33 * i, 33, "%032zx", i);
        given.ids[i] = texts + 33 * i;
    }
    return given;
}

static inline double microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* User and system time of all threads. */
static inline double cpu_microseconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const struct timeval user = usage.ru_utime, system = usage.ru_stime;
    return (double)(user.tv_sec + system.tv_sec) * 1e6 + (double)(user.tv_usec + system.tv_usec);
}

/* The peak memory of this process in kB. Not ru_maxrss, which includes the parent's peak. */
static inline long peak_memory(void) {
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        sscanf(line, "VmHWM: %ld", &kilobytes);
    }
    if (status != NULL) {
        fclose(status);
    }
    return kilobytes;
}

static inline int by_size(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static inline void report(double cpu, double wall, double calls_per_s) {
    printf("{\"cpu_us\": %.0f, \"wall_us\": %.2f, \"calls_per_s\": %.1f, \"rss_kb\": %ld}\n", cpu, wall, calls_per_s,
           peak_memory());
}

/* Implemented by each program: makes `calls` calls, `in_flight` at once, and stores how long each took. */
typedef void make_calls(void *context, size_t calls, double *walls);

static inline int measure(const arguments *given, make_calls *make, void *context) {
    double *walls = calloc(given->calls + given->warm_up + 1, sizeof *walls);
    if (walls == NULL) {
        stop("no memory");
    }
    make(context, given->warm_up, walls);
    const double start = microseconds(), cpu = cpu_microseconds();
    make(context, given->calls, walls);
    const double used = cpu_microseconds() - cpu, took = microseconds() - start;
    qsort(walls, given->calls, sizeof *walls, by_size);
    report(used, walls[given->calls / 2], (double)given->calls * 1e6 / took);
    return 0;
}

#endif
