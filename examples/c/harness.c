/* A command-line harness: runs one shell command on phones and prints what each of them printed.
 *
 *   harness --emulator 4 -- getprop ro.product.model      four phones of a local emulator
 *   harness a44uhlf7 efjy72gs -- pm list packages         real phones; credentials from the environment
 *
 * Exit status: 0 for success, 1 if a phone failed, otherwise 2 with the reason on standard error.
 */

#include <koophone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *doing, koophone_error *error) {
    fprintf(stderr, "%s: %s\n", doing, koophone_error_text(error));
    for (size_t i = 0, count = 0; koophone_error_causes(error, &count) != NULL && i < count; i++) {
        fprintf(stderr, "  because: %s\n", koophone_error_causes(error, &count)[i]);
    }
    koophone_error_free(error);
    return 2;
}

static int run(const koophone_client *client, const char *const *ids, size_t count, const char *command) {
    koophone_error *error;
    koophone_command_result_list *results;
    const koophone_call_options options = {.timeout_ms = 60000};
    if (koophone_client_run_command(client, ids, count, command, &options, &results, &error) != KOOPHONE_OK) {
        return complain("the command was not run", error);
    }
    for (size_t i = 0; i < results->count; i++) {
        const koophone_command_result *result = &results->items[i];
        printf("%s: %s\n", result->instance_id, koophone_job_state_name((int32_t)result->state));
        if (result->output_length > 0) {
            printf("  %s\n", result->output);
        }
        if (result->error != NULL) {
            printf("  %s\n", koophone_error_text(result->error));
        }
    }
    const int status = koophone_command_result_list_all_ok(results) ? 0 : 1;
    koophone_command_result_list_free(results);
    return status;
}

/* Joins words with spaces. */
static char *joined(char *const *words, int count) {
    size_t length = 1;
    for (int i = 0; i < count; i++) {
        length += strlen(words[i]) + 1;
    }
    char *text = calloc(length, 1);
    for (int i = 0; i < count && text != NULL; i++) {
        strcat(strcat(text, i == 0 ? "" : " "), words[i]);
    }
    return text;
}

int main(int argc, char **argv) {
    int dashes = 1;
    while (dashes < argc && strcmp(argv[dashes], "--") != 0) {
        dashes++;
    }
    if (dashes >= argc - 1 || dashes == 1) {
        fprintf(stderr, "usage: %s (--emulator COUNT | PHONE...) -- COMMAND...\n", argv[0]);
        return 2;
    }
    koophone_error *error;
    koophone_emulator *emulator = NULL;
    koophone_config *config = NULL;
    koophone_client *client = NULL;
    const char *const *ids = (const char *const *)&argv[1];
    size_t count = (size_t)dashes - 1;
    if (koophone_config_new(&config, &error) != KOOPHONE_OK) {
        return complain("no configuration", error);
    }
    if (strcmp(argv[1], "--emulator") == 0) {
        char emulated[64];
        snprintf(emulated, sizeof emulated, "{\"phones\": %lu}", strtoul(argv[2], NULL, 10));
        if (koophone_emulator_start(emulated, &emulator, &error) != KOOPHONE_OK) {
            return complain("no emulator", error);
        }
        if (koophone_emulator_configure(emulator, config, &error) != KOOPHONE_OK) {
            return complain("no configuration", error);
        }
        ids = koophone_emulator_instance_ids(emulator, &count);
    }
    int status = 2;
    char *command = joined(&argv[dashes + 1], argc - dashes - 1);
    if (koophone_client_new(config, &client, &error) != KOOPHONE_OK) {
        complain("no client", error);
    } else if (command != NULL) {
        status = run(client, ids, count, command);
    }
    free(command);
    koophone_client_free(client);
    koophone_config_free(config);
    koophone_emulator_free(emulator);
    return status;
}
