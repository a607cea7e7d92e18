/* Pilots: who sits where, its ship's coming and going, and its points. */
#pragma once
#include "game/arena/world.h"

void pilot_join(struct arena *arena, struct game_turn *turn, game_player who,
                const struct game_profile *profile);
void pilot_leave(struct arena *arena, struct game_turn *turn, game_player who);
/* Ships whose time of waiting is over come back. */
void pilot_respawn(struct arena *arena, struct game_turn *turn);
/* Adds points, or takes them (never below 0). */
void pilot_score(struct arena *arena, struct game_turn *turn, game_player who, int32_t points);
/* Tells the store of a new best score, if it is one. */
void pilot_best(struct arena *arena, struct game_turn *turn, game_player who);
/* One kill more, here and for good. */
void pilot_killed(struct arena *arena, struct game_turn *turn, game_player who);
