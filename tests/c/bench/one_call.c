/* The smallest program: one call against the service whose address, user, password and account stand in the environment. Prints its
 * wall time since the start of main and its largest memory. */

#define _DEFAULT_SOURCE

#include <koophone.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

int main(int argc, char **argv) {
    struct timespec start, end;
    struct rusage usage;
    koophone_client *client;
    koophone_error *error;
    koophone_instance_status_list *list;
    const char *const *ids = (const char *const *)&argv[1];
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (koophone_client_new(NULL, &client, &error) ||
        koophone_client_query_status(client, ids, (size_t)argc - 1, NULL, &list, &error)) {
        fprintf(stderr, "%s\n", koophone_error_text(error));
        return 1;
    }
    koophone_instance_status_list_free(list);
    koophone_client_free(client);
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_SELF, &usage);
    printf("%.1f ms, %.1f MB\n", (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6,
           (double)usage.ru_maxrss / 1024);
    return 0;
}
