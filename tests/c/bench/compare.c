/* What a call costs beside what a harness would be written with otherwise: libcurl and cJSON, doing the same, typed.
 *
 * Both send the same command to the same emulator over a kept connection, build the body, check the envelope and fill one structure
 * per phone. Measured is the CPU time of the calling thread, in turns, so that whatever else the machine does meets both; the ratio
 * is the median over the turns.
 */

#define _POSIX_C_SOURCE 200809L

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <koophone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define TURNS 40
#define CALLS 50

static const char *const COMMAND = "getprop ro.product.model";

static double cpu(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void die(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* -- libcurl and cJSON -- */

typedef struct {
    char *data;
    size_t length;
    char token[8192];
} answer;

typedef struct {
    char *instance_id;
    int status;
    char *error_code;
    char *error_msg;
    char *output;
} result;

static size_t on_body(char *data, size_t size, size_t count, void *user) {
    answer *to = user;
    to->data = realloc(to->data, to->length + size * count + 1);
    memcpy(to->data + to->length, data, size * count);
    to->length += size * count;
    to->data[to->length] = '\0';
    return size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *user) {
    answer *to = user;
    const size_t length = size * count;
    const char *name = "x-subject-token: ";
    if (length > strlen(name) && length < sizeof to->token && strncasecmp(data, name, strlen(name)) == 0) {
        memcpy(to->token, data + strlen(name), length - strlen(name));
        to->token[strcspn(to->token, "\r\n")] = '\0';
    }
    return length;
}

static void post(CURL *curl, const char *url, struct curl_slist *headers, const char *body, answer *to) {
    to->length = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, to);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, to);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 60000L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    long status = 0;
    if (curl_easy_perform(curl) != CURLE_OK) {
        die("curl failed");
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
        die(to->data);
    }
}

static char *copy(const cJSON *object, const char *name) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(found) ? strdup(found->valuestring) : NULL;
}

/* One command on phones, and its results as structures. */
static size_t curl_command(CURL *curl, const char *url, const char *token, const char *const *ids, size_t count, answer *to,
                           result *results) {
    static unsigned long number;
    char token_header[8300], id_header[64];
    snprintf(token_header, sizeof token_header, "X-Auth-Token: %s", token);
    snprintf(id_header, sizeof id_header, "x-request-id: %032lx", ++number);
    struct curl_slist *headers = curl_slist_append(NULL, token_header);
    headers = curl_slist_append(headers, id_header);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "command", COMMAND);
    cJSON_AddItemToObject(body, "instance_ids", cJSON_CreateStringArray(ids, (int)count));
    char *text = cJSON_PrintUnformatted(body);
    post(curl, url, headers, text, to);
    cJSON *read = cJSON_ParseWithLength(to->data, to->length);
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(read, "error_code");
    if (!cJSON_IsString(code) || strcmp(code->valuestring, "0") != 0) {
        die("the service refused");
    }
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(read, "data"), "cmd_results"), *one;
    size_t filled = 0;
    cJSON_ArrayForEach(one, list) {
        const cJSON *status = cJSON_GetObjectItemCaseSensitive(one, "status");
        results[filled].instance_id = copy(one, "instance_id");
        results[filled].status = cJSON_IsNumber(status) ? status->valueint : 0;
        results[filled].error_code = copy(one, "error_code");
        results[filled].error_msg = copy(one, "error_msg");
        results[filled++].output = copy(one, "execute_msg");
    }
    cJSON_Delete(read);
    cJSON_Delete(body);
    free(text);
    curl_slist_free_all(headers);
    return filled;
}

static void free_results(result *results, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(results[i].instance_id);
        free(results[i].error_code);
        free(results[i].error_msg);
        free(results[i].output);
    }
}

static double with_curl(CURL *curl, const char *url, const char *token, const char *const *ids, size_t count, answer *to) {
    static result results[64];
    const double start = cpu();
    for (int i = 0; i < CALLS; i++) {
        const size_t filled = curl_command(curl, url, token, ids, count, to, results);
        if (filled != count || results[0].status != 2) {
            die("curl: not every phone did well");
        }
        free_results(results, filled);
    }
    return (cpu() - start) / CALLS;
}

/* -- koophone -- */

static double with_koophone(const koophone_client *client, const char *const *ids, size_t count) {
    const double start = cpu();
    for (int i = 0; i < CALLS; i++) {
        koophone_command_result_list *results;
        if (koophone_client_run_command(client, ids, count, COMMAND, NULL, &results, NULL) != KOOPHONE_OK ||
            results->count != count || results->items[0].state != KOOPHONE_JOB_STATE_SUCCEEDED) {
            die("koophone: not every phone did well");
        }
        koophone_command_result_list_free(results);
    }
    return (cpu() - start) / CALLS;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void compare(size_t count) {
    char options[64], url[256], log_in[1024];
    koophone_emulator *emulator;
    koophone_config *config;
    koophone_client *client;
    snprintf(options, sizeof options, "{\"phones\": %zu}", count);
    if (koophone_emulator_start(options, &emulator, NULL) || koophone_config_new(&config, NULL) ||
        koophone_emulator_configure(emulator, config, NULL) || koophone_client_new(config, &client, NULL)) {
        die("no emulator");
    }
    const char *const *ids = koophone_emulator_instance_ids(emulator, &count);
    const char *endpoint = koophone_emulator_endpoint(emulator);
    CURL *curl = curl_easy_init();
    static answer to;
    static char token[8192];
    snprintf(url, sizeof url, "%s/v3/auth/tokens", endpoint);
    snprintf(log_in, sizeof log_in,
             "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"emulator-user\","
             "\"password\":\"emulator-password\",\"domain\":{\"name\":\"emulator-domain\"}}}},"
             "\"scope\":{\"project\":{\"name\":\"cn-north-4\"}}}}");
    struct curl_slist *json = curl_slist_append(NULL, "Content-Type: application/json");
    post(curl, url, json, log_in, &to);
    curl_slist_free_all(json);
    memcpy(token, to.token, sizeof token);
    snprintf(url, sizeof url, "%s/v1/instances/sync-command", endpoint);

    double ours[TURNS], theirs[TURNS], ratios[TURNS];
    with_curl(curl, url, token, ids, count, &to);
    with_koophone(client, ids, count);
    for (int turn = 0; turn < TURNS; turn++) {
        theirs[turn] = with_curl(curl, url, token, ids, count, &to);
        ours[turn] = with_koophone(client, ids, count);
        ratios[turn] = ours[turn] / theirs[turn];
    }
    qsort(ours, TURNS, sizeof *ours, ascending);
    qsort(theirs, TURNS, sizeof *theirs, ascending);
    qsort(ratios, TURNS, sizeof *ratios, ascending);
    printf("%2zu phones: koophone %.1f us, libcurl + cJSON %.1f us of CPU a call; ratio %.2f (quartiles %.2f to %.2f)\n", count,
           ours[TURNS / 2], theirs[TURNS / 2], ratios[TURNS / 2], ratios[TURNS / 4], ratios[TURNS * 3 / 4]);
    curl_easy_cleanup(curl);
    koophone_client_free(client);
    koophone_config_free(config);
    koophone_emulator_free(emulator);
}

int main(void) {
    compare(1);
    compare(8);
    compare(32);
    return 0;
}
