/* Games' own predictors on both ends: the rules that they run by, how a client that has a game's code comes
 * to them, and the number that tells whether both ends have the same. */
#pragma once
#include "protocol/row.h"

/* Game predictors of this set run by these rules: raw values of the rules record, so rounded alike on both
 * ends. */
void predict_rules(struct shape_set *set, const int32_t *rules);
/* The presets of a game's rules, into a zeroed plain struct. */
void predict_presets(const struct schema_record *rules, void *plain);
/* What a game's predictors do, `steer` and `step`, as a number: never 0, unless it has none. They are run for
 * some ticks on rows and inputs by chance, by the presets of the rules and at 20 ticks a second, so that
 * another code or constant shows, and so does another range, step or place of what they work on. Takes some
 * thousand steps; `scratch` is left as the game's own set by those rules and that rate. */
uint64_t predict_digest(const struct schema *schema, struct shape_set *scratch);
/* A client's way to LANE_GAME: a set that WELCOME brought runs the game's own predictors, whose tables the
 * client has at hand. False if they are of another game; the set is then worthless. */
bool predict_bind(struct shape_set *set, const struct schema *schema, uint32_t rate, const int32_t *rules);
