/* A game loop that keeps 60 frames a second while 100 calls are in flight.
 *
 * Each frame asks the queue for calls that have finished, which never blocks. At the end it prints the longest time
 * that koophone took in a frame, which the game could not use.
 */

#define _POSIX_C_SOURCE 200809L

#include <koophone.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

#define CALLS 100
#define FRAME_NANOSECONDS (1000000000LL / 60)

static void stop(const char *doing, koophone_error *error) {
    fprintf(stderr, "%s: %s\n", doing, koophone_error_text(error));
    exit(2);
}

/* What the game does with a result. */
static int show(koophone_call *call) {
    koophone_error *error;
    koophone_command_result_list *results;
    const int *number = koophone_call_tag(call);
    if (koophone_call_take_command_results(call, &results, &error) != KOOPHONE_OK) {
        fprintf(stderr, "call %d: %s\n", *number, koophone_error_text(error));
        koophone_error_free(error);
        return 0;
    }
    const int well = koophone_command_result_list_all_ok(results);
    koophone_command_result_list_free(results);
    return well;
}

int main(void) {
    static int numbers[CALLS];
    static koophone_call *calls[CALLS];
    koophone_error *error;
    koophone_emulator *emulator;
    koophone_config *config;
    koophone_client *client;
    koophone_queue *queue;
    /* Every response takes half a second. */
    const char *slow =
        "{\"phones\": 8, \"faults\": [{\"operation\": \"run_command\", \"times\": 0, \"action\": \"delay\","
                       " \"milliseconds\": 500}]}";
    if (koophone_emulator_start(slow, &emulator, &error) || koophone_config_new(&config, &error) ||
        koophone_emulator_configure(emulator, config, &error) || koophone_client_new(config, &client, &error) ||
        koophone_queue_new(&queue, &error)) {
        stop("no client", error);
    }
    size_t phones;
    const char *const *ids = koophone_emulator_instance_ids(emulator, &phones);

    int finished = 0, well = 0, frames = 0;
    long long longest = 0, start = clock_now();
    for (long long frame = start; finished < CALLS; frame += FRAME_NANOSECONDS, frames++) {
        const long long begin = clock_now();
        /* Five new calls in each of the first frames. */
        for (int i = frames * 5; i < frames * 5 + 5 && i < CALLS; i++) {
            numbers[i] = i;
            const koophone_call_options options = {.queue = queue, .tag = &numbers[i]};
            if (koophone_client_begin_run_command(
                    client, &ids[(size_t)i % phones], 1, "getprop ro.product.model", &options, &calls[i], &error)) {
                stop("a call cannot be started", error);
            }
        }
        for (koophone_call *call; (call = koophone_queue_next(queue, 0)) != NULL; finished++) {
            well += show(call);
            koophone_call_free(call);
        }
        const long long took = clock_now() - begin;
        longest = took > longest ? took : longest;
        clock_pause(frame + FRAME_NANOSECONDS - clock_now());
    }
    const double seconds = (double)(clock_now() - start) / 1e9;
    printf("%d calls, %d well, %d frames in %.2f s: %.1f frames a second; "
           "the longest share of a frame was %.3f ms of 16.7\n",
           CALLS, well, frames, seconds, frames / seconds, (double)longest / 1e6);
    koophone_queue_free(queue);
    koophone_client_free(client);
    koophone_config_free(config);
    koophone_emulator_free(emulator);
    return well == CALLS ? 0 : 1;
}
