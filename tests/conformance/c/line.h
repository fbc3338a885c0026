/* A line from the judge: words and name=value fields, with a TAB between (PROTOCOL.md). */

#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FIELDS 4096

typedef struct {
    const char *words[2];
    size_t field_count;
    const char *names[MOST_FIELDS];
    const char *values[MOST_FIELDS];
} line_t;

/* Reads a line of any length into `text`, which grows; NULL at the end of the input. (Not every system has getline.) */
static char *line_read(char **text, size_t *size) {
    size_t length = 0;
    for (;;) {
        if (*size - length < 2) {
            *size = *size == 0 ? 4096 : *size * 2;
            *text = realloc(*text, *size);
            if (*text == NULL) {
                abort();
            }
        }
        if (fgets(*text + length, (int)(*size - length), stdin) == NULL) {
            return length == 0 ? NULL : *text;
        }
        length += strlen(*text + length);
        if ((*text)[length - 1] == '\n') {
            return *text;
        }
    }
}

/* Turns \\, \t, \n and \r back, in place. */
static void line_unescape(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\\' && from[1] != '\0') {
            from++;
            *to++ = (char)(*from == 't' ? '\t' : *from == 'n' ? '\n' : *from == 'r' ? '\r' : *from);
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* Splits `text`, which is changed and must live as long as the line. */
static void line_parse(char *text, line_t *line) {
    size_t words = 0;
    line->words[0] = line->words[1] = "";
    line->field_count = 0;
    text[strcspn(text, "\n")] = '\0';
    for (char *part = text; part != NULL;) {
        char *tab = strchr(part, '\t');
        if (tab != NULL) {
            *tab = '\0';
        }
        char *equals = strchr(part, '=');
        if (equals == NULL && words < 2) {
            line->words[words++] = part;
        } else if (equals != NULL && line->field_count < MOST_FIELDS) {
            *equals = '\0';
            line_unescape(equals + 1);
            line->names[line->field_count] = part;
            line->values[line->field_count++] = equals + 1;
        }
        part = tab == NULL ? NULL : tab + 1;
    }
}

/* The value of a field, or NULL. */
static const char *line_get(const line_t *line, const char *name) {
    for (size_t i = 0; i < line->field_count; i++) {
        if (strcmp(line->names[i], name) == 0) {
            return line->values[i];
        }
    }
    return NULL;
}

/* All values of a field that may repeat. */
/* One text, or those of a list, which are separate fields: `before.0`, `before.1`. Returns their number. */
static size_t line_texts(const line_t *line, const char *name, const char **values) {
    const char *one = line_get(line, name);
    size_t count = 0;
    char item[64];
    if (one != NULL && one[0] != '[') {
        values[count++] = one;
        return count;
    }
    for (; count < MOST_FIELDS; count++) {
        snprintf(item, sizeof item, "%s.%zu", name, count);
        values[count] = line_get(line, item);
        if (values[count] == NULL) {
            break;
        }
    }
    return count;
}

static size_t line_all(const line_t *line, const char *name, const char **values) {
    size_t count = 0;
    for (size_t i = 0; i < line->field_count; i++) {
        if (strcmp(line->names[i], name) == 0) {
            values[count++] = line->values[i];
        }
    }
    return count;
}

#endif
