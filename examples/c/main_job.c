/* The main job in C: log in, query status, set video, run a command, start one and follow it, reset, get device
 * tokens. Prints one line of JSON per step.
 *
 *   main_job PHONE...                  credentials come from the environment (KOOPHONE_...)
 *   main_job --read-only PHONE...      only the steps that change nothing
 */

#define _POSIX_C_SOURCE 200809L

#include <koophone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* Ends the program if a call failed. */
static void must(koophone_kind kind, koophone_error *error) {
    if (kind != KOOPHONE_OK) {
        fprintf(stderr, "%s\n", koophone_error_text(error));
        koophone_error_free(error);
        exit((int)kind);
    }
}

static long long start;

static void begin(void) { start = clock_now(); }

/* The program's exit status: 1 if a step failed on one of the phones. */
static int exit_code = 0;

/* Phones that succeeded, phones asked, time. */
static void done(const char *step, size_t ok, size_t phones) {
    if (ok < phones) {
        exit_code = 1;
    }
    const double ms = (double)(clock_now() - start) / 1e6;
    printf("{\"step\": \"%s\", \"ok\": %zu, \"phones\": %zu, \"ms\": %.1f}\n", step, ok, phones, ms);
    fflush(stdout);
}

static void draw(const koophone_progress *progress, void *user_data) {
    (void)user_data;
    fprintf(stderr, "\r%llu/%llu%s", (unsigned long long)(progress->succeeded + progress->failed),
            (unsigned long long)progress->total, progress->running == 0 ? "\n" : "");
}

/* Waits for a task, frees it, and counts the jobs that succeeded. */
static size_t follow(koophone_task *task) {
    koophone_error *error;
    koophone_job_result_list *results;
    size_t ok = 0;
    must(koophone_task_wait(task, draw, NULL, NULL, &results, &error), error);
    for (size_t i = 0; i < results->count; i++) {
        ok += results->items[i].state == KOOPHONE_JOB_STATE_SUCCEEDED;
    }
    koophone_job_result_list_free(results);
    koophone_task_free(task);
    return ok;
}

static void change(const koophone_client *client, const char *const *phones, size_t count) {
    koophone_error *error;
    koophone_task *task;
    size_t ok = 0;

    begin();
    koophone_video_setting_list *video;
    koophone_instance_outcome_list *outcomes;
    must(koophone_video_settings_default(&video, &error), error);
    must(koophone_client_set_video_settings(client, phones, count, video->items, video->count, NULL, &outcomes,
        &error), error);
    for (size_t i = 0; i < outcomes->count; i++) {
        ok += outcomes->items[i].error == NULL;
    }
    done("set video", ok, count);
    koophone_instance_outcome_list_free(outcomes);
    koophone_video_setting_list_free(video);

    begin();
    koophone_command_result_list *results;
    must(koophone_client_run_command(client, phones, count, "getprop ro.product.model", NULL, &results, &error), error);
    ok = 0;
    for (size_t i = 0; i < results->count; i++) {
        ok += results->items[i].state == KOOPHONE_JOB_STATE_SUCCEEDED;
    }
    done("run command", ok, count);
    koophone_command_result_list_free(results);

    begin();
    must(koophone_client_start_command(client, phones, count, "sleep 1", NULL, &task, &error), error);
    done("start and wait", follow(task), count);

    begin();
    must(koophone_client_reset_instances(client, phones, count, NULL, &task, &error), error);
    done("reset and wait", follow(task), count);

    begin();
    for (size_t i = 0; i < count; i++) {
        koophone_device_authorization *authorization;
        must(koophone_client_get_device_token(client, phones[i], NULL, &authorization, &error), error);
        koophone_device_authorization_free(authorization);
    }
    done("device token", count, count);
}

int main(int argc, char **argv) {
    const int read_only = argc > 1 && strcmp(argv[1], "--read-only") == 0;
    const char *const *phones = (const char *const *)&argv[1 + read_only];
    const size_t count = (size_t)(argc - 1 - read_only);
    koophone_error *error;
    koophone_client *client;
    must(koophone_client_new(NULL, &client, &error), error);

    begin();
    koophone_identity *identity;
    must(koophone_client_login(client, NULL, &identity, &error), error);
    done("log in", 1, 1);
    koophone_identity_free(identity);

    begin();
    koophone_instance_status_list *statuses;
    must(koophone_client_query_status(client, phones, count, NULL, &statuses, &error), error);
    size_t ok = 0;
    for (size_t i = 0; i < statuses->count; i++) {
        ok += statuses->items[i].error == NULL;
    }
    done("query status", ok, count);
    koophone_instance_status_list_free(statuses);

    if (!read_only) {
        change(client, phones, count);
    }
    koophone_client_free(client);
    return exit_code;
}
