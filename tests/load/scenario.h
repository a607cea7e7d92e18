/* Scenarios: small files that say what a run is like. */
#pragma once
#include "tests/load/options.h"

/* Reads text into options. False with words in `why`, which name the line. */
bool scenario_read(struct options *options, const char *text, char *why, size_t why_size);
/* Finds a scenario by its path, or by its name among those that came with the bots, and reads it. */
bool scenario_load(struct options *options, const char *name, char *why, size_t why_size);
/* One event as behind `at`: SECONDS WHO WHAT, WHO one of all, N%, A-B, N; WHAT one of cut, leave, join,
 * stall SECONDS, road NAME. */
bool scenario_event(struct options *options, const char *text);
/* Whether an event is about bot number `who`. `number`: which of the events it is. */
bool scenario_concerns(const struct options *options, uint32_t number, uint32_t who);
