/* Makes the calls that koophone-torture requests, one per line of standard input, each with a separate client, and
 * prints how they ended and what valgrind has found so far. The first line says whether valgrind is on.
 *
 * A request, separated by tabs: operation, user, password, account, ids separated by commas, then pairs of setting and
 * value. A response, separated by tabs: bytes lost, findings, the kind of every phone's error (0: none) separated by
 * commas, and a text. */

#include <koophone.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define LONGEST_LINE 4096
#define MOST_PHONES 8

typedef struct {
    char *operation, *user, *password, *account;
    const char *ids[MOST_PHONES];
    size_t count;
    char *settings;
} request;

typedef struct {
    int kinds[MOST_PHONES];
    char text[1024];
} reply;

static char *field(char **rest) {
    char *start = *rest, *end = strpbrk(start, "\t\n");
    if (end != NULL) {
        *end = '\0';
        *rest = end + 1;
    }
    return start;
}

static request read_request(char *line) {
    request read = {0};
    char *ids, *id;
    read.operation = field(&line);
    read.user = field(&line);
    read.password = field(&line);
    read.account = field(&line);
    ids = field(&line);
    for (id = strtok(ids, ","); id != NULL && read.count < MOST_PHONES; id = strtok(NULL, ",")) {
        read.ids[read.count++] = id;
    }
    read.settings = line;
    return read;
}

static koophone_kind configure(const request *asked, koophone_config *config, koophone_error **error) {
    koophone_credentials *credentials;
    char *rest = asked->settings;
    koophone_kind kind = koophone_credentials_new(&credentials, error);
    if (kind == KOOPHONE_OK) {
        kind = koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_USERNAME, asked->user, error);
    }
    if (kind == KOOPHONE_OK) {
        kind = koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_PASSWORD, asked->password, error);
    }
    if (kind == KOOPHONE_OK) {
        kind = koophone_credentials_set(credentials, KOOPHONE_CREDENTIAL_DOMAIN, asked->account, error);
    }
    if (kind == KOOPHONE_OK) {
        kind = koophone_config_set_credentials(config, credentials, error);
    }
    koophone_credentials_free(credentials);
    while (kind == KOOPHONE_OK && *rest != '\0') {
        const char *name = field(&rest), *value = field(&rest);
        kind = koophone_config_set(config, name, value, error);
    }
    return kind == KOOPHONE_OK ? koophone_config_ignore_environment(config, error) : kind;
}

static koophone_kind connect_client(const request *asked, koophone_client **client, koophone_error **error) {
    koophone_config *config;
    koophone_kind kind = koophone_config_new(&config, error);
    *client = NULL;
    if (kind == KOOPHONE_OK) {
        kind = configure(asked, config, error);
    }
    if (kind == KOOPHONE_OK) {
        kind = koophone_client_new(config, client, error);
    }
    koophone_config_free(config);
    return kind;
}

static void one_phone(reply *out, size_t number, const koophone_error *error) {
    out->kinds[number] = (int)koophone_error_kind(error);
    if (error != NULL) {
        snprintf(out->text, sizeof out->text, "%s", koophone_error_text(error));
    }
}

static koophone_kind run_command(koophone_client *client, const request *asked, reply *out, koophone_error **error) {
    koophone_command_result_list *results;
    size_t i;
    koophone_kind kind =
        koophone_client_run_command(client, asked->ids, asked->count, "echo x", NULL, &results, error);
    for (i = 0; kind == KOOPHONE_OK && i < results->count; i++) {
        one_phone(out, i, results->items[i].error);
    }
    koophone_command_result_list_free(results);
    return kind;
}

static koophone_kind query_status(koophone_client *client, const request *asked, reply *out, koophone_error **error) {
    koophone_instance_status_list *statuses;
    size_t i;
    koophone_kind kind = koophone_client_query_status(client, asked->ids, asked->count, NULL, &statuses, error);
    for (i = 0; kind == KOOPHONE_OK && i < statuses->count; i++) {
        one_phone(out, i, statuses->items[i].error);
    }
    koophone_instance_status_list_free(statuses);
    return kind;
}

/* Everything that was created is freed when it returns. */
static void call(const request *asked, reply *out) {
    koophone_client *client;
    koophone_error *error = NULL;
    size_t i;
    koophone_kind kind = connect_client(asked, &client, &error);
    for (i = 0; i < asked->count; i++) {
        out->kinds[i] = -1; /* no result for this phone */
    }
    if (kind == KOOPHONE_OK) {
        int commands = strcmp(asked->operation, "run_command") == 0;
        kind = (commands ? run_command : query_status)(client, asked, out, &error);
    }
    for (i = 0; kind != KOOPHONE_OK && i < asked->count; i++) {
        one_phone(out, i, error);
    }
    koophone_error_free(error);
    koophone_client_free(client);
}

/* So far, definitely or indirectly. What is possibly lost counts at the end: a stalled connection is given
 * back by the next call, and holds until then some memory by pointers into its middle. */
static unsigned long bytes_lost(void) {
    unsigned long lost = 0, possibly = 0, reachable = 0, suppressed = 0;
    VALGRIND_DO_QUICK_LEAK_CHECK;
    VALGRIND_COUNT_LEAKS(lost, possibly, reachable, suppressed);
    (void)possibly;
    (void)reachable;
    (void)suppressed;
    return lost;
}

int main(void) {
    char line[LONGEST_LINE];
    printf("%d\n", RUNNING_ON_VALGRIND != 0);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        request asked = read_request(line);
        reply out = {{0}, ""};
        size_t i;
        call(&asked, &out);
        printf("%lu\t%u\t", bytes_lost(), (unsigned)VALGRIND_COUNT_ERRORS);
        for (i = 0; i < asked.count; i++) {
            printf("%s%d", i == 0 ? "" : ",", out.kinds[i]);
        }
        printf("\t%s\n", out.text);
        fflush(stdout);
    }
    return 0;
}
