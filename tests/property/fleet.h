/* The game of own_test.c: the arena's ships and rules, in a world where they meet nothing. Where each ship
 * was is kept for a while, to compare what others saw with. */
#pragma once
#include "game/game_api.h"

enum {
    FLEET_SHIPS = 64,
    FLEET_KEPT_TICKS = 32, /* of the truth: more than a frame takes, with all its jitter */
    FLEET_TICK_MS = 50
};

struct fleet_place {
    float x, y;
};
extern struct fleet {
    bool crowded;   /* all see one another */
    bool winds;     /* the world interferes: now and then a gust */
    double ago_sum; /* in ticks, of all inputs: how old was what their pilots saw */
    uint32_t ago_count;
    struct fleet_place truth[FLEET_KEPT_TICKS][FLEET_SHIPS]; /* where each ship was, by tick */
} fleet;

extern const struct game_calls fleet_calls;

/* The arena's tables, all but its other kinds and its events. */
struct schema fleet_schema(void);
