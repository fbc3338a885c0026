/* Writing JSON. */

#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Text of a known length; NULL is null. */
static void json_text(FILE *out, const char *text, size_t length) {
    if (text == NULL) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < 0x20) {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

static void json_texts(FILE *out, const char *const *texts, size_t count) {
    fputc('[', out);
    for (size_t i = 0; i < count; i++) {
        fputs(i == 0 ? "" : ",", out);
        json_text(out, texts[i], strlen(texts[i]));
    }
    fputc(']', out);
}

/* Structures one after the other, each written by `write`. */
#define JSON_ARRAY(out, write, items, count)                                                                           \
    do {                                                                                                               \
        fputc('[', out);                                                                                               \
        for (size_t json_at = 0; json_at < (count); json_at++) {                                                       \
            fputs(json_at == 0 ? "" : ",", out);                                                                       \
            write(out, &(items)[json_at]);                                                                             \
        }                                                                                                              \
        fputc(']', out);                                                                                               \
    } while (0)

#endif
