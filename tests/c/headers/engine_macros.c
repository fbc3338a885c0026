/* Compiled and never run: koophone.h after the macros of engines. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine_macros.h"

#include <koophone.h>

const char *version(void) { return koophone_version(); }
