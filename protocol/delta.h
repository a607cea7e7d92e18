/* Deltas: what changed in one row, as bytes that are encoded once and copied to everyone; and held sets with
 * their ranks. docs/protocol.md, "Frames", is the specification. */
#pragma once
#include "protocol/message.h"
#include "protocol/row.h"

/* ---- Held sets: bits over row numbers, in words of 64. */

static inline size_t held_words(uint32_t rows) {
    return (rows + 63u) / 64;
}
static inline bool held_has(const uint64_t *held, uint32_t row) {
    return held[row / 64] >> (row % 64) & 1;
}
static inline void held_add(uint64_t *held, uint32_t row) {
    held[row / 64] |= UINT64_C(1) << (row % 64);
}
static inline void held_remove(uint64_t *held, uint32_t row) {
    held[row / 64] &= ~(UINT64_C(1) << (row % 64));
}
static inline uint32_t held_count(const uint64_t *held, size_t words) {
    uint32_t count = 0;
    for (size_t i = 0; i < words; i++) count += (uint32_t)__builtin_popcountll(held[i]);
    return count;
}
/* How many rows of `word` lie below `bit`: with the popcounts of the words before, the rank. */
static inline uint32_t held_below(uint64_t word, uint32_t bit) {
    return (uint32_t)__builtin_popcountll(word & ((UINT64_C(1) << bit) - 1));
}

/* ---- One row's change. */

struct delta_change { /* as read: differences of numbers, and texts in the cells where they belong */
    uint32_t mask;
    int64_t difference[LIMIT_FIELDS];
    int32_t texts[LIMIT_CELLS];
};

/* Which fields of `to` differ from `from`. */
uint32_t delta_mask(const struct shape *shape, const int32_t *from, const int32_t *to);
/* Writes mask and values. `before` holds the intents that clients have, `stepped` the predicted fields as
 * they predict them, `after` the row as it shall be. Returns how many elements were written. */
uint32_t delta_write(struct wire_writer *writer, const struct shape_kind *kind, uint32_t mask,
                     const int32_t *before, const int32_t *stepped, const int32_t *after);
/* Reads what follows a mask. */
void delta_read(struct wire_reader *reader, const struct shape *shape, uint32_t mask,
                struct delta_change *change);
/* Carries the change out on a row that stands at the tick before it was sent: intents, step, corrections,
 * anchor. False if a value leaves its range. */
bool delta_apply(const struct shape_kind *kind, const struct delta_change *change, int32_t *cells);
