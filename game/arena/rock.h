/* Rocks: they drift, fall apart when shot, and hurt ships that run into them. */
#pragma once
#include "game/arena/world.h"

/* The first rocks, at once. */
void rock_begin(struct arena *arena, int32_t count);
/* Rocks drift for one tick; now and then one comes anew while there are too few. */
void rock_drift(struct arena *arena, const struct game_turn *turn);
/* A rock is shot or rammed by `by` (−1: nobody who counts) and may fall apart. */
void rock_hurt(struct arena *arena, struct game_turn *turn, uint32_t slot, int32_t by, int32_t damage);
