#include "tests/load/figures.h"
#include <stdio.h>
#include <string.h>

#define X(name, key, title) #key,
const char *const figures_time_names[TIME_COUNT] = {FIGURES_TIMES(X)};
#undef X
#define X(name, key, title) title,
const char *const figures_time_titles[TIME_COUNT] = {FIGURES_TIMES(X)};
#undef X

#define X(name, share) #name,
const char *const figures_share_names[SHARE_COUNT] = {FIGURES_SHARES(X)};
#undef X

double figures_ms(const struct histogram *times, enum figures_share share) {
#define X(name, share) share,
    static const double shares[SHARE_COUNT] = {FIGURES_SHARES(X)};
#undef X
    uint64_t us = share == SHARE_max ? times->max : histogram_at(times, shares[share]);
    return (double)us / 1000;
}

void figures_time(struct figures *figures, enum figures_time which, uint64_t us) {
    bool always = which == TIME_JOIN || which == TIME_RESUME;
    if (figures->measuring || always) histogram_add(&figures->second[which], us);
}

void figures_turn_second(struct figures *figures) {
    for (int i = 0; i < TIME_COUNT; i++) histogram_merge(&figures->times[i], &figures->second[i]);
    memset(figures->second, 0, sizeof figures->second);
}

void figures_begin(struct figures *figures) {
    figures_turn_second(figures);
    figures->before = figures->now;
    figures->measuring = true;
    figures->until_us = UINT64_MAX;
}

void figures_end(struct figures *figures, uint64_t now_us) {
    figures->after = figures->now;
    figures->until_us = now_us;
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
    bool wrong = now->hashes_wrong || now->private_seen || now->inputs_misacknowledged ||
                 now->inputs_unacknowledged || now->ticks_disordered;
    return figures->joined >= clients && !figures->dropped && !figures->refused && !figures->silent &&
           now->frames && now->hashes && !wrong;
}
