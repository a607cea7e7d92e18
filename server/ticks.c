#include "server/ticks.h"
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1024, EVERY = 32 }; /* ticks that percentiles are taken over, and how often */

static uint32_t took_us[WINDOW], late_by_us[WINDOW];
static uint64_t count, began_us;

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t p99(const uint32_t *values) {
    uint32_t sorted[WINDOW];
    size_t size = count < WINDOW ? (size_t)count : WINDOW;
    memcpy(sorted, values, size * sizeof *sorted);
    qsort(sorted, size, sizeof *sorted, ascending);
    return sorted[(size - 1) * 99 / 100];
}

void ticks_late(uint64_t late_us, uint32_t slipped) {
    late_by_us[count % WINDOW] = (uint32_t)late_us;
    if (!slipped) return;
    metrics_add(METRIC_ticks_slipped, slipped);
    log_limited(LOG_WARN, "tick_slipped", "ticks=%u late_ms=%.1f", slipped, (double)late_us / 1000);
}

#ifdef TIDEWIRE_COUNT_ALLOCATIONS
/* Every allocation of the process comes by here in this build; those of the tick's thread within a tick are
 * counted. glibc's own names for the real ones. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static _Thread_local int on_tick_path;
static _Thread_local uint64_t allocations;

void *malloc(size_t size) {
    allocations += (uint64_t)on_tick_path;
    return __libc_malloc(size);
}
void *calloc(size_t members, size_t size) {
    allocations += (uint64_t)on_tick_path;
    return __libc_calloc(members, size);
}
void *realloc(void *old, size_t size) {
    allocations += (uint64_t)on_tick_path;
    return __libc_realloc(old, size);
}

static void count_allocations(int on) {
    on_tick_path = on;
    if (on) return;
    metrics_add(METRIC_tick_allocations, allocations);
    allocations = 0;
}
#else
static void count_allocations(int on) {
    (void)on;
}
#endif

void ticks_begin(void) {
    began_us = clock_us();
    count_allocations(1);
}

void ticks_end(void) {
    count_allocations(0);
    uint64_t took = clock_us() - began_us;
    took_us[count++ % WINDOW] = (uint32_t)took;
    metrics_add(METRIC_ticks, 1);
    metrics_add(METRIC_tick_us, took);
    if (count % EVERY != 0) return;
    metrics_set(METRIC_tick_p99_us, p99(took_us));
    metrics_set(METRIC_tick_late_p99_us, p99(late_by_us));
}
