#include "tests/load/series.h"
#include <stdlib.h>

#define X(name, title) #name,
const char *const series_names[SERIES_COUNT] = {SERIES_COLUMNS};
#undef X
#define X(name, title) title,
const char *const series_titles[SERIES_COUNT] = {SERIES_COLUMNS};
#undef X

static void fill_players(double *row, const struct figures *figures, const struct totals *last,
                         double passed_s) {
    const struct totals *now = &figures->now;
    double each = 1 / (passed_s * (figures->playing ? figures->playing : 1));
    row[SERIES_playing] = figures->playing;
    row[SERIES_frames] = (double)(now->frames - last->frames) / passed_s;
    row[SERIES_inputs] = (double)(now->inputs - last->inputs) / passed_s;
    row[SERIES_bytes_each] = (double)(now->payload_bytes - last->payload_bytes) * each;
    row[SERIES_corrections] = (double)(now->corrections - last->corrections) / passed_s;
    row[SERIES_missed_ticks] = (double)(now->missed_ticks - last->missed_ticks) / passed_s;
    row[SERIES_hashes_wrong] = (double)now->hashes_wrong;
}

_Static_assert(SERIES_age_p50_ms + TIME_COUNT * SHARE_COUNT == SERIES_COUNT,
               "each time has all shares, last");

static void fill_times(double *row, const struct histogram *second) {
    double *at = row + SERIES_age_p50_ms;
    for (int i = 0; i < TIME_COUNT * SHARE_COUNT; i++)
        *at++ = figures_ms(&second[i / SHARE_COUNT], (enum figures_share)(i % SHARE_COUNT));
}

static void fill_server(double *row, const struct scrape_sample *server, const struct scrape_sample *last) {
    double passed_us = (double)(server->at_us - last->at_us);
    row[SERIES_server_tick_p99_ms] = server->tick_p99_us / 1000;
    row[SERIES_server_memory_mb] = server->memory_bytes / 1e6;
    if (last->at_us && passed_us > 0 && server->cpu_us > last->cpu_us)
        row[SERIES_server_cpu_percent] = 100 * (server->cpu_us - last->cpu_us) / passed_us;
}

static double *next_row(struct series *series) {
    static double beyond[SERIES_COUNT];
    if (series->count == SERIES_MAX) return beyond;
    if (series->count == series->room) {
        uint32_t room = series->room ? series->room * 2 : 64;
        void *more = realloc(series->all, room * sizeof *series->all);
        if (!more) return NULL;
        series->all = more;
        series->room = room;
    }
    return series->all[series->count++];
}

const double *series_add(struct series *series, const struct figures *figures,
                         const struct scrape_sample *server, double at_s) {
    double before_s = series->count ? series->all[series->count - 1][SERIES_at_s] : 0;
    double *row = next_row(series);
    if (!row) return NULL;
    for (int i = 0; i < SERIES_COUNT; i++) row[i] = 0;
    row[SERIES_at_s] = at_s;
    fill_players(row, figures, &series->last, at_s - before_s > 0.01 ? at_s - before_s : 1);
    fill_times(row, figures->second);
    fill_server(row, server, &series->last_server);
    series->last = figures->now;
    series->last_server = *server;
    return row;
}

void series_free(struct series *series) {
    free(series->all);
    *series = (struct series){0};
}
