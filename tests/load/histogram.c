#include "tests/load/histogram.h"

static uint32_t bucket_of(uint64_t value) {
    if (value < 2 * HISTOGRAM_FINE) return (uint32_t)value;
    uint32_t power = 63 - (uint32_t)__builtin_clzll(value) - 5;
    uint32_t bucket = power * HISTOGRAM_FINE + (uint32_t)(value >> power);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint64_t value_of(uint32_t bucket) {
    if (bucket < 2 * HISTOGRAM_FINE) return bucket;
    uint32_t power = bucket / HISTOGRAM_FINE - 1;
    uint64_t low = (uint64_t)(bucket % HISTOGRAM_FINE + HISTOGRAM_FINE) << power;
    return low + (UINT64_C(1) << power) / 2;
}

void histogram_add_many(struct histogram *histogram, uint64_t value, uint64_t count) {
    if (!count) return;
    histogram->count += count;
    histogram->buckets[bucket_of(value)] += (uint32_t)count;
    if (value > histogram->max) histogram->max = value;
}

void histogram_add(struct histogram *histogram, uint64_t value) {
    histogram_add_many(histogram, value, 1);
}

void histogram_add_ramp(struct histogram *histogram, uint64_t first, uint64_t last, uint64_t step) {
    for (uint64_t value = first; value <= last; value += step) histogram_add(histogram, value);
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
    if (!from->count) return;
    into->count += from->count;
    if (from->max > into->max) into->max = from->max;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) into->buckets[i] += from->buckets[i];
}

/* Of a part of a value all is meant, so that one slow in sixty is beyond 98 %; binary fractions may add one.
 */
#define UPWARD 0.999

uint64_t histogram_at(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->count + UPWARD), seen = 0;
    if (wanted == 0) wanted = 1;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted) return value_of(i) < histogram->max ? value_of(i) : histogram->max;
    }
    return 0;
}
