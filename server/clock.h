/* The one file that asks for the time. Everyone else gets time as an argument, or asks here. */
#pragma once
#include <stdint.h>

/* Microseconds on a steady clock that starts near 1 s with the process. Never goes back. Any thread. */
uint64_t clock_us(void);
/* Seconds since 1970, for what is kept on disk. Any thread. */
int64_t clock_wall_s(void);
