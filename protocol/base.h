/* The smallest things that everyone uses: a hard check, small arithmetic, hashing steps.
 * Nothing here knows of messages, games or servers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A bug of ours, never a foreign input: stays in release builds, ends the program where it stands. */
#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) __builtin_trap();                                                                  \
    } while (0)

/* Without a call even where size counts more than speed (the browser's core): what each byte of a frame
 * passes through. */
#define INLINE static inline __attribute__((always_inline))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* One step of the row hash (docs/protocol.md, "Hash"): folds 32 bits into a 64-bit state. */
static inline uint64_t mix_step(uint64_t state, uint32_t value) {
    state = (state ^ value) * 0xFF51AFD7ED558CCDull;
    return state ^ (state >> 32);
}
