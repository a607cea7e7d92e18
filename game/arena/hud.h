/* What a pilot reads off its instruments: heat, and seconds left. */
#pragma once
#include "game/arena/world.h"

/* Writes the huds of all seats anew. */
void hud_write(struct arena *arena, const struct game_turn *turn);
