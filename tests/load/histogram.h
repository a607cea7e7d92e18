/* A log-linear histogram (the idea of Gil Tene's HdrHistogram): below 64 each value has its bucket, above it
 * 32 buckets share each power of two, so a value is at most 3 % off and memory is fixed. Single-threaded. */
#pragma once
#include <stdint.h>

enum {
    HISTOGRAM_FINE = 32,     /* buckets for each power of two */
    HISTOGRAM_BUCKETS = 1216 /* up to 2⁴¹: 25 days in microseconds; more counts as that */
};

struct histogram {
    uint64_t count, max;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};
void histogram_add(struct histogram *histogram, uint64_t value);
void histogram_add_many(struct histogram *histogram, uint64_t value, uint64_t count);
/* What a steady look each `step` sees of something that grows with time: first, first + step, … up to `last`.
 */
void histogram_add_ramp(struct histogram *histogram, uint64_t first, uint64_t last, uint64_t step);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The value that `share` (0 … 1) of all lie at or below; 0 if there are none. */
uint64_t histogram_at(const struct histogram *histogram, double share);
