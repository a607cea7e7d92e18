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
/* The first held row of those from `row` to `end` − 1; `end` or more if there is none. */
static inline uint32_t held_next(const uint64_t *held, uint32_t row, uint32_t end) {
    for (; row < end; row += 64 - row % 64)
        if (held[row / 64] >> (row % 64))
            return row + (uint32_t)__builtin_ctzll(held[row / 64] >> (row % 64));
    return end;
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

/* The fields of a kind's usual change, whose mask is left out: the speed of what moves by it; the place of
 * what is told where it is; the first intent of what has the game's own predictor (0: it has none). */
static inline uint32_t delta_usual(const struct shape_kind *kind) {
    uint32_t intents = ((1u << kind->row.field_count) - 1) & ~kind->predicted;
    if (kind->predictor == PREDICT_LINEAR) return 3u << 2;
    if (kind->predictor == PREDICT_GAME) return intents & -intents;
    return kind->placed ? 3 : 1;
}
/* How a gap of ranks travels before a change: below zero says that the change is a usual one. */
static inline int64_t delta_gap(uint32_t gap, bool usual) {
    return usual ? -1 - (int64_t)gap : gap;
}
/* Reads it. */
static inline uint32_t delta_read_gap(struct wire_reader *reader, bool *usual) {
    int64_t gap = wire_read_int(reader, -LIMIT_ROWS, LIMIT_ROWS);
    *usual = gap < 0;
    return (uint32_t)(gap < 0 ? -1 - gap : gap);
}
/* A stale row begins with one number. A whole's is its age and, since most gaps are small, its gap: below
 * DELTA_GAP_FOLLOWS, or that, and the gap is a number of its own. A change's is below zero, −1 − gap; its age
 * follows, −1 − age if the change is a usual one. */
enum { DELTA_GAP_FOLLOWS = 3, DELTA_GAPS = 4 };
struct delta_stale {
    bool whole, usual;
    uint32_t gap, age;
};
/* Returns how many elements were written. */
uint32_t delta_write_stale(struct wire_writer *writer, const struct delta_stale *stale);
/* Reads it; the reader fails if it is malformed. */
struct delta_stale delta_read_stale(struct wire_reader *reader);
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
