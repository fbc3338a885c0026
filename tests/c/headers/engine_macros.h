/* What game engines, Windows and X11 define before a program includes koophone.h. A function-like macro with one of our
 * names expands to code that no compiler accepts. */

#define ENGINE_TOOK_OVER ::koophone_engine_took_over::does_not_exist

#define malloc(size) ENGINE_TOOK_OVER(size)
#define calloc(count, size) ENGINE_TOOK_OVER(count, size)
#define realloc(pointer, size) ENGINE_TOOK_OVER(pointer, size)
#define free(pointer) ENGINE_TOOK_OVER(pointer)
#define min(a, b) ENGINE_TOOK_OVER(a, b)
#define max(a, b) ENGINE_TOOK_OVER(a, b)
#define check(expression) ENGINE_TOOK_OVER(expression)
#define verify(expression) ENGINE_TOOK_OVER(expression)
#define assert(expression) ENGINE_TOOK_OVER(expression)
#define ensure(expression) ENGINE_TOOK_OVER(expression)
#define TEXT(literal) ENGINE_TOOK_OVER(literal)
#define DEBUG_NEW new (ENGINE_TOOK_OVER)
#define new DEBUG_NEW
#define PI 3.14159265358979
#define ERROR 0
#define IN
#define OUT
#define OPTIONAL
#define DELETE (0x00010000L)
#define near
#define far
#define small char
#define interface struct
#define Status int
#define None 0L
#define Always 2
#define Success 0
#define True 1
#define False 0
#define Bool int
