/* The conformance runner of the C face: does what the judge's lines say (PROTOCOL.md). */

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "koophone.h"
#include "line.h"
#include "model_json.h"

static koophone_client *client;
static koophone_task *task;

static void fail(koophone_error *error) {
    fputs("{\"error\":", stdout);
    json_error_details(stdout, error);
    fputs("}\n", stdout);
    koophone_error_free(error);
}

/* What was written to a file, which it closes. (open_memstream is not on every system.) */
static char *take_text(FILE *file) {
    const size_t length = (size_t)ftell(file);
    char *text = calloc(length + 1, 1);
    rewind(file);
    if (text == NULL || fread(text, 1, length, file) != length) {
        abort();
    }
    fclose(file);
    return text;
}

/* Replies with an error and leaves the function, where `call` fails. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        koophone_error *error = NULL;                                                                                  \
        koophone_error **err = &error;                                                                                 \
        if ((call) != KOOPHONE_OK) {                                                                                   \
            fail(error);                                                                                               \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)

/* The same, for a list of which all or nothing is wanted. */
#define RAISE(type, list)                                                                                              \
    do {                                                                                                               \
        koophone_error *error = NULL;                                                                                  \
        if (raise && type##_raise_for_errors(list, &error) != KOOPHONE_OK) {                                           \
            fail(error);                                                                                               \
            type##_free(list);                                                                                         \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)

static void make_client(const line_t *line) {
    koophone_config *config;
    koophone_credentials *credentials;
    bool any = false;
    koophone_client_free(client);
    client = NULL;
    TRY(koophone_config_new(&config, err));
    TRY(koophone_credentials_new(&credentials, err));
    TRY(koophone_config_ignore_environment(config, err));
    for (size_t i = 0; i < line->field_count; i++) {
        const char *field = line->names[i];
        if (strncmp(field, "credential.", 11) == 0) {
            any = true;
            TRY(koophone_credentials_set(credentials, field + 11, line->values[i], err));
        } else {
            TRY(koophone_config_set(config, field, line->values[i], err));
        }
    }
    koophone_error *error = NULL;
    koophone_kind kind = any ? koophone_config_set_credentials(config, credentials, &error) : KOOPHONE_OK;
    if (kind == KOOPHONE_OK) {
        kind = koophone_client_new(config, &client, &error);
    }
    koophone_credentials_free(credentials);
    koophone_config_free(config);
    if (kind == KOOPHONE_OK) {
        puts("{\"ok\":true}");
    } else {
        fail(error);
    }
}

static void write_task(void) {
    size_t count;
    const char *const *ids = koophone_task_ids(task, &count);
    const koophone_task_phone_list *phones = koophone_task_phones(task);
    printf("{\"task\":{\"operation\":\"%s\",\"task_ids\":", koophone_task_operation(task));
    json_texts(stdout, ids, count);
    fputs(",\"phones\":", stdout);
    JSON_ARRAY(stdout, json_task_phone, phones->items, phones->count);
    fputs("}}\n", stdout);
}

static void set_task(koophone_task *new_task) {
    koophone_task_free(task);
    task = new_task;
    write_task();
}

/* The predicate of the protocol: whether the output contains a text. */
static int32_t contains(const char *output, void *text) {
    return strstr(output, text) != NULL;
}

#include "operations.h"

static void write_stats(void) {
    koophone_stats *stats;
    TRY(koophone_client_stats(client, &stats, err));
    fputs("{\"stats\":", stdout);
    json_stats(stdout, stats);
    puts("}");
    koophone_stats_free(stats);
}

static void make_call(const line_t *line, const koophone_call_options *options, bool raise) {
    if (strcmp(line->words[1], "stats") == 0) {
        write_stats();
        return;
    }
    for (size_t i = 0; i < sizeof OPERATIONS / sizeof *OPERATIONS; i++) {
        if (strcmp(OPERATIONS[i].name, line->words[1]) == 0) {
            OPERATIONS[i].call(line, options, raise);
            return;
        }
    }
    printf("{\"unknown\":\"%s\"}\n", line->words[1]);
}

typedef struct {
    koophone_progress *items;
    size_t count;
} progress_log;

static void on_progress(const koophone_progress *progress, void *user_data) {
    progress_log *log = user_data;
    koophone_progress *items = realloc(log->items, (log->count + 1) * sizeof *items);
    if (items != NULL) {
        log->items = items;
        log->items[log->count++] = *progress;
    }
}

static void use_task(const line_t *line, const koophone_call_options *options, bool raise) {
    const char *verb = line->words[1];
    if (strcmp(verb, "poll") == 0) {
        koophone_task_status *status;
        TRY(koophone_task_poll(task, options, &status, err));
        fputs("{\"status\":", stdout);
        json_task_status(stdout, status);
        puts("}");
        koophone_task_status_free(status);
    } else if (strcmp(verb, "wait") == 0) {
        koophone_job_result_list *list;
        koophone_error *error = NULL;
        progress_log log = {NULL, 0};
        koophone_kind kind = koophone_task_wait(task, on_progress, &log, options, &list, &error);
        if (kind == KOOPHONE_OK && raise) {
            kind = koophone_job_result_list_raise_for_errors(list, &error);
        }
        if (kind == KOOPHONE_OK) {
            fputs("{\"results\":", stdout);
            JSON_ARRAY(stdout, json_job_result, list->items, list->count);
            fputs(",\"progress\":", stdout);
            JSON_ARRAY(stdout, json_progress, log.items, log.count);
            puts("}");
        } else {
            fail(error);
        }
        koophone_job_result_list_free(list);
        free(log.items);
    } else if (strcmp(verb, "save") == 0) {
        const char *saved = koophone_task_save(task);
        fputs("{\"saved\":", stdout);
        json_text(stdout, saved, saved == NULL ? 0 : strlen(saved));
        puts("}");
    } else if (strcmp(verb, "resume") == 0) {
        koophone_task *resumed;
        TRY(koophone_client_resume_task(client, line_get(line, "saved"), &resumed, err));
        set_task(resumed);
    } else {
        printf("{\"unknown\":\"%s\"}\n", verb);
    }
}

static void run_emulator(const line_t *line) {
    koophone_emulator *emulator;
    TRY(koophone_emulator_start(line_get(line, "options"), &emulator, err));
    printf("{\"endpoint\":\"%s\"}\n", koophone_emulator_endpoint(emulator));
    koophone_emulator_free(emulator);
}

typedef struct {
    koophone_cancel_token *token;
    unsigned long milliseconds;
} canceller;

static void *cancel_later(void *argument) {
    const canceller *later = argument;
    const struct timespec time = {(time_t)(later->milliseconds / 1000), (long)(later->milliseconds % 1000) * 1000000L};
    nanosleep(&time, NULL);
    koophone_cancel_token_cancel(later->token);
    return NULL;
}

static void obey(const line_t *line) {
    const char *timeout = line_get(line, "timeout_ms");
    const char *cancel = line_get(line, "cancel_after_ms");
    const bool raise = line_get(line, "raise_for_errors") != NULL;
    koophone_call_options options = {0};
    canceller later = {NULL, 0};
    pthread_t thread;
    options.timeout_ms = timeout == NULL ? 0 : strtoull(timeout, NULL, 10);
    options.repeatable = line_get(line, "repeatable") != NULL;
    options.traceparent = line_get(line, "traceparent");
    if (cancel != NULL) {
        TRY(koophone_cancel_token_new(&later.token, err));
        later.milliseconds = strtoul(cancel, NULL, 10);
        options.cancel = later.token;
        pthread_create(&thread, NULL, cancel_later, &later);
    }
    if (strcmp(line->words[0], "client") == 0) {
        make_client(line);
    } else if (strcmp(line->words[0], "call") == 0) {
        make_call(line, &options, raise);
    } else if (strcmp(line->words[0], "task") == 0) {
        use_task(line, &options, raise);
    } else if (strcmp(line->words[0], "emulator") == 0) {
        run_emulator(line);
    } else {
        printf("{\"unknown\":\"%s\"}\n", line->words[0]);
    }
    if (cancel != NULL) {
        pthread_join(thread, NULL);
        koophone_cancel_token_free(later.token);
    }
}

int main(void) {
    static line_t line;
    char *text = NULL;
    size_t size = 0;
    while (line_read(&text, &size) != NULL) {
        line_parse(text, &line);
        obey(&line);
        fflush(stdout);
    }
    free(text);
    koophone_task_free(task);
    koophone_client_free(client);
    return 0;
}
