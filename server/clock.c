/* The steady clock and the wall clock. What is told to others starts near 1 s, so that 0 can mean "never". */
#include "server/clock.h"

static uint64_t start_ns;

uint64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct timespec clock_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

/* Before main and before any thread: so nobody can see it change. */
__attribute__((constructor)) static void clock_start(void) {
    start_ns = clock_ns() - 1000000000u;
}

uint64_t clock_us(void) {
    return (clock_ns() - start_ns) / 1000;
}

int64_t clock_wall_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_s(void) {
    return clock_wall_us() / 1000000;
}
