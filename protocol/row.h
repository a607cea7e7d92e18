/* Rows of whole numbers: from a game's plain structs and back, their motion by prediction, their hash.
 * A row is `row_stride` cells of 32 bits: the raw value or text of each field, then what its predictor goes
 * on from: of linear kinds the two remainders of its place in 1/256 of a step, of kinds that a game predicts
 * the plain struct (docs/protocol.md, "Prediction"). */
#pragma once
#include "protocol/shape.h"

enum {
    ROW_CELLS = LIMIT_CELLS + LIMIT_RECORD_BYTES / 4, /* of the longest row */
    ROW_ANCHOR_TICKS = 256                            /* from one anchor that nobody asked for to the next */
};

static inline uint32_t row_stride(const struct shape_kind *kind) {
    if (kind->predictor == PREDICT_GAME) return kind->row.cell_count + (kind->row.size + 3u) / 4;
    return kind->row.cell_count + (kind->predictor == PREDICT_LINEAR ? 2u : 0u);
}
/* A plain struct as raw values, floor(v / step + ½), clipped or wrapped into their ranges; cut texts keep
 * whole characters. Writes cell_count cells. Gives the fields that were clipped, or were no numbers, by their
 * bits. */
uint32_t row_quantise(const struct shape *shape, const void *plain, int32_t *cells);
/* The other way: a plain struct of shape->size bytes. */
void row_restore(const struct shape *shape, const int32_t *cells, void *plain);
/* What has to be added to `from` to give `to`; for fields that wrap the short way round. */
int64_t row_difference(const struct shape_field *field, int32_t from, int32_t to);
/* Adds a difference; false if the result lies outside the field's range. */
bool row_add(const struct shape_field *field, int32_t *cell, int64_t difference);
/* Intents were changed in the cells: a game's predictor is to see them. */
void row_refresh(const struct shape_kind *kind, int32_t *cells, uint32_t fields);
/* One input of the player who steers the row, as raw values: the kind's `steer`. Gives the fields that it
 * changed, by their bits. Before the step of its tick; only for kinds that have it. */
uint32_t row_steer(const struct shape_kind *kind, int32_t *cells, const int32_t *input);
/* One tick of the kind's predictor. */
void row_step(const struct shape_kind *kind, int32_t *cells);
/* Forgets what lies between raw values: from here on the raw values alone say where the row is. */
void row_anchor(const struct shape_kind *kind, int32_t *cells);
/* Whether row number `row` is anchored unasked at `tick`. */
static inline bool row_anchors_at(uint32_t row, uint32_t tick) {
    return (tick + row) % ROW_ANCHOR_TICKS == 0;
}
/* Steps from tick `from` to tick `to`, anchoring on the way. */
void row_advance(const struct shape_kind *kind, uint32_t row, int32_t *cells, uint32_t from, uint32_t to);
/* The row's part of the hash. */
uint64_t row_hash(const struct shape *shape, uint32_t row, const int32_t *cells);
