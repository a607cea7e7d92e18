/* Checks a game's tables against the bounds of protocol/limits.h before anything travels by them. Pure: it
 * looks, and says in one sentence what is wrong. The first fault found is the one that is told. */
#include "protocol/schema.h"
#include <stdarg.h>
#include <stdio.h>

/* Most bytes of a field in WELCOME beside its name: array head, name head, type, wraps, float32 step, two
 * 32-bit bounds. */
enum { SCHEMA_FIELD_BYTES = 26 };

struct check {
    char *why;
    size_t why_size;
    size_t bytes; /* upper bound of the schema in WELCOME so far */
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct check *check, const char *format, ...) {
    va_list words;
    va_start(words, format);
    if (check->why && check->why_size) vsnprintf(check->why, check->why_size, format, words);
    va_end(words);
    return false;
}

/* Labels become names in TypeScript and in settings, so they are kept to letters, digits, '_' and '-'. */
static bool label_ok(const char *label) {
    size_t length = 0;
    if (!label) return false;
    for (; label[length]; length++) {
        char c = label[length];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                    c == '-';
        if (!fine || length + 1 >= LIMIT_LABEL) return false;
    }
    return length > 0;
}

/* One that is missing or cannot be; `where` says whose it is. */
static bool check_label(const struct check *check, const char *where, const char *label) {
    if (!label) return refuse(check, "%s has no name", where);
    return label_ok(label) || refuse(check, "%s: '%.40s' is no name of 1 to %d letters, digits, _ or -",
                                     where, label, LIMIT_LABEL - 1);
}

/* False for NaN and both infinities. */
static bool finite_ok(float v) {
    return v - v == 0;
}

static bool whole(double v) {
    return v >= -2147483648.0 && v <= 2147483647.0 && v == (double)(int32_t)v;
}

static bool bounded(const struct schema_field *f) {
    return f->min < f->max || f->min != 0;
}

static bool check_text(const struct check *check, const char *record, const struct schema_field *f) {
    if (f->size < 2 || f->size > LIMIT_TEXT)
        return refuse(check, "%s.%s: a text takes 2 to %d bytes with its end", record, f->name, LIMIT_TEXT);
    if (f->wraps || f->min != 0 || f->max != 0)
        return refuse(check, "%s.%s: a text neither wraps nor has a range", record, f->name);
    return true;
}

static bool check_range(const struct check *check, const char *record, const struct schema_field *f) {
    double low = (double)f->min / (double)schema_step(f), high = (double)f->max / (double)schema_step(f);
    if (f->min > f->max) return refuse(check, "%s.%s: min is above max", record, f->name);
    if (low < -2147483648.0 || high > 2147483647.0)
        return refuse(check, "%s.%s: the range does not fit 32 bits at this step", record, f->name);
    if (f->wraps && f->min == f->max)
        return refuse(check, "%s.%s: a field that wraps needs a range", record, f->name);
    if (f->wraps && !(whole(low) && whole(high)))
        return refuse(check, "%s.%s: min and max of a field that wraps are whole numbers of steps", record,
                      f->name);
    return true;
}

static bool check_number(const struct check *check, const char *record, const struct schema_field *f) {
    if (f->size != 4 || f->offset % 4 != 0)
        return refuse(check, "%s.%s: numbers are int32_t or float, aligned", record, f->name);
    if (!finite_ok(f->min) || !finite_ok(f->max) || !finite_ok(f->preset) || !finite_ok(f->step) ||
        !finite_ok(f->tolerance))
        return refuse(check, "%s.%s: every number of a field is finite", record, f->name);
    if (f->step < 0) return refuse(check, "%s.%s: the step is negative", record, f->name);
    if (f->tolerance < 0 || (f->tolerance > 0 && f->tolerance < schema_step(f)))
        return refuse(check, "%s.%s: the tolerance is smaller than the step", record, f->name);
    if (f->type == SCHEMA_INT && !(schema_step(f) == 1 && whole((double)f->min) && whole((double)f->max)))
        return refuse(check, "%s.%s: whole numbers have step 1 and a whole range", record, f->name);
    return check_range(check, record, f);
}

static bool check_field(struct check *check, const struct schema_record *record, uint16_t at) {
    const struct schema_field *f = &record->fields[at];
    char where[2 * LIMIT_LABEL];
    snprintf(where, sizeof(where), "%s: field %u", record->name, at);
    if (!check_label(check, where, f->name)) return false;
    if ((size_t)f->offset + f->size > record->size)
        return refuse(check, "%s.%s: lies outside of its struct", record->name, f->name);
    for (uint16_t i = 0; i < at; i++) {
        const struct schema_field *other = &record->fields[i];
        if (strcmp(other->name, f->name) == 0)
            return refuse(check, "%s.%s: named twice", record->name, f->name);
        if (f->offset < other->offset + other->size && other->offset < f->offset + f->size)
            return refuse(check, "%s.%s: overlaps %s", record->name, f->name, other->name);
    }
    check->bytes += strlen(f->name) + SCHEMA_FIELD_BYTES;
    if (f->type == SCHEMA_TEXT) return check_text(check, record->name, f);
    if (f->type != SCHEMA_INT && f->type != SCHEMA_REAL)
        return refuse(check, "%s.%s: unknown type %u", record->name, f->name, f->type);
    return check_number(check, record->name, f);
}

static size_t cells_of(const struct schema_record *record) {
    size_t cells = 0;
    for (uint16_t i = 0; i < record->field_count; i++) cells += ((size_t)record->fields[i].size + 3) / 4;
    return cells;
}

/* `where`: what it is, should it have no name. */
static bool check_record(struct check *check, const struct schema_record *record, const char *where) {
    if (!check_label(check, where, record->name)) return false;
    if (record->field_count > LIMIT_FIELDS || (record->field_count > 0 && !record->fields))
        return refuse(check, "%s: more than %d fields, or no table of them", record->name, LIMIT_FIELDS);
    if (record->size > LIMIT_RECORD_BYTES)
        return refuse(check, "%s: the struct takes more than %d bytes", record->name, LIMIT_RECORD_BYTES);
    check->bytes += strlen(record->name) + 12;
    for (uint16_t i = 0; i < record->field_count; i++)
        if (!check_field(check, record, i)) return false;
    if (cells_of(record) > LIMIT_CELLS)
        return refuse(check, "%s: more than %d cells", record->name, LIMIT_CELLS);
    return true;
}

/* Whether its speeds can be counted exactly depends on the tick rate: shape_set_make looks at that. */
static bool check_linear(const struct check *check, const struct schema_record *row) {
    if (row->field_count < 4) return refuse(check, "%s: linear needs four fields in front", row->name);
    for (uint16_t i = 0; i < 4; i++)
        if (row->fields[i].type != SCHEMA_REAL)
            return refuse(check, "%s.%s: the first four fields of a linear kind are REAL", row->name,
                          row->fields[i].name);
    return true;
}

/* Lanes without the game's step are served the fields before the first inner one: they must be enough. */
static bool check_inner(const struct check *check, const struct schema_kind *kind) {
    uint16_t outer = 0, needed = kind->linear ? 4 : kind->placed ? 2 : 1;
    const struct schema_record *row = &kind->row;
    for (uint16_t i = 0; i < row->field_count; i++) {
        const struct schema_field *f = &row->fields[i];
        if (f->predicted && f->type == SCHEMA_TEXT)
            return refuse(check, "%s.%s: a text is not predicted", row->name, f->name);
        if (f->predicted && !kind->step)
            return refuse(check, "%s.%s: predicted, but %s has no step", row->name, f->name, row->name);
        if (!f->inner && outer < i) return refuse(check, "%s.%s: inner fields come last", row->name, f->name);
        outer += !f->inner;
    }
    if (outer >= needed) return true;
    return refuse(check, "%s: its first %u fields are not inner", row->name, needed);
}

static bool check_kind(struct check *check, const struct schema_kind *kind, uint16_t number) {
    char where[LIMIT_LABEL];
    snprintf(where, sizeof(where), "kind %u", number);
    if (!check_record(check, &kind->row, where)) return false;
    if (kind->row.field_count == 0) return refuse(check, "%s: a row needs a field", kind->row.name);
    if (kind->slots == 0) return refuse(check, "%s: a kind needs a slot", kind->row.name);
    if (kind->exact && !kind->step)
        return refuse(check, "%s: exact says something of a step", kind->row.name);
    if (kind->steer && !kind->step) return refuse(check, "%s: what is steered needs a step", kind->row.name);
    if (kind->linear && !kind->placed) return refuse(check, "%s: linear rows are placed", kind->row.name);
    if (kind->placed && (kind->row.field_count < 2 || kind->row.fields[0].type == SCHEMA_TEXT ||
                         kind->row.fields[1].type == SCHEMA_TEXT))
        return refuse(check, "%s: the first two fields of a placed kind are its place", kind->row.name);
    return (!kind->linear || check_linear(check, &kind->row)) && check_inner(check, kind);
}

static bool check_kinds(struct check *check, const struct schema *schema) {
    size_t rows = 0;
    if (schema->kind_count == 0 || schema->kind_count > LIMIT_KINDS || !schema->kinds)
        return refuse(check, "%s: a game has 1 to %d kinds", schema->name, LIMIT_KINDS);
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        if (!check_kind(check, &schema->kinds[i], i)) return false;
        if (schema->kinds[i].remembered && schema->past_ms == 0)
            return refuse(check, "%s: remembered, but past_ms is 0", schema->kinds[i].row.name);
        for (uint16_t j = 0; j < i; j++)
            if (strcmp(schema->kinds[i].row.name, schema->kinds[j].row.name) == 0)
                return refuse(check, "%s: two kinds of this name", schema->kinds[i].row.name);
        rows += schema->kinds[i].slots;
    }
    return rows <= LIMIT_ROWS || refuse(check, "%s: more than %d rows", schema->name, LIMIT_ROWS);
}

static bool check_records(struct check *check, const struct schema *schema) {
    if (schema->record_count > LIMIT_RECORDS || (schema->record_count > 0 && !schema->records))
        return refuse(check, "%s: more than %d records, or no table of them", schema->name, LIMIT_RECORDS);
    for (uint16_t i = 0; i < schema->record_count; i++) {
        const struct schema_record *record = &schema->records[i];
        char where[LIMIT_LABEL];
        snprintf(where, sizeof(where), "record %u", i);
        if (!check_record(check, record, where)) return false;
        for (uint16_t j = 0; j < i; j++)
            if (strcmp(record->name, schema->records[j].name) == 0)
                return refuse(check, "%s: two records of this name", record->name);
        if (record->use == SCHEMA_CALL && cells_of(record) > LIMIT_CALL_CELLS)
            return refuse(check, "%s: a call has at most %d cells", record->name, LIMIT_CALL_CELLS);
        if (record->use >= SCHEMA_USES) return refuse(check, "%s: unknown use %u", record->name, record->use);
        if (record->use == SCHEMA_CALL &&
            (record->answer >= schema->record_count || schema->records[record->answer].use != SCHEMA_ANSWER))
            return refuse(check, "%s: its answer is not a record for answers", record->name);
    }
    return true;
}

static bool game_label_ok(const char *name) {
    if (!label_ok(name)) return false;
    for (; *name; name++)
        if ((*name >= 'A' && *name <= 'Z') || *name == '_') return false;
    return true;
}

/* Inputs and rules travel as numbers alone; a rule that nobody sets has its preset. */
static bool check_numbers(const struct check *check, const struct schema_record *record, bool presets) {
    for (uint16_t i = 0; i < record->field_count; i++) {
        const struct schema_field *f = &record->fields[i];
        if (f->type == SCHEMA_TEXT)
            return refuse(check, "%s.%s: inputs and rules hold no texts", record->name, f->name);
        if (presets && bounded(f) && (f->preset < f->min || f->preset > f->max))
            return refuse(check, "%s.%s: the preset lies outside of the range", record->name, f->name);
    }
    return true;
}

bool schema_check(const struct schema *schema, char *why, size_t why_size) {
    struct check check = {why, why_size, 32};
    if (!game_label_ok(schema->name))
        return refuse(&check, "the game has no name of 1 to %d of a-z, 0-9 and -", LIMIT_LABEL - 1);
    if (schema->players_max == 0 || schema->players_max > LIMIT_PLAYERS)
        return refuse(&check, "%s: players_max lies within 1 and %d", schema->name, LIMIT_PLAYERS);
    if (schema->past_ms > LIMIT_PAST_MS)
        return refuse(&check, "%s: past_ms is at most %d", schema->name, LIMIT_PAST_MS);
    if (schema->world_size == 0) return refuse(&check, "%s: world_size is 0", schema->name);
    if (!check_record(&check, &schema->input, "input") || !check_record(&check, &schema->rules, "rules") ||
        !check_numbers(&check, &schema->input, false) || !check_numbers(&check, &schema->rules, true) ||
        !check_kinds(&check, schema) || !check_records(&check, schema))
        return false;
    if (check.bytes > LIMIT_SCHEMA_BYTES)
        return refuse(&check, "%s: the schema takes more than %d bytes in WELCOME", schema->name,
                      LIMIT_SCHEMA_BYTES);
    return true;
}
