/* Only what no game may do is looked for, so a game that keeps the rules passes whatever its rows hold. */
#include "server/world/trial.h"
#include "game/math.h"
#include "protocol/predict.h"
#include <stdarg.h>
#include <stdio.h>

enum {
    ROWS = 64,
    TICKS = 8,
    ANY = 1000,    /* steps to either side, where a field has no bounds */
    FAR = 1 << 22, /* steps: farther off a float does not hold them all */
};
static const float DT = 1.0f / 20;

struct row { /* a plain struct */
    _Alignas(8) uint8_t bytes[LIMIT_RECORD_BYTES];
};

struct trial {
    const struct schema_kind *kind;
    const struct schema *schema;
    struct row rules, input, before, row;
    struct row twin; /* goes the same way, to the same place if all is pure */
    uint64_t dice;
    char *why;
    size_t why_size;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct trial *trial, const char *format, ...) {
    va_list words;
    va_start(words, format);
    int length = snprintf(trial->why, trial->why_size, "%s", trial->kind->row.name);
    if ((size_t)length < trial->why_size)
        vsnprintf(trial->why + length, trial->why_size - (size_t)length, format, words);
    va_end(words);
    return false;
}

/* ---- Rows by chance. */

static void put(const struct schema_field *field, struct row *row, float value) {
    int32_t whole = field->type == SCHEMA_INT ? (int32_t)value : 0;
    memcpy(row->bytes + field->offset, field->type == SCHEMA_INT ? (void *)&whole : (void *)&value,
           sizeof(whole));
}

/* A value of whole steps within the field's range, as rows have them after an anchor. */
static float roll(uint64_t *dice, const struct schema_field *field) {
    bool any = field->min == 0 && field->max == 0;
    float low = any ? -ANY : math_clamp(field->min / schema_step(field), -FAR, FAR);
    float high = any ? ANY : math_clamp(field->max / schema_step(field), -FAR, FAR);
    float most = (float)math_floor(high) + (field->wraps ? 0 : 1);
    float steps = (float)math_floor(dice_between(dice, low, most));
    return (steps < low ? steps + 1 : steps) * schema_step(field);
}

static void fill(struct trial *trial, const struct schema_record *record, struct row *row) {
    *row = (struct row){0};
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct schema_field *field = &record->fields[i];
        if (field->type != SCHEMA_TEXT) put(field, row, roll(&trial->dice, field));
    }
}

/* ---- What they became. */

static bool changed(const struct trial *trial, const struct schema_field *field) {
    return memcmp(trial->before.bytes + field->offset, trial->row.bytes + field->offset, field->size) != 0;
}

static bool is_whole(const struct trial *trial, const struct schema_field *field) {
    float value;
    memcpy(&value, trial->row.bytes + field->offset, sizeof(value));
    float steps = value / schema_step(field);
    if (!(math_abs(steps) < FAR)) return true; /* too far off to tell, or no number */
    return math_nearest(steps) * schema_step(field) == value;
}

/* The first field that changed and may not, or that did and is not whole though it has to be; or NULL. */
static const struct schema_field *find_changed(const struct trial *trial, bool predicted) {
    const struct schema_record *of = &trial->kind->row;
    for (uint16_t i = 0; i < of->field_count; i++)
        if (of->fields[i].predicted == predicted && changed(trial, &of->fields[i])) return &of->fields[i];
    return NULL;
}
static const struct schema_field *find_uneven(const struct trial *trial, bool predicted) {
    const struct schema_record *of = &trial->kind->row;
    for (uint16_t i = 0; i < of->field_count; i++)
        if (of->fields[i].predicted == predicted && of->fields[i].type == SCHEMA_REAL &&
            !is_whole(trial, &of->fields[i]))
            return &of->fields[i];
    return NULL;
}

/* What both calls must not do: remember, or write where the table has no field. */
static bool check_call(const struct trial *trial, const char *call) {
    const struct schema_record *of = &trial->kind->row;
    struct row rest = trial->row;
    if (memcmp(&trial->row, &trial->twin, sizeof(trial->row)) != 0)
        return refuse(trial, ": %s gives two results for one row: it has to be pure", call);
    for (uint16_t i = 0; i < of->field_count; i++)
        memset(rest.bytes + of->fields[i].offset, 0, of->fields[i].size);
    if (memcmp(&rest, &(struct row){0}, sizeof(rest)) != 0)
        return refuse(trial, ": %s changes what has no field in the table: clients have it as 0", call);
    return true;
}

static bool try_steer(struct trial *trial) {
    fill(trial, &trial->schema->input, &trial->input);
    trial->before = trial->twin = trial->row;
    trial->kind->steer(&trial->row, &trial->rules, &trial->input, DT);
    trial->kind->steer(&trial->twin, &trial->rules, &trial->input, DT);
    const struct schema_field *predicted = find_changed(trial, true), *uneven = find_uneven(trial, false);
    if (predicted)
        return refuse(trial, ".%s: steer changes it, but it is predicted: that is for step", predicted->name);
    if (uneven) return refuse(trial, ".%s: steer leaves it between two steps: math_snap", uneven->name);
    return check_call(trial, "steer");
}

static bool try_step(struct trial *trial) {
    trial->before = trial->twin = trial->row;
    trial->kind->step(&trial->row, &trial->rules, DT);
    trial->kind->step(&trial->twin, &trial->rules, DT);
    const struct schema_field *intent = find_changed(trial, false), *uneven = find_uneven(trial, true);
    if (intent) return refuse(trial, ".%s: step changes it, but it is not predicted", intent->name);
    if (uneven && trial->kind->exact)
        return refuse(trial, ".%s: step leaves it between two steps, but the kind is exact", uneven->name);
    return check_call(trial, "step");
}

static bool try_kind(struct trial *trial) {
    for (int i = 0; i < ROWS; i++) {
        fill(trial, &trial->kind->row, &trial->row);
        for (int tick = 0; tick < TICKS; tick++)
            if ((trial->kind->steer && !try_steer(trial)) || !try_step(trial)) return false;
    }
    return true;
}

bool trial_pass(const struct schema *schema, char *why, size_t why_size) {
    struct trial trial = {.schema = schema, .dice = dice_seed(1), .why = why, .why_size = why_size};
    predict_presets(&schema->rules, trial.rules.bytes);
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        trial.kind = &schema->kinds[i];
        if (trial.kind->step && !try_kind(&trial)) return false;
    }
    return true;
}
