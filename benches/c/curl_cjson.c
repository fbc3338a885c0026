/* The usual alternative in C: libcurl and cJSON, with results in plain structures. One easy handle for sequential
 * calls; a multi handle for calls in flight at the same time. */
#include "harness.h"
#include <cjson/cJSON.h>
#include <curl/curl.h>

typedef struct status {
    char *instance_id;
    long status;
} status;

typedef struct result {
    char *instance_id, *error_code, *error_msg, *execute_msg;
    long status;
} result;

typedef struct transfer {
    CURL *curl;
    struct curl_slist *headers;
    char *body, *response;
    size_t length, capacity;
    double started;
} transfer;

typedef struct context {
    const arguments *given;
    char url[256];
    unsigned long next_id;
    transfer *transfers;
    CURLM *multi;
} context;

static size_t receive(char *data, size_t size, size_t count, void *opaque) {
    transfer *its = opaque;
    if (its->length + size * count + 1 > its->capacity) {
        its->capacity = 2 * (its->length + size * count + 1);
        its->response = realloc(its->response, its->capacity);
    }
    memcpy(its->response + its->length, data, size * count);
    its->length += size * count;
    return size * count;
}

static char *text(const cJSON *item, const char *name) {
    const cJSON *field = cJSON_GetObjectItemCaseSensitive(item, name);
    return strdup(cJSON_IsString(field) ? field->valuestring : "");
}

static long number(const cJSON *item, const char *name) {
    const cJSON *field = cJSON_GetObjectItemCaseSensitive(item, name);
    return cJSON_IsNumber(field) ? (long)field->valuedouble : -1;
}

static size_t read_statuses(const cJSON *list) {
    size_t count = 0;
    status *all = calloc((size_t)cJSON_GetArraySize(list), sizeof *all);
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        all[count++] = (status){.instance_id = text(item, "instance_id"), .status = number(item, "status")};
    }
    for (size_t i = 0; i < count; i++) {
        free(all[i].instance_id);
    }
    free(all);
    return count;
}

static size_t read_results(const cJSON *list) {
    size_t count = 0;
    result *all = calloc((size_t)cJSON_GetArraySize(list), sizeof *all);
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        all[count++] = (result){.instance_id = text(item, "instance_id"),
                                .error_code = text(item, "error_code"),
                                .error_msg = text(item, "error_msg"),
                                .execute_msg = text(item, "execute_msg"),
                                .status = number(item, "status")};
    }
    for (size_t i = 0; i < count; i++) {
        free(all[i].instance_id);
        free(all[i].error_code);
        free(all[i].error_msg);
        free(all[i].execute_msg);
    }
    free(all);
    return count;
}

/* Prepares a request on a handle that keeps its connection. */
static void prepare(context *its, transfer *one) {
    const arguments *given = its->given;
    cJSON *body = cJSON_CreateObject();
    if (given->results) {
        cJSON_AddStringToObject(body, "command", COMMAND);
    }
    cJSON_AddItemToObject(body, "instance_ids", cJSON_CreateStringArray(given->ids, (int)given->phones));
    one->body = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    char id[64];
    snprintf(id, sizeof id, "x-request-id: %032lx", ++its->next_id);
    one->headers = curl_slist_append(NULL, "content-type: application/json");
    one->headers = curl_slist_append(one->headers, id);
    one->headers = curl_slist_append(one->headers, "x-auth-token: " TOKEN);
    one->length = 0;
    curl_easy_setopt(one->curl, CURLOPT_HTTPHEADER, one->headers);
    curl_easy_setopt(one->curl, CURLOPT_POSTFIELDS, one->body);
    one->started = microseconds();
}

static double finish(context *its, transfer *one) {
    long code = 0;
    curl_easy_getinfo(one->curl, CURLINFO_RESPONSE_CODE, &code);
    cJSON *response = cJSON_ParseWithLength(one->response, one->length);
    const cJSON *error_code = cJSON_GetObjectItemCaseSensitive(response, "error_code");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(response, "data");
    if (code != 200 || !cJSON_IsString(error_code) || strcmp(error_code->valuestring, "0") != 0) {
        stop("the request was refused");
    }
    const size_t count = its->given->results ? read_results(cJSON_GetObjectItemCaseSensitive(data, "cmd_results"))
                                             : read_statuses(cJSON_GetObjectItemCaseSensitive(data, "status_results"));
    cJSON_Delete(response);
    free(one->body);
    curl_slist_free_all(one->headers);
    if (count != its->given->phones) {
        stop("the response has a wrong number of results");
    }
    return microseconds() - one->started;
}

static void sequential_calls(void *opaque, size_t count, double *walls) {
    context *its = opaque;
    for (size_t i = 0; i < count; i++) {
        prepare(its, its->transfers);
        if (curl_easy_perform(its->transfers->curl) != CURLE_OK) {
            stop("the request failed");
        }
        walls[i] = finish(its, its->transfers);
    }
}

static void concurrent_calls(void *opaque, size_t count, double *walls) {
    context *its = opaque;
    size_t started = 0, finished = 0;
    for (; started < count && started < its->given->in_flight; started++) {
        prepare(its, &its->transfers[started]);
        curl_multi_add_handle(its->multi, its->transfers[started].curl);
    }
    while (finished < count) {
        int running, waiting;
        curl_multi_perform(its->multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(its->multi, &waiting)) != NULL;) {
            transfer *one;
            if (message->data.result != CURLE_OK) {
                stop("the request failed");
            }
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&one);
            curl_multi_remove_handle(its->multi, one->curl);
            walls[finished++] = finish(its, one);
            if (started < count) {
                prepare(its, one);
                curl_multi_add_handle(its->multi, one->curl);
                started++;
            }
        }
        if (finished < count) {
            curl_multi_poll(its->multi, NULL, 0, 1000, NULL);
        }
    }
}

int main(int argc, char **argv) {
    const arguments given = arguments_read(argc, argv);
    context its = {.given = &given};
    snprintf(its.url, sizeof its.url, "%s%s", given.url, given.results ? RESULTS_PATH : STATUSES_PATH);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    its.multi = curl_multi_init();
    /* Keep as many connections as calls in flight, even while idle. */
    curl_multi_setopt(its.multi, CURLMOPT_MAXCONNECTS, (long)given.in_flight);
    its.transfers = calloc(given.in_flight, sizeof *its.transfers);
    for (size_t i = 0; i < given.in_flight; i++) {
        transfer *one = &its.transfers[i];
        one->curl = curl_easy_init();
        curl_easy_setopt(one->curl, CURLOPT_URL, its.url);
        /* The curl command reads this variable; the library does not. */
        curl_easy_setopt(one->curl, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
        curl_easy_setopt(one->curl, CURLOPT_WRITEFUNCTION, receive);
        curl_easy_setopt(one->curl, CURLOPT_WRITEDATA, one);
        curl_easy_setopt(one->curl, CURLOPT_PRIVATE, one);
    }
    return measure(&given, given.in_flight == 1 ? sequential_calls : concurrent_calls, &its);
}
