/* Does on purpose what a sanitizer or valgrind must find; the suite fails if it finds nothing. */

#include <koophone.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    koophone_error *error;
    koophone_config *config;
    koophone_config_new(NULL, &error);
    if (argc > 1 && strcmp(argv[1], "use-after-free") == 0) {
        /* Memory of the library: it must be checked as well, not only the program's own. */
        const char *message = koophone_error_message(error);
        koophone_error_free(error);
        printf("%c\n", message[0]);
        return 0;
    }
    koophone_error_free(error);
    if (argc > 1 && strcmp(argv[1], "leak") == 0) {
        koophone_config_new(&config, NULL);
        config = NULL;
    }
    return 0;
}
