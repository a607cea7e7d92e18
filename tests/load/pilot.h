/* Somebody who plays without knowing the game: real inputs from the ranges in its schema, by seeded chance.
 * Each field is held for a while (0.3 to 1.7 s), as keys and sticks are. */
#pragma once
#include "protocol/shape.h"

struct pilot {
    uint64_t dice;
    int32_t cells[LIMIT_CELLS];
    uint16_t left[LIMIT_FIELDS]; /* ticks until a field changes its mind */
};

void pilot_start(struct pilot *pilot, uint64_t seed);
/* The next input's cells, in range. `rate`: inputs a second. */
const int32_t *pilot_next(struct pilot *pilot, const struct shape *input, uint32_t rate);
/* The same for somebody who changes all fields at once, once a second on average (0.5 to 1.5 s). */
const int32_t *pilot_turn(struct pilot *pilot, const struct shape *input, uint32_t rate);
