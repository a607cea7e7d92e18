#include "protocol/row.h"

/* floor(value / step + ½), what is beyond 32 bits just beyond them; NaN counts as 0. */
static int64_t quantise(const struct shape_field *field, float value) {
    double steps = (double)value / (double)field->step + 0.5;
    if (!(steps >= -2147483648.0)) return value == value ? INT32_MIN - INT64_C(1) : 0;
    if (steps >= 2147483648.0) return INT32_MAX + INT64_C(1);
    int64_t down = (int64_t)steps;
    return (double)down > steps ? down - 1 : down;
}

static int64_t wrap(const struct shape_field *field, int64_t value) {
    if (value >= field->min && value < field->max) return value; /* nearly always: spares a division */
    int64_t span = (int64_t)field->max - field->min, off = (value - field->min) % span;
    return field->min + (off < 0 ? off + span : off);
}

static int32_t within(const struct shape_field *field, int64_t value) {
    if (field->wraps) return (int32_t)wrap(field, value);
    return (int32_t)(value < field->min ? field->min : value > field->max ? field->max : value);
}

/* Copies a text up to its end or the field's last byte but one, never half a character. (A call of its own,
 * so that numbers, which most fields are, save no registers for it.) */
__attribute__((noinline)) static void quantise_text(const struct shape_field *field, const char *text,
                                                    int32_t *cells) {
    size_t length = strnlen(text, field->size - 1u);
    while (length && !wire_utf8((const uint8_t *)text, length)) length--;
    memset(cells, 0, field->cells * sizeof *cells);
    memcpy(cells, text, length);
}

/* False: it is out of range. */
static bool put_number(const struct shape_field *field, int64_t value, int32_t *cell) {
    *cell = within(field, value);
    return *cell == value || field->wraps;
}

/* False: the cell does not hold what the plain field says. */
static bool quantise_field(const struct shape_field *field, const void *plain, int32_t *cells) {
    const char *from = (const char *)plain + field->offset;
    int32_t number;
    float real;
    switch (field->type) {
    case SCHEMA_INT:
        memcpy(&number, from, sizeof number);
        return put_number(field, number, &cells[field->cell]);
    case SCHEMA_REAL:
        memcpy(&real, from, sizeof real);
        return put_number(field, quantise(field, real), &cells[field->cell]) && real - real == 0;
    default:
        quantise_text(field, from, cells + field->cell);
        return true;
    }
}

uint32_t row_quantise(const struct shape *shape, const void *plain, int32_t *cells) {
    uint32_t clipped = 0;
    for (int i = 0; i < shape->field_count; i++)
        if (__builtin_expect(!quantise_field(&shape->fields[i], plain, cells), 0)) clipped |= 1u << i;
    return clipped;
}

static void restore_field(const struct shape_field *field, const int32_t *cells, void *plain) {
    char *into = (char *)plain + field->offset;
    float real = (float)cells[field->cell] * field->step;
    switch (field->type) {
    case SCHEMA_INT:
        memcpy(into, &cells[field->cell], sizeof *cells);
        break;
    case SCHEMA_REAL:
        memcpy(into, &real, sizeof real);
        break;
    default:
        memcpy(into, cells + field->cell, field->size);
    }
}

/* `fields`: by their bits. */
static void restore_fields(const struct shape *shape, uint32_t fields, const int32_t *cells, void *plain) {
    for (; fields; fields &= fields - 1) restore_field(&shape->fields[__builtin_ctz(fields)], cells, plain);
}

void row_restore(const struct shape *shape, const int32_t *cells, void *plain) {
    memset(plain, 0, shape->size);
    restore_fields(shape, (1u << shape->field_count) - 1, cells, plain);
}

int64_t row_difference(const struct shape_field *field, int32_t from, int32_t to) {
    int64_t difference = (int64_t)to - from, span = (int64_t)field->max - field->min;
    if (!field->wraps) return difference;
    if (difference > span / 2) return difference - span;
    return difference < -(span / 2) ? difference + span : difference;
}

bool row_add(const struct shape_field *field, int32_t *cell, int64_t difference) {
    int64_t sum = *cell + difference;
    if (field->wraps)
        sum = wrap(field, sum);
    else if (sum < field->min || sum > field->max)
        return false;
    *cell = (int32_t)sum;
    return true;
}

/* value / 2^bits, downward: gcc and clang shift negatives arithmetically. */
static int64_t floor_shift(int64_t value, int bits) {
    return value >> bits;
}

/* `way`: in 1/256 of a step. */
static void move_axis(const struct shape_field *field, int32_t *raw, int32_t *remainder, int64_t way) {
    int64_t fine = (int64_t)*raw * 256 + *remainder + way;
    int64_t next = floor_shift(fine + 128, 8);
    *remainder = (int32_t)(fine - next * 256);
    if (!field->wraps && (next < field->min || next > field->max)) *remainder = 0;
    *raw = within(field, next);
}

/* Ticks without an anchor between them. Only a wall takes a remainder away: a round world is crossed at once.
 */
static void step_axis(const struct shape_kind *kind, int axis, int32_t *cells, uint32_t ticks) {
    const struct shape_field *field = &kind->row.fields[axis];
    int64_t way = floor_shift((int64_t)cells[2 + axis] * kind->move[axis] + 32768, 16);
    uint32_t at_once = field->wraps ? ticks : 1;
    for (; ticks; ticks -= at_once)
        move_axis(field, &cells[axis], &cells[kind->row.cell_count + axis], way * at_once);
}

static void *plain_of(const struct shape_kind *kind, int32_t *cells) {
    return cells + kind->row.cell_count;
}

static bool same_words(const int32_t *a, const int32_t *b, size_t words) {
    while (words && a[words - 1] == b[words - 1]) words--;
    return words == 0;
}

/* A step that changes nothing is the last that is needed: steps are pure. After the last one the raw values
 * of those fields are counted anew whose plain values have changed: few of a row that flies straight on. (All
 * are numbers of four bytes, at multiples of four.) Not counting in between makes no difference, since what
 * comes back to where it was counts back to its old raw value (`recounts`). */
static void step_game(const struct shape_kind *kind, int32_t *cells, uint32_t ticks) {
    int32_t before[LIMIT_RECORD_BYTES / 4], *plain = plain_of(kind, cells);
    memcpy(before, plain, kind->row.size);
    kind->step(plain, kind->set->rules_plain, kind->set->dt);
    if (same_words(before, plain, (kind->row.size + 3u) / 4)) return;
    while (--ticks) kind->step(plain, kind->set->rules_plain, kind->set->dt);
    for (uint32_t left = kind->predicted; left; left &= left - 1) {
        const struct shape_field *field = &kind->row.fields[__builtin_ctz(left)];
        if (before[field->offset / 4] != plain[field->offset / 4]) quantise_field(field, plain, cells);
    }
}

/* Some ticks without an anchor between them. */
static void run(const struct shape_kind *kind, int32_t *cells, uint32_t ticks) {
    uint32_t at_once = kind->recounts ? ticks : 1;
    if (kind->predictor == PREDICT_LINEAR)
        for (int axis = 0; axis < 2; axis++) step_axis(kind, axis, cells, ticks);
    else if (kind->predictor == PREDICT_GAME)
        for (; ticks; ticks -= at_once) step_game(kind, cells, at_once);
}

void row_step(const struct shape_kind *kind, int32_t *cells) {
    run(kind, cells, 1);
}

void row_refresh(const struct shape_kind *kind, int32_t *cells, uint32_t fields) {
    if (kind->predictor == PREDICT_GAME) restore_fields(&kind->row, fields, cells, plain_of(kind, cells));
}

/* Counts an intent anew; whether it changed. */
static bool requantise(const struct shape_field *field, const void *plain, int32_t *cells) {
    int32_t before[LIMIT_TEXT / sizeof(int32_t)];
    size_t bytes = field->cells * sizeof *cells;
    memcpy(before, cells + field->cell, bytes);
    quantise_field(field, plain, cells);
    return memcmp(before, cells + field->cell, bytes) != 0;
}

uint32_t row_steer(const struct shape_kind *kind, int32_t *cells, const int32_t *input) {
    _Alignas(8) uint8_t plain[LIMIT_RECORD_BYTES];
    uint32_t intents = ((1u << kind->row.field_count) - 1) & ~kind->predicted, changed = 0;
    row_restore(&kind->set->input, input, plain);
    kind->steer(plain_of(kind, cells), kind->set->rules_plain, plain, kind->set->dt);
    for (uint32_t left = intents; left; left &= left - 1) {
        int i = __builtin_ctz(left);
        if (requantise(&kind->row.fields[i], plain_of(kind, cells), cells)) changed |= 1u << i;
    }
    row_refresh(kind, cells, intents);
    return changed;
}

void row_anchor(const struct shape_kind *kind, int32_t *cells) {
    if (kind->predictor == PREDICT_GAME) row_restore(&kind->row, cells, plain_of(kind, cells));
    if (kind->predictor == PREDICT_LINEAR) cells[kind->row.cell_count] = cells[kind->row.cell_count + 1] = 0;
}

void row_advance(const struct shape_kind *kind, uint32_t row, int32_t *cells, uint32_t from, uint32_t to) {
    if (kind->predictor == PREDICT_NONE) return;
    for (uint32_t ticks; from != to; from += ticks) {
        uint32_t to_anchor = ROW_ANCHOR_TICKS - (from + row) % ROW_ANCHOR_TICKS;
        ticks = to_anchor < to - from ? to_anchor : to - from;
        run(kind, cells, ticks);
        if (ticks == to_anchor) row_anchor(kind, cells);
    }
}

uint64_t row_hash(const struct shape *shape, uint32_t row, const int32_t *cells) {
    uint64_t hash = 0x9E3779B97F4A7C15ull * (row + 1ull);
    for (int i = 0; i < shape->cell_count; i++) hash = mix_step(hash, (uint32_t)cells[i]);
    return hash;
}
