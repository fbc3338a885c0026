/* The smallest program: one call, as a process of its own. Prints its wall time from the start of main, and its largest memory.
 *
 * Without arguments it starts an emulator and then itself, several times, with the emulator's address in the environment and a phone
 * as argument.
 */

#define _DEFAULT_SOURCE

#include <koophone.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS 5

static int one_call(const char *const *ids, size_t count) {
    struct timespec start, end;
    struct rusage usage;
    koophone_client *client;
    koophone_error *error;
    koophone_instance_status_list *list;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (koophone_client_new(NULL, &client, &error) ||
        koophone_client_query_status(client, ids, count, NULL, &list, &error)) {
        fprintf(stderr, "%s\n", koophone_error_text(error));
        return 1;
    }
    koophone_instance_status_list_free(list);
    koophone_client_free(client);
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_SELF, &usage);
    printf("log-in and one call: %.1f ms, %.1f MB\n",
           (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6,
           (double)usage.ru_maxrss / 1024);
    return 0;
}

int main(int argc, char **argv) {
    koophone_emulator *emulator;
    if (argc > 1) {
        return one_call((const char *const *)&argv[1], (size_t)argc - 1);
    }
    if (koophone_emulator_start(NULL, &emulator, NULL) != KOOPHONE_OK) {
        return 1;
    }
    setenv("KOOPHONE_ENDPOINT", koophone_emulator_endpoint(emulator), 1);
    setenv("KOOPHONE_IAM_ENDPOINT", koophone_emulator_endpoint(emulator), 1);
    setenv("KOOPHONE_REGION", "cn-north-4", 1);
    setenv("KOOPHONE_USERNAME", "emulator-user", 1);
    setenv("KOOPHONE_PASSWORD", "emulator-password", 1);
    setenv("KOOPHONE_DOMAIN", "emulator-domain", 1);
    for (int run = 0; run < RUNS; run++) {
        if (fork() == 0) {
            execl(argv[0], argv[0], koophone_emulator_instance_ids(emulator, NULL)[0], (char *)NULL);
            _exit(127);
        }
        wait(NULL);
    }
    koophone_emulator_free(emulator);
    return 0;
}
