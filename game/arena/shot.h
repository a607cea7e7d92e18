/* Shots: they fly straight on until they meet something or their time is over. */
#pragma once
#include "game/arena/world.h"

/* All shots fly for one tick, and hit. The grid must be up to date. */
void shot_fly(struct arena *arena, struct game_turn *turn);
/* Nobody is hit by the shots of an empty seat. */
void shot_forget(struct arena *arena, game_player who);
