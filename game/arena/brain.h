/* The computer pilots: each tick they look at the view, as a player would, and press keys. */
#pragma once
#include "game/arena/rows.h"

/* game_calls.think */
void brain_think(const struct game_view *view, const struct game_turn *turn, game_player who, uint32_t *mind,
                 void *input);
