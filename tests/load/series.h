/* A run second by second: for the live line, CSV, and plots. */
#pragma once
#include "tests/load/figures.h"
#include "tests/load/scrape.h"

enum { SERIES_MAX = 7200 /* seconds that are kept: two hours; what comes after is told live only */ };

/* Each time has all its shares, one after another. */
#define SERIES_TIME(name, key, title)                                                                        \
    X(key##_p50_ms, title ", p50")                                                                           \
    X(key##_p90_ms, title ", p90")                                                                           \
    X(key##_p99_ms, title ", p99")                                                                           \
    X(key##_p999_ms, title ", p99.9")                                                                        \
    X(key##_max_ms, title ", most")
/* X(the column's name, its title), in the order of CSV. What is counted is that of the second. */
#define SERIES_COLUMNS                                                                                       \
    X(at_s, "since the first came")                                                                          \
    X(playing, "players")                                                                                    \
    X(frames, "frames")                                                                                      \
    X(bytes_each, "bytes a player")                                                                          \
    X(inputs, "inputs")                                                                                      \
    X(corrections, "corrections")                                                                            \
    X(missed_ticks, "missed ticks")                                                                          \
    X(hashes_wrong, "wrong hashes so far")                                                                   \
    X(server_cpu_percent, "server: CPU")                                                                     \
    X(server_tick_p99_ms, "server: tick, p99")                                                               \
    X(server_memory_mb, "server: memory")                                                                    \
    FIGURES_TIMES(SERIES_TIME)

enum series_column {
#define X(name, title) SERIES_##name,
    SERIES_COLUMNS
#undef X
        SERIES_COUNT
};
extern const char *const series_names[SERIES_COUNT], *const series_titles[SERIES_COUNT];

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
