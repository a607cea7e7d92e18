#include "server/world/lane.h"
#include <stdlib.h>

enum { NUMBER_BYTES = 9 /* of any */, TEXT_HEAD_BYTES = 2 };

/* ---- Memory. */

static uint32_t number_bytes(int64_t number) {
    uint8_t bytes[NUMBER_BYTES];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    wire_int(&writer, number);
    return (uint32_t)writer.size;
}

/* What any number of these takes at most: the further from 0, the more. */
static uint32_t range_bytes(int64_t min, int64_t max) {
    uint32_t low = number_bytes(min), high = number_bytes(max);
    return low > high ? low : high;
}

/* Rows are within their fields' ranges, so that a difference is at most as large as its field's range. */
static struct lane_blobs measure(const struct shape *shape, uint32_t first) {
    uint32_t change = number_bytes((INT64_C(1) << shape->field_count) - 1), whole = 0;
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        int64_t range = (int64_t)field->max - field->min;
        if (field->type == SCHEMA_TEXT) {
            change += TEXT_HEAD_BYTES + field->size;
            whole += TEXT_HEAD_BYTES + field->size;
            continue;
        }
        change += range_bytes(-range, range);
        whole += range_bytes(field->min, field->max);
    }
    return (struct lane_blobs){.first = first, .stride = change + whole, .whole_at = change};
}

size_t lane_blob_bytes(const struct lane *lane, uint32_t rows) {
    size_t bytes = 0;
    for (int i = 0; i < lane->shapes->kind_count; i++) {
        const struct shape_kind *kind = &lane->shapes->kinds[i];
        uint32_t slots = rows < kind->first ? 0 : rows - kind->first;
        bytes += (slots < kind->slots ? slots : kind->slots) * (size_t)lane->blobs_of[i].stride;
    }
    return bytes;
}

static bool init(struct lane *lane) {
    const struct shape_set *shapes = lane->shapes;
    uint32_t cells = 0, blobs = 0;
    for (int i = 0; i < shapes->kind_count; i++) {
        const struct shape_kind *kind = &shapes->kinds[i];
        lane->believed_first[i] = cells;
        cells += kind->slots * row_stride(kind);
        lane->blobs_of[i] = measure(&kind->row, blobs);
        blobs += kind->slots * lane->blobs_of[i].stride;
    }
    lane->rows = calloc(shapes->row_count + 1u, sizeof *lane->rows);
    lane->changed = calloc(held_words(shapes->row_count) + 1, sizeof *lane->changed);
    lane->hashes = calloc(shapes->row_count + 1u, sizeof *lane->hashes);
    lane->blobs = calloc(blobs + 1u, 1);
    lane->believed = calloc(cells + 1u, sizeof *lane->believed);
    lane->counts = calloc(shapes->kind_count, sizeof *lane->counts);
    return lane->rows && lane->changed && lane->hashes && lane->blobs && lane->believed && lane->counts;
}

struct lane *lane_create(const struct shape_set *shapes) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane) return NULL;
    lane->shapes = shapes;
    if (init(lane)) return lane;
    lane_destroy(lane);
    return NULL;
}

void lane_destroy(struct lane *lane) {
    if (!lane) return;
    free(lane->rows);
    free(lane->changed);
    free(lane->hashes);
    free(lane->blobs);
    free(lane->believed);
    free(lane->counts);
    free(lane);
}

/* ---- One row. */

struct place { /* one row on its way through a tick */
    const struct shape_kind *kind;
    const struct lane_blobs *blobs;
    struct lane_row *row;
    int32_t *believed;
    const int32_t *truth;
    uint32_t number, slot, tick;
};

static void encode_whole(struct lane *lane, const struct place *at) {
    uint8_t *into =
        lane->blobs + at->blobs->first + (size_t)at->slot * at->blobs->stride + at->blobs->whole_at;
    struct wire_writer writer = wire_writer_init(into, at->blobs->stride - at->blobs->whole_at);
    message_write_values(&writer, &at->kind->row, at->believed);
    CHECK(!writer.full);
    at->row->whole_size = (uint16_t)writer.size;
    at->row->whole_elements = at->kind->row.field_count;
    at->row->whole_tick = at->row->touched = at->tick;
}

static void encode_change(struct lane *lane, const struct place *at, uint32_t mask, const int32_t *before,
                          const int32_t *stepped) {
    uint8_t *into = lane->blobs + at->blobs->first + (size_t)at->slot * at->blobs->stride;
    struct wire_writer writer = wire_writer_init(into, at->blobs->whole_at);
    lane->rows_encoded++;
    at->row->change_elements = (uint8_t)delta_write(&writer, at->kind, mask, before, stepped, at->truth);
    CHECK(!writer.full);
    at->row->change_size = (uint16_t)writer.size;
    at->row->mask_size = 0;
    if (mask != delta_usual(at->kind)) return;
    writer.size = 0;
    wire_uint(&writer, mask);
    at->row->mask_size = (uint8_t)writer.size;
}

static void begin_row(struct lane *lane, const struct place *at) {
    lane->still = false;
    memcpy(at->believed, at->truth, at->kind->row.cell_count * sizeof *at->believed);
    row_anchor(at->kind, at->believed);
    at->row->sent = at->row->sent_before = at->tick;
    at->row->change_size = at->row->change_elements = at->row->mask_size = 0;
    encode_whole(lane, at);
}

/* Which of the fields in `among` are further off than their tolerance. */
static uint32_t off(const struct shape *shape, uint32_t among, const int32_t *believed,
                    const int32_t *truth) {
    uint32_t mask = 0;
    for (; among; among &= among - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(among);
        const struct shape_field *field = &shape->fields[i];
        if (field->type == SCHEMA_TEXT) {
            mask |= 1u << i;
            continue;
        }
        int64_t difference = row_difference(field, believed[field->cell], truth[field->cell]);
        if (difference > field->tolerance || difference < -field->tolerance) mask |= 1u << i;
    }
    return mask;
}

static void take_fields(const struct place *at, uint32_t mask) {
    for (uint32_t left = mask; left; left &= left - 1) {
        const struct shape_field *field = &at->kind->row.fields[__builtin_ctz(left)];
        memcpy(at->believed + field->cell, at->truth + field->cell, field->cells * sizeof *at->believed);
    }
    row_refresh(at->kind, at->believed, mask);
}

static void count_fields(uint64_t counts[LIMIT_FIELDS], uint32_t mask) {
    for (; mask; mask &= mask - 1) counts[__builtin_ctz(mask)]++;
}

static void send_row(struct lane *lane, const struct place *at, uint32_t mask, const int32_t *before,
                     const int32_t *stepped) {
    lane->still = false;
    encode_change(lane, at, mask, before, stepped);
    row_anchor(at->kind, at->believed);
    at->row->sent_before = at->row->sent;
    at->row->sent = at->tick;
    encode_whole(lane, at);
    held_add(lane->changed, at->number);
    lane->rows_changed++;
}

/* Intents first, then the step, then what the step got wrong. Intents within tolerance wait, unless the step
 * goes wrong without them: then they are given before it after all. */
static void turn_row(struct lane *lane, const struct place *at) {
    const struct shape *shape = &at->kind->row;
    uint32_t predicted = at->kind->predicted;
    int32_t before[ROW_CELLS], stepped[ROW_CELLS];
    size_t bytes = row_stride(at->kind) * sizeof *before;
    uint32_t differing = delta_mask(shape, at->believed, at->truth) & ~predicted;
    uint32_t intents = off(shape, differing, at->believed, at->truth) ? differing : 0;
    memcpy(before, at->believed, bytes);
    take_fields(at, intents);
    row_step(at->kind, at->believed);
    uint32_t wrong = off(shape, predicted, at->believed, at->truth);
    if (wrong && differing != intents) {
        memcpy(at->believed, before, bytes);
        take_fields(at, intents = differing);
        row_step(at->kind, at->believed);
        wrong = off(shape, predicted, at->believed, at->truth);
    }
    memcpy(stepped, at->believed, bytes);
    if (lane->still) lane->still = memcmp(before, stepped, bytes) == 0;
    take_fields(at, wrong);
    if (intents | wrong) {
        struct lane_counts *counts = &lane->counts[at->kind - lane->shapes->kinds];
        count_fields(counts->intents, intents);
        count_fields(counts->corrections, wrong);
        send_row(lane, at, intents | wrong, before, stepped);
    } else if (predicted && row_anchors_at(at->number, at->tick)) {
        row_anchor(at->kind, at->believed);
        encode_whole(lane, at);
        lane->rows_anchored++;
    }
}

/* ---- All rows. */

static struct place place_of(struct lane *lane, const struct lane_truth *truth, int kind, uint32_t slot,
                             uint32_t tick) {
    const struct shape_kind *of = &lane->shapes->kinds[kind];
    return (struct place){.kind = of,
                          .blobs = &lane->blobs_of[kind],
                          .row = &lane->rows[of->first + slot],
                          .believed =
                              lane->believed + lane->believed_first[kind] + (size_t)slot * row_stride(of),
                          .truth = truth->cells + truth->cells_first[kind] +
                                   (size_t)slot * truth->shapes->kinds[kind].row.cell_count,
                          .number = of->first + slot,
                          .slot = slot,
                          .tick = tick};
}

static void turn_all(struct lane *lane, const struct lane_truth *truth, uint32_t tick, bool anew) {
    memset(lane->changed, 0, held_words(lane->shapes->row_count) * sizeof *lane->changed);
    memcpy(lane->used, truth->used, lane->shapes->kind_count * sizeof *lane->used);
    lane->still = true;
    for (int kind = 0; kind < lane->shapes->kind_count; kind++) {
        for (uint32_t slot = 0; slot < lane->used[kind]; slot++) {
            struct place at = place_of(lane, truth, kind, slot, tick);
            if (!held_has(truth->alive, at.number)) continue;
            if (anew || truth->born[at.number] == tick)
                begin_row(lane, &at);
            else
                turn_row(lane, &at);
        }
    }
}

void lane_activate(struct lane *lane, const struct lane_truth *truth, uint32_t tick) {
    lane->active = true;
    turn_all(lane, truth, tick, true);
}

void lane_turn(struct lane *lane, const struct lane_truth *truth, uint32_t tick) {
    turn_all(lane, truth, tick, false);
}

void lane_hash(struct lane *lane, const uint64_t *alive) {
    for (int kind = 0; kind < lane->shapes->kind_count; kind++) {
        const struct shape_kind *of = &lane->shapes->kinds[kind];
        const int32_t *cells = lane->believed + lane->believed_first[kind];
        for (uint32_t slot = 0; slot < lane->used[kind]; slot++, cells += row_stride(of))
            if (held_has(alive, of->first + slot))
                lane->hashes[of->first + slot] = row_hash(&of->row, of->first + slot, cells);
    }
}
