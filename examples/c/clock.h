/* A clock that only goes forward, and a pause: each system has its own. */

#ifndef EXAMPLE_CLOCK_H
#define EXAMPLE_CLOCK_H

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <time.h>
#endif

/* Nanoseconds since some moment. */
static inline long long clock_now(void) {
#ifdef _WIN32
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceFrequency(&per_second);
    QueryPerformanceCounter(&ticks);
    return (long long)((double)ticks.QuadPart * 1e9 / (double)per_second.QuadPart);
#else
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
#endif
}

static inline void clock_pause(long long nanoseconds) {
    if (nanoseconds <= 0) {
        return;
    }
#ifdef _WIN32
    Sleep((DWORD)(nanoseconds / 1000000));
#else
    const struct timespec time = {nanoseconds / 1000000000LL, nanoseconds % 1000000000LL};
    nanosleep(&time, NULL);
#endif
}

#endif
