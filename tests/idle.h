/* Calls of a game that does nothing in them: for the small games of tests and benchmarks, whose players only
 * watch. */
#pragma once
#include "game/game_api.h"

static inline void idle_begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)turn, (void)seed;
}
static inline void idle_join(void *world, struct game_turn *turn, game_player who,
                             const struct game_profile *profile) {
    (void)world, (void)turn, (void)who, (void)profile;
}
static inline void idle_leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)turn, (void)who, (void)why;
}
static inline void idle_input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)world, (void)turn, (void)who, (void)input;
}
