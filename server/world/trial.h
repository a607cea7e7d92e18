/* Tries a game's `steer` and `step` before anybody relies on them: what breaks their rules (docs/game-api.md,
 * "A step of your own") goes wrong on clients alone, and in silence. */
#pragma once
#include "protocol/schema.h"

/* Runs those of each kind on rows and inputs by chance, by the presets of the rules and at 20 ticks a second.
 * The schema has passed schema_check. False: `why` (of `why_size` bytes) names the kind, the field, and the
 * rule. */
bool trial_pass(const struct schema *schema, char *why, size_t why_size);
