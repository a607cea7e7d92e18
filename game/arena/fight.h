/* Fights: harm, death, and ships that bump into rocks and each other. */
#pragma once
#include "game/arena/world.h"

/* Harm to a ship, by a player or by nobody (−1); a safe or shielded ship feels none. At 0 it dies. */
void fight_hurt(struct arena *arena, struct game_turn *turn, game_player whom, int32_t by, int32_t damage);
/* Ships that touch a rock or a ship bounce off and are hurt. The grid must be up to date. */
void fight_bump(struct arena *arena, struct game_turn *turn);
