#include "tests/load/figures.h"
#include <stdio.h>
#include <string.h>

/* ---- Histograms: below 64 each value has its bucket, then 32 buckets share each power of two. */

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

void histogram_add(struct histogram *histogram, uint64_t value) {
    histogram->count++;
    histogram->buckets[bucket_of(value)]++;
    if (value > histogram->max) histogram->max = value;
}

uint64_t histogram_at(const struct histogram *histogram, double share) {
    uint64_t wanted = (uint64_t)(share * (double)histogram->count + 0.5), seen = 0;
    if (wanted == 0) wanted = 1;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted) return value_of(i) < histogram->max ? value_of(i) : histogram->max;
    }
    return 0;
}

/* ---- One run. */

void figures_begin(struct figures *figures) {
    figures->before = figures->now;
    memset(&figures->gap_us, 0, sizeof figures->gap_us);
    memset(&figures->rtt_us, 0, sizeof figures->rtt_us);
}

void figures_closed(struct figures *figures, unsigned code) {
    for (int i = 0; i < FIGURES_CODES; i++) {
        if (figures->closed[i].count && figures->closed[i].code != code) continue;
        figures->closed[i].code = code;
        figures->closed[i].count++;
        return;
    }
}

void figures_complain(struct figures *figures, const char *words) {
    for (int i = 0; i < FIGURES_COMPLAINTS; i++) {
        if (figures->complaints[i].count && strcmp(figures->complaints[i].words, words) != 0) continue;
        snprintf(figures->complaints[i].words, sizeof figures->complaints[i].words, "%s", words);
        figures->complaints[i].count++;
        return;
    }
}

bool figures_fine(const struct figures *figures, uint32_t clients) {
    const struct totals *now = &figures->now;
    return figures->joined == clients && !figures->dropped && !figures->refused && !figures->silent &&
           now->frames && now->hashes && !now->hashes_wrong;
}
