/* The arena's world: everything that lasts from tick to tick, in one flat block without pointers. A life of 0
 * means: not there. Each noun's file works on its own part; what several share is declared here. */
#pragma once
#include "game/arena/grid.h"
#include "game/arena/rows.h"

struct seat { /* what belongs to a player and is not shown as it is */
    uint64_t account;
    int64_t best;                                /* best score of the account so far */
    uint32_t respawn_tick, ready_tick;           /* when a dead ship returns; when the gun may fire again */
    uint32_t safe_tick, shield_tick, rapid_tick; /* until when each lasts */
    uint32_t hurt_tick;                          /* until when `hurt_by` gets a kill that a rock finishes */
    int32_t hurt_by;
    float heat; /* of the gun, 0 … 100 */
};

struct arena {
    uint64_t dice;
    uint32_t lives;                                           /* the newest life number given */
    uint32_t pilot_life[PLAYERS_MAX], ship_life[PLAYERS_MAX]; /* no pilot: the seat is free */
    uint32_t shot_life[SHOTS_MAX], shot_end_tick[SHOTS_MAX];
    float shot_ago[SHOTS_MAX]; /* by how many ticks what its pilot sees lags behind */
    uint32_t rock_life[ROCKS_MAX], pickup_life[PICKUPS_MAX];
    float sight;        /* from the rules: `show` is not told them */
    uint32_t shot_next; /* where the search for a free slot starts */
    int32_t rock_health[ROCKS_MAX];
    struct seat seat[PLAYERS_MAX];
    struct pilot pilot[PLAYERS_MAX];
    struct hud hud[PLAYERS_MAX];
    struct ship ship[PLAYERS_MAX];
    struct shot shot[SHOTS_MAX];
    struct rock rock[ROCKS_MAX];
    struct pickup pickup[PICKUPS_MAX];
    struct grid grid; /* ships and rocks by place, made anew in every tick */
};

/* The next life number. After 2³² things, which a busy room has shot in some weeks, they begin anew: without
 * 0. */
uint32_t world_life(struct arena *arena);
/* How many ticks last at least `seconds`. */
uint32_t world_ticks(const struct game_turn *turn, float seconds);
/* A random place that is not next to a ship: the loneliest of some throws. */
void world_place(struct arena *arena, float *x, float *y);
/* Tells those who may see (x, y); `event` is the struct of `record`. */
void world_tell_near(struct game_turn *turn, uint16_t record, float x, float y, const void *event);
/* The square of the short way between two places. */
float world_distance2(float ax, float ay, float bx, float by);
/* The sectors that may be seen from (x, y), as groups: bits by their numbers. */
uint64_t world_sectors(float x, float y, float sight);
