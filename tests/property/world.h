/* The game of worlds_test.c: it does everything that a game may do to its rows, by chance. Its tables are
 * made anew for each world, of which there is one at a time. */
#pragma once
#include "game/game_api.h"

enum { WORLD_SEATS = 12, WORLD_THINGS_MAX = 7200, WORLD_NEWS_MAX = 1 << 16 };
enum { WORLD_EVERYBODY = -1 };
enum { WORLD_NEWS, WORLD_RUMOUR, WORLD_RECORDS }; /* events: news that must arrive, and news that may not */

extern struct schema_kind world_kinds[]; /* made anew with each world */
extern const struct schema world_schema;
extern const struct game_calls world_calls;

/* What this world is like; its test may change what is said to change. */
extern struct how {
    uint64_t dice;
    float width, step, speed;
    uint32_t calm;   /* how seldom a row does something: once in so many ticks */
    bool quiet;      /* changes: nothing happens any more */
    bool frozen;     /* changes: nor does anything move, for a while */
    bool round;      /* all places wrap, over the same range */
    bool stepped;    /* ships move by a predictor of the game's own */
    float radius;    /* how far players see; 0: everywhere */
    uint32_t budget; /* bytes a second for each client; 0: no bound */
} how;

/* What the world said that had to arrive: to whom (a player, or WORLD_EVERYBODY), by serial, which is an
 * event's first field. */
extern int32_t world_news_to[WORLD_NEWS_MAX], world_news_count;

/* `slots`: of each kind that moves; `signs`: of the one that does not. */
void world_make(uint64_t seed, uint16_t slots, uint16_t signs);
