#include "tests/load/road.h"
#include "game/math.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE = 128 * 1024 /* bytes before a bottleneck, as home routers have */ };
enum { MS = 1000, S = 1000000 /* microseconds */ };

/* Rounded from what providers and measuring sites publish; a tunnel: ten seconds of which are lost now and
 * then. */
static const char *const KNOWN[] = {
    "loopback",
    "fibre delay=4 jitter=2",
    "cable delay=10 jitter=6 down=12M up=1.2M",
    "wifi delay=6 jitter=15 stall=120 every=20",
    "4g delay=25 jitter=20 down=2.5M up=600k stall=200 every=12",
    "3g delay=60 jitter=50 down=200k up=50k stall=400 every=10",
    "lossy delay=30 jitter=10 stall=250 every=3",
    "slow delay=20 down=6k up=6k",
    "satellite delay=280 jitter=30 down=2M up=300k",
    "tunnel delay=40 jitter=30 down=500k up=100k stall=4000 every=15 cut=25",
};

void roads_init(struct roads *roads) {
    roads->count = 0;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) roads_read(roads, KNOWN[i]);
}

const struct road_kind *roads_find(const struct roads *roads, const char *name) {
    for (uint32_t i = 0; i < roads->count; i++)
        if (strcmp(roads->kinds[i].name, name) == 0) return &roads->kinds[i];
    return NULL;
}

/* ---- Words. */

static uint32_t whole(double value) {
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

bool road_set(struct road_kind *kind, const char *key, double value) {
    struct way_setup *up = &kind->up, *down = &kind->down;
    const struct {
        const char *key;
        double unit;
        uint32_t *one, *other; /* other NULL: it is one way's alone, or the road's */
    } settings[] = {
        {"down", 1, &down->bandwidth, NULL},
        {"up", 1, &up->bandwidth, NULL},
        {"queue", 1, &up->queue, &down->queue},
        {"delay", MS, &up->delay_us, &down->delay_us},
        {"jitter", MS, &up->jitter_us, &down->jitter_us},
        {"stall", MS, &up->stall_us, &down->stall_us},
        {"every", S, &up->stall_every_us, &down->stall_every_us},
        {"cut", S, &kind->cut_every_us, NULL},
    };
    if (!(value >= 0) || (strcmp(key, "queue") == 0 && value < 1)) return false;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (strcmp(key, settings[i].key) != 0) continue;
        *settings[i].one = whole(value * settings[i].unit);
        if (settings[i].other) *settings[i].other = *settings[i].one;
        return true;
    }
    return false;
}

/* KEY=NUMBER, the number with or without k or M. */
static bool read_word(struct road_kind *kind, char *word) {
    char *value = strchr(word, '='), *end;
    if (!value) return false;
    *value++ = 0;
    double number = strtod(value, &end);
    if (*end == 'k') number *= 1e3, end++;
    if (*end == 'M') number *= 1e6, end++;
    return end != value && !*end && road_set(kind, word, number);
}

bool roads_read(struct roads *roads, const char *text) {
    struct road_kind kind = {.up.queue = QUEUE, .down.queue = QUEUE};
    char words[256], *rest = words;
    if (snprintf(words, sizeof words, "%s", text) >= (int)sizeof words) return false;
    const char *name = strtok_r(rest, " \t", &rest);
    if (!name || strlen(name) >= ROAD_NAME || strchr(name, '=')) return false;
    snprintf(kind.name, sizeof kind.name, "%s", name);
    for (char *word; (word = strtok_r(NULL, " \t", &rest));)
        if (!read_word(&kind, word)) return false;
    struct road_kind *into = (struct road_kind *)roads_find(roads, kind.name);
    if (!into && roads->count == ROAD_KINDS) return false;
    *(into ? into : &roads->kinds[roads->count++]) = kind;
    return true;
}

/* ---- Driving on it. */

static bool way_is_plain(const struct way_setup *setup) {
    return !setup->bandwidth && !setup->delay_us && !setup->jitter_us && !setup->stall_every_us;
}

bool road_is_plain(const struct road_kind *kind) {
    return way_is_plain(&kind->up) && way_is_plain(&kind->down) && !kind->cut_every_us;
}

void road_start(struct road *road, const struct road_kind *kind, uint64_t seed, uint64_t now_us) {
    uint64_t dice = dice_seed(seed), up_seed = dice_next(&dice), down_seed = dice_next(&dice);
    uint32_t every_us = kind->cut_every_us;
    road->cut_us = every_us ? now_us + every_us / 2 + dice_below(&dice, every_us) : UINT64_MAX;
    way_start(&road->up, &kind->up, up_seed, now_us);
    way_start(&road->down, &kind->down, down_seed, now_us);
}

void road_finish(struct road *road) {
    way_finish(&road->up);
    way_finish(&road->down);
}

uint64_t road_due_us(const struct road *road) {
    uint64_t up_us = way_due_us(&road->up), down_us = way_due_us(&road->down);
    uint64_t due_us = up_us < down_us ? up_us : down_us;
    return due_us < road->cut_us ? due_us : road->cut_us;
}
