/* How a ship moves: two pure functions on its row. One used input is one steer and one step; a client that
 * runs them on its own row sees what the server will say. Shots, collisions and health are elsewhere. */
#pragma once
#include "game/arena/rows.h"

/* Takes an input (struct ship, struct arena_rules, struct arena_input): sets the intents turn and thrust, and
 * the flags for thrust and fire. `dt`: seconds of one tick. */
void ship_steer(void *row, const void *rules, const void *input, float dt);
/* One tick of a ship (struct ship, struct arena_rules): turns, drags, thrusts, moves over the seam if need
 * be. All of it comes out as whole steps of its fields, so that whoever predicts it is exactly right. */
void ship_step(void *row, const void *rules, float dt);
/* Sets the place, or the speed after a bump: rounded, and kept within what a row can show. */
void ship_set_place(struct ship *ship, float x, float y);
void ship_set_speed(struct ship *ship, float vx, float vy);
