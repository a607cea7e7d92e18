/* What a player of worlds_test.c may and must hold, told apart from how the server finds it: whom a row is
 * for, and for how long it has been within sight, or clearly beyond it. */
#pragma once
#include "server/world/shown.h"

/* A world begins: nothing was seen yet. */
void sight_begin(void);
/* After each tick: which rows are within whose sight. */
void sight_follow(const struct shown *shown);

/* Whether a row is there and for this player, wherever it is. */
bool sight_allows(const struct shown *shown, uint32_t player, uint32_t row);
/* Whether this player, for whom it is, may hold a row, and whether it must. Interest may lag by a quarter's
 * turn, but for newborn rows. */
bool sight_may_hold(const struct shown *shown, uint32_t player, uint32_t row);
bool sight_must_hold(const struct shown *shown, uint32_t player, uint32_t row);
