/* Guns: what a ship fires, how fast, and how hot they get. What becomes of a shot is shot.h's. */
#pragma once
#include "game/arena/world.h"

/* The trigger is held: fires if the gun is ready and cool enough. Ends the safe moment after a spawn. */
void gun_trigger(struct arena *arena, const struct game_turn *turn, game_player who);
/* A ring of shots around the player's ship. */
void gun_nova(struct arena *arena, const struct game_turn *turn, game_player who);
/* Guns cool for one tick. */
void gun_cool(struct arena *arena, float dt);
