/* Shots: fired by ships, they fly straight on until they meet something or their time is over. */
#pragma once
#include "game/arena/world.h"

/* The trigger is held: fires if the gun is ready and cool enough. Ends the safe moment after a spawn. */
void shot_trigger(struct arena *arena, const struct game_turn *turn, game_player who);
/* A ring of shots around the player's ship. */
void shot_nova(struct arena *arena, const struct game_turn *turn, game_player who);
/* All shots fly for one tick, and hit. The grid must be up to date. */
void shot_fly(struct arena *arena, struct game_turn *turn);
/* Guns cool for one tick. */
void shot_cool(struct arena *arena, float dt);
/* The player is gone, and its shots with it. */
void shot_forget(struct arena *arena, game_player who);
