/* Games' own predictors on both ends: the rules that they run by, how a client that has a game's code comes
 * to them, and the number that tells whether both ends have the same. */
#pragma once
#include "protocol/row.h"

/* Game predictors of this set run by these rules: raw values of the rules record, so rounded alike on both
 * ends. */
void predict_rules(struct shape_set *set, const int32_t *rules);
/* What the game predictors of a set do, as a number that is never 0 unless there are none: they are run for
 * some ticks on rows by chance, so that another code, constant or rule shows. Takes some thousand steps. */
uint64_t predict_digest(const struct shape_set *set);
/* A client's way to LANE_GAME: makes a set that WELCOME brought out of the game's own tables, which the
 * client has at hand. False if they do not say the same; the set is then as WELCOME brought it. */
bool predict_bind(struct shape_set *set, const struct schema *schema, uint32_t rate, const int32_t *rules);
