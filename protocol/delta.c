#include "protocol/delta.h"

static bool field_equal(const struct shape_field *field, const int32_t *a, const int32_t *b) {
    return memcmp(a + field->cell, b + field->cell, field->cells * sizeof *a) == 0;
}

uint32_t delta_write_stale(struct wire_writer *writer, const struct delta_stale *stale) {
    if (!stale->whole) {
        wire_int(writer, -1 - (int64_t)stale->gap);
        wire_int(writer, stale->usual ? -1 - (int64_t)stale->age : stale->age);
        return 2;
    }
    bool follows = stale->gap >= DELTA_GAP_FOLLOWS;
    wire_uint(writer, stale->age * DELTA_GAPS + (follows ? DELTA_GAP_FOLLOWS : stale->gap));
    if (follows) wire_uint(writer, stale->gap);
    return follows ? 2 : 1;
}

struct delta_stale delta_read_stale(struct wire_reader *reader) {
    int64_t first = wire_read_int(reader, -LIMIT_ROWS, (LIMIT_AGE + 1) * DELTA_GAPS - 1);
    if (first >= 0) {
        struct delta_stale whole = {.whole = true, .age = (uint32_t)first / DELTA_GAPS};
        whole.gap = (uint32_t)first % DELTA_GAPS;
        if (whole.gap == DELTA_GAP_FOLLOWS) whole.gap = (uint32_t)wire_read_uint(reader, LIMIT_ROWS);
        return whole;
    }
    int64_t age = wire_read_int(reader, -1 - LIMIT_AGE, LIMIT_AGE);
    return (struct delta_stale){
        .usual = age < 0, .gap = (uint32_t)(-1 - first), .age = (uint32_t)(age < 0 ? -1 - age : age)};
}

uint32_t delta_mask(const struct shape *shape, const int32_t *from, const int32_t *to) {
    uint32_t mask = 0;
    for (int i = 0; i < shape->field_count; i++)
        if (!field_equal(&shape->fields[i], from, to)) mask |= 1u << i;
    return mask;
}

uint32_t delta_write(struct wire_writer *writer, const struct shape_kind *kind, uint32_t mask,
                     const int32_t *before, const int32_t *stepped, const int32_t *after) {
    uint32_t predicted = kind->predicted;
    wire_uint(writer, mask);
    for (uint32_t left = mask; left; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        const struct shape_field *field = &kind->row.fields[i];
        const int32_t *base = predicted >> i & 1 ? stepped : before;
        if (field->type == SCHEMA_TEXT)
            wire_text(writer, (const char *)(after + field->cell));
        else
            wire_int(writer, row_difference(field, base[field->cell], after[field->cell]));
    }
    return 1 + (uint32_t)__builtin_popcount(mask);
}

void delta_read(struct wire_reader *reader, const struct shape *shape, uint32_t mask,
                struct delta_change *change) {
    if (mask >> shape->field_count) reader->failed = true;
    change->mask = mask;
    for (uint32_t left = reader->failed ? 0 : mask; left; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        const struct shape_field *field = &shape->fields[i];
        if (field->type != SCHEMA_TEXT) {
            change->difference[i] = wire_read_int(reader, -(int64_t)UINT32_MAX, UINT32_MAX);
            continue;
        }
        change->texts[field->cell + field->cells - 1] = 0;
        wire_read_text(reader, (char *)(change->texts + field->cell), field->size);
    }
}

static bool apply_fields(const struct shape *shape, const struct delta_change *change, uint32_t mask,
                         int32_t *cells) {
    bool in_range = true;
    for (; mask; mask &= mask - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(mask);
        const struct shape_field *field = &shape->fields[i];
        if (field->type == SCHEMA_TEXT)
            memcpy(cells + field->cell, change->texts + field->cell, field->cells * sizeof *cells);
        else
            in_range = row_add(field, &cells[field->cell], change->difference[i]) && in_range;
    }
    return in_range;
}

bool delta_apply(const struct shape_kind *kind, const struct delta_change *change, int32_t *cells) {
    uint32_t predicted = kind->predicted;
    bool intents = apply_fields(&kind->row, change, change->mask & ~predicted, cells);
    row_refresh(kind, cells, change->mask & ~predicted);
    row_step(kind, cells);
    bool corrections = apply_fields(&kind->row, change, change->mask & predicted, cells);
    row_anchor(kind, cells);
    return intents && corrections;
}
