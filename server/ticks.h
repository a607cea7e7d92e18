/* How the ticks do: their duration and lateness as percentiles, slips in the log, and, in builds that count
 * them, heap allocations on the tick path. Main alone. */
#pragma once
#include <stdint.h>

/* A tick woke this late; so many were given up before it. */
void ticks_late(uint64_t late_us, uint32_t slipped);
/* Around the work of one tick. */
void ticks_begin(void);
void ticks_end(void);
