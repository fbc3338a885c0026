/* libkoophone: blocking calls one by one; started calls and a queue where several are in flight. */
#include "harness.h"
#include <koophone.h>

typedef struct context {
    const arguments *given;
    koophone_client *client;
    koophone_queue *queue;
} context;

static void check(koophone_kind status, koophone_error *error) {
    if (status != KOOPHONE_OK) {
        stop(koophone_error_text(error));
    }
}

static void one_call(const context *its) {
    const arguments *given = its->given;
    koophone_error *error = NULL;
    size_t count;
    if (given->results) {
        koophone_command_result_list *results;
        check(koophone_client_run_command(its->client, given->ids, given->phones, COMMAND, NULL, &results, &error),
            error);
        count = results->count;
        koophone_command_result_list_free(results);
    } else {
        koophone_instance_status_list *statuses;
        check(koophone_client_query_status(its->client, given->ids, given->phones, NULL, &statuses, &error), error);
        count = statuses->count;
        koophone_instance_status_list_free(statuses);
    }
    if (count != given->phones) {
        stop("a wrong number of results");
    }
}

static void begin(const context *its, double *started) {
    const arguments *given = its->given;
    const koophone_call_options options = {.queue = its->queue, .tag = started};
    koophone_error *error = NULL;
    koophone_call *call;
    *started = microseconds();
    check(given->results
              ? koophone_client_begin_run_command(its->client, given->ids, given->phones, COMMAND, &options, &call,
                  &error)
              : koophone_client_begin_query_status(its->client, given->ids, given->phones, &options, &call, &error),
          error);
}

static void take(const context *its, koophone_call *call) {
    koophone_error *error = NULL;
    size_t count;
    if (its->given->results) {
        koophone_command_result_list *results;
        check(koophone_call_take_command_results(call, &results, &error), error);
        count = results->count;
        koophone_command_result_list_free(results);
    } else {
        koophone_instance_status_list *statuses;
        check(koophone_call_take_instance_statuses(call, &statuses, &error), error);
        count = statuses->count;
        koophone_instance_status_list_free(statuses);
    }
    koophone_call_free(call);
    if (count != its->given->phones) {
        stop("a wrong number of results");
    }
}

static void calls(void *opaque, size_t count, double *walls) {
    const context *its = opaque;
    if (its->given->in_flight == 1) {
        for (size_t i = 0; i < count; i++) {
            const double start = microseconds();
            one_call(its);
            walls[i] = microseconds() - start;
        }
        return;
    }
    size_t started_calls = 0;
    for (size_t finished_calls = 0; finished_calls < count; finished_calls++) {
        while (started_calls < count && started_calls < finished_calls + its->given->in_flight) {
            begin(its, &walls[started_calls++]);
        }
        koophone_call *call = koophone_queue_next(its->queue, UINT64_MAX);
        double *started = koophone_call_tag(call);
        take(its, call);
        *started = microseconds() - *started;
    }
}

static koophone_config *configure(const arguments *given) {
    koophone_error *error = NULL;
    koophone_config *config;
    koophone_credentials *credentials;
    check(koophone_config_new(&config, &error), error);
    check(koophone_config_ignore_environment(config, &error), error);
    check(koophone_config_set(config, KOOPHONE_SETTING_ENDPOINT, given->url, &error), error);
    check(koophone_config_set(config, KOOPHONE_SETTING_IAM_ENDPOINT, given->url, &error), error);
    check(koophone_config_set(config, KOOPHONE_SETTING_PROJECT_ID, PROJECT_ID, &error), error);
    check(koophone_credentials_new(&credentials, &error), error);
    if (given->sign) {
        check(koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_ACCESS_KEY, ACCESS_KEY, &error), error);
        check(koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_SECRET_KEY, SECRET_KEY, &error), error);
    } else {
        check(koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_TOKEN, TOKEN, &error), error);
    }
    check(koophone_config_set_credentials(config, credentials, &error), error);
    koophone_credentials_free(credentials);
    return config;
}

/* Measures creating clients. Each then makes one call if calls are requested; that counts for memory only. */
static void make_clients(context *its, const koophone_config *config) {
    const size_t count = its->given->clients;
    koophone_error *error = NULL;
    koophone_client **clients = calloc(count, sizeof(koophone_client *));
    const double start = microseconds(), cpu = cpu_microseconds();
    for (size_t i = 0; i < count; i++) {
        check(koophone_client_new(config, &clients[i], &error), error);
    }
    const double used = cpu_microseconds() - cpu, took = microseconds() - start;
    for (size_t i = 0; i < count && its->given->calls > 0; i++) {
        its->client = clients[i];
        one_call(its);
    }
    report(used, took, (double)count * 1e6 / took);
    for (size_t i = 0; i < count; i++) {
        koophone_client_free(clients[i]);
    }
    free(clients);
}

int main(int argc, char **argv) {
    const arguments given = arguments_read(argc, argv);
    context its = {.given = &given};
    koophone_error *error = NULL;
    koophone_config *config = configure(&given);
    if (given.clients > 0) {
        make_clients(&its, config);
        koophone_config_free(config);
        return 0;
    }
    check(koophone_client_new(config, &its.client, &error), error);
    check(koophone_queue_new(&its.queue, &error), error);
    koophone_config_free(config);
    const int status = measure(&given, calls, &its);
    koophone_queue_free(its.queue);
    koophone_client_free(its.client);
    return status;
}
