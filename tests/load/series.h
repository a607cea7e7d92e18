/* A run second by second: for the live line, CSV, and plots. */
#pragma once
#include "tests/load/figures.h"
#include "tests/load/scrape.h"

enum { SERIES_MAX = 7200 /* seconds that are kept: two hours; what comes after is told live only */ };

/* name (the column), unit, what it shows */
#define SERIES_COLUMNS(X)                                                                                    \
    X(at_s, "s", "since the first came")                                                                     \
    X(playing, "", "players")                                                                                \
    X(frames, "/s", "frames")                                                                                \
    X(bytes_each, "B/s", "bytes a player")                                                                   \
    X(inputs, "/s", "inputs")                                                                                \
    X(age_p50_ms, "ms", "age of state, p50")                                                                 \
    X(age_p99_ms, "ms", "age of state, p99")                                                                 \
    X(age_max_ms, "ms", "age of state, most")                                                                \
    X(effect_p50_ms, "ms", "input to effect, p50")                                                           \
    X(effect_p99_ms, "ms", "input to effect, p99")                                                           \
    X(gap_p99_ms, "ms", "frame gap, p99")                                                                    \
    X(rtt_p50_ms, "ms", "round trip, p50")                                                                   \
    X(rtt_p99_ms, "ms", "round trip, p99")                                                                   \
    X(hashes_wrong, "", "wrong hashes so far")                                                               \
    X(server_cpu_percent, "%", "server: CPU")                                                                \
    X(server_tick_p99_ms, "ms", "server: tick, p99")                                                         \
    X(server_memory_mb, "MB", "server: memory")

enum series_column {
#define X(name, unit, title) SERIES_##name,
    SERIES_COLUMNS(X)
#undef X
        SERIES_COUNT
};
extern const char *const series_names[SERIES_COUNT], *const series_units[SERIES_COUNT],
                                                         *const series_titles[SERIES_COUNT];

struct series {
    double (*all)[SERIES_COUNT]; /* grows */
    uint32_t count, room;
    struct totals last;
    struct scrape_sample last_server;
    uint32_t measured_from, measured_to; /* rows */
};

/* One second more; gives its row, valid until the next, or NULL without memory. */
const double *series_add(struct series *series, const struct figures *figures,
                         const struct scrape_sample *server, double at_s);
void series_free(struct series *series);
