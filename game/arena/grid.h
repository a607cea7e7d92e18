/* Where ships and rocks are, by squares of the world: finds what is near a place without asking everyone. The
 * grid knows numbers and places only; ships are things 0 … 255, rocks 256 and up. */
#pragma once
#include "game/arena/rows.h"

enum { GRID_ACROSS = 32, GRID_ROCKS = PLAYERS_MAX, GRID_THINGS = PLAYERS_MAX + ROCKS_MAX };

struct grid {
    uint16_t first[GRID_ACROSS * GRID_ACROSS]; /* thing + 1; 0: none */
    uint16_t next[GRID_THINGS];
};

void grid_clear(struct grid *grid);
/* `x`, `y` within the world. */
void grid_put(struct grid *grid, uint16_t thing, float x, float y);
/* Writes all things whose squares come within `reach` of the place into `found` (GRID_THINGS long), each
 * once; returns how many. It may find too many, never too few. */
uint32_t grid_near(const struct grid *grid, float x, float y, float reach, uint16_t *found);
