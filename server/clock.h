/* The one file that asks for the time. Everyone else gets time as an argument, or asks here. */
#pragma once
#include <stdint.h>
#include <time.h>

/* Microseconds on a steady clock that starts near 1 s with the process. Never goes back. Any thread. */
uint64_t clock_us(void);
/* Nanoseconds of CLOCK_MONOTONIC as the kernel counts them, for absolute deadlines. Any thread. */
uint64_t clock_ns(void);
/* Nanoseconds as the kernel takes them, a moment's or a span's. */
struct timespec clock_timespec(uint64_t ns);
/* Microseconds since 1970, for log lines and for what is kept on disk; may jump. Any thread. */
int64_t clock_wall_us(void);
/* Seconds since 1970. Any thread. */
int64_t clock_wall_s(void);
