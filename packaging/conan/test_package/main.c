#include <koophone.h>
#include <stdio.h>

/* Exits with 0 if the library starts an emulator with 3 phones, the default. */
int main(void) {
    koophone_emulator *emulator = NULL;
    koophone_error *error = NULL;
    size_t phones = 0;
    if (koophone_emulator_start(NULL, &emulator, &error) != KOOPHONE_OK) {
        fprintf(stderr, "%s\n", koophone_error_message(error));
        koophone_error_free(error);
        return 1;
    }
    koophone_emulator_instance_ids(emulator, &phones);
    koophone_emulator_free(emulator);
    return phones == 3 ? 0 : 2;
}
