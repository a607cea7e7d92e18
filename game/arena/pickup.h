/* Pick-ups: things that lie about and do a ship good. */
#pragma once
#include "game/arena/world.h"

/* The first ones, at once. */
void pickup_begin(struct arena *arena, int32_t count);
/* Lays one down, if there is a free slot. */
void pickup_drop(struct arena *arena, float x, float y);
/* Ships take what they touch; now and then one appears while there are too few. The grid must be up to date.
 */
void pickup_tick(struct arena *arena, struct game_turn *turn);
