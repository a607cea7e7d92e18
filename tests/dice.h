/* Random numbers for tests: seeded by TIDEWIRE_SEED or else by the clock, and told, so that a failure can be
 * repeated. */
#pragma once
#include "game/math.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t dice_of_test(void) {
    const char *given = getenv("TIDEWIRE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("# TIDEWIRE_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}
/* True once in `times`. */
static inline bool dice_once_in(uint64_t *dice, uint32_t times) {
    return dice_below(dice, times) == 0;
}
/* A whole number low … high. */
static inline int64_t dice_within(uint64_t *dice, int64_t low, int64_t high) {
    uint64_t span = (uint64_t)(high - low) + 1, wide = (uint64_t)dice_next(dice) << 32;
    wide |= dice_next(dice);
    return low + (int64_t)(span ? wide % span : wide);
}
