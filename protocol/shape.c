#include "protocol/shape.h"

/* ---- A game's own predictors. */

/* A plain value is off by up to 1/2²⁴ of itself; below 2²² steps that is less than half a step, so that it
 * counts back to the raw value that it came from. */
static bool recounts(const struct shape_field *field) {
    const int32_t most = 1 << 22;
    return field->type == SCHEMA_INT || (field->min >= -most && field->max <= most && field->step < 1e30f);
}

void shape_kind_run(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from) {
    kind->predictor = PREDICT_GAME;
    kind->step = from->step;
    kind->steer = from->steer;
    kind->set = set;
    kind->predicted = 0;
    kind->recounts = true;
    for (int i = 0; i < kind->row.field_count; i++) {
        if (!kind->row.fields[i].predicted) continue;
        kind->predicted |= 1u << i;
        if (!recounts(&kind->row.fields[i])) kind->recounts = false;
    }
}

/* What was told lies in the plain struct where the own table says. */
static bool bind_shape(struct shape *told, const struct schema_record *from) {
    if (told->field_count != from->field_count) return false;
    for (int i = 0; i < told->field_count; i++) {
        struct shape_field *field = &told->fields[i];
        const struct schema_field *own = &from->fields[i];
        if (field->type != own->type || field->size != own->size) return false;
        field->offset = own->offset;
        field->predicted = own->predicted;
    }
    told->size = from->size;
    return true;
}

static bool bind_kind(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from) {
    if (!from->step || !bind_shape(&kind->row, &from->row)) return false;
    shape_kind_run(set, kind, from);
    return true;
}

bool shape_set_bind(struct shape_set *set, const struct schema *schema, uint32_t rate) {
    set->dt = 1.0f / (float)rate;
    if (strcmp(set->game, schema->name) != 0) return false;
    for (int i = 0; i < set->kind_count; i++) {
        if (set->kinds[i].predictor != PREDICT_GAME) continue;
        if (i >= schema->kind_count || !bind_kind(set, &set->kinds[i], &schema->kinds[i])) return false;
    }
    return bind_shape(&set->input, &schema->input) && bind_shape(&set->rules, &schema->rules);
}

/* ---- Writing. */

static void write_fields(struct wire_writer *writer, const struct shape *shape) {
    wire_array(writer, shape->field_count);
    for (int i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        wire_array(writer, 6);
        wire_text(writer, field->name);
        wire_uint(writer, field->type);
        wire_uint(writer, field->wraps);
        wire_real(writer, field->step);
        wire_int(writer, field->min);
        wire_int(writer, field->max);
    }
}

static void write_kind(struct wire_writer *writer, const struct shape_kind *kind) {
    wire_array(writer, 7);
    wire_text(writer, kind->row.name);
    wire_uint(writer, kind->slots);
    wire_uint(writer, kind->predictor);
    wire_uint(writer, kind->placed);
    wire_int(writer, kind->move[0]);
    wire_int(writer, kind->move[1]);
    write_fields(writer, &kind->row);
}

static void write_record(struct wire_writer *writer, const struct shape *record) {
    wire_array(writer, 4);
    wire_text(writer, record->name);
    wire_uint(writer, record->use);
    wire_uint(writer, record->answer);
    write_fields(writer, record);
}

void shape_set_write(struct wire_writer *writer, const struct shape_set *set) {
    wire_array(writer, 7);
    wire_text(writer, set->game);
    wire_uint(writer, set->version);
    wire_uint(writer, set->players_max);
    write_fields(writer, &set->input);
    write_fields(writer, &set->rules);
    wire_array(writer, set->kind_count);
    for (int i = 0; i < set->kind_count; i++) write_kind(writer, &set->kinds[i]);
    wire_array(writer, set->record_count);
    for (int i = 0; i < set->record_count; i++) write_record(writer, &set->records[i]);
}

/* ---- Reading. */

/* An array of exactly `count`, or of at most `count` where a list is meant. */
static void expect(struct wire_reader *reader, uint32_t count) {
    if (wire_read_array(reader) != count) reader->failed = true;
}
static uint8_t list(struct wire_reader *reader, uint32_t max) {
    uint32_t count = wire_read_array(reader);
    if (count > max) reader->failed = true;
    return reader->failed ? 0 : (uint8_t)count;
}

static void read_label(struct wire_reader *reader, char into[LIMIT_LABEL]) {
    wire_read_text(reader, into, LIMIT_LABEL);
    if (!into[0]) reader->failed = true;
}

static bool field_sound(const struct shape_field *field) {
    if (field->type == SCHEMA_TEXT)
        return field->min == 0 && field->max >= 1 && field->max <= LIMIT_TEXT && !field->wraps;
    bool finite = field->step - field->step == 0;
    return finite && field->step > 0 && (field->wraps ? field->max > field->min : field->max >= field->min);
}

static void read_field(struct wire_reader *reader, struct shape *shape, struct shape_field *field) {
    expect(reader, 6);
    read_label(reader, field->name);
    field->type = (uint8_t)wire_read_uint(reader, SCHEMA_TEXT);
    field->wraps = wire_read_uint(reader, 1);
    field->step = wire_read_real(reader);
    field->min = (int32_t)wire_read_int(reader, INT32_MIN, INT32_MAX);
    field->max = (int32_t)wire_read_int(reader, INT32_MIN, INT32_MAX);
    if (reader->failed || !field_sound(field)) {
        reader->failed = true;
        return;
    }
    field->size = (uint16_t)(field->type == SCHEMA_TEXT ? field->max : 4);
    field->cell = shape->cell_count;
    field->cells = (uint8_t)((field->size + 3) / 4);
    if (shape->cell_count + field->cells > LIMIT_CELLS)
        reader->failed = true;
    else
        shape->cell_count = (uint8_t)(shape->cell_count + field->cells);
}

static void read_fields(struct wire_reader *reader, struct shape *shape) {
    shape->field_count = list(reader, LIMIT_FIELDS);
    for (int i = 0; i < shape->field_count && !reader->failed; i++)
        read_field(reader, shape, &shape->fields[i]);
}

/* A speed's range times its factor is a number that doubles hold exactly. */
static bool countable(const struct shape_field *speed, int32_t move) {
    int64_t fastest = -(int64_t)speed->min > speed->max ? -(int64_t)speed->min : speed->max;
    int64_t factor = move < 0 ? -(int64_t)move : move;
    return fastest * factor < INT64_C(1) << 53;
}

/* Placed kinds have two numbers in front, linear ones four. */
static bool kind_sound(const struct shape_kind *kind) {
    bool linear = kind->predictor == PREDICT_LINEAR;
    int numbers = linear ? 4 : kind->placed ? 2 : 0;
    if (kind->row.field_count < numbers) return false;
    for (int i = 0; i < numbers; i++)
        if (kind->row.fields[i].type == SCHEMA_TEXT) return false;
    return !linear ||
           (countable(&kind->row.fields[2], kind->move[0]) && countable(&kind->row.fields[3], kind->move[1]));
}

static void read_kind(struct wire_reader *reader, struct shape_set *set, struct shape_kind *kind) {
    expect(reader, 7);
    read_label(reader, kind->row.name);
    kind->slots = (uint32_t)wire_read_uint(reader, LIMIT_ROWS);
    kind->predictor = (uint8_t)wire_read_uint(reader, PREDICT_GAME);
    kind->predicted = kind->predictor == PREDICT_LINEAR ? 3 : 0;
    kind->placed = wire_read_uint(reader, 1);
    for (int axis = 0; axis < 2; axis++)
        kind->move[axis] = (int32_t)wire_read_int(reader, INT32_MIN, INT32_MAX);
    read_fields(reader, &kind->row);
    kind->first = set->row_count;
    set->row_count += kind->slots;
    if (set->row_count > LIMIT_ROWS || !kind_sound(kind)) reader->failed = true;
}

static void read_record(struct wire_reader *reader, struct shape *record) {
    expect(reader, 4);
    read_label(reader, record->name);
    record->use = (uint8_t)wire_read_uint(reader, SCHEMA_USES - 1);
    record->answer = (uint8_t)wire_read_uint(reader, LIMIT_RECORDS - 1);
    read_fields(reader, record);
}

/* Each call is answered by a record for answers. (Records that were not told are none.) */
static bool answers_sound(const struct shape_set *set) {
    for (int i = 0; i < set->record_count; i++)
        if (set->records[i].use == SCHEMA_CALL && set->records[set->records[i].answer].use != SCHEMA_ANSWER)
            return false;
    return true;
}

void shape_set_read(struct wire_reader *reader, struct shape_set *set) {
    *set = (struct shape_set){0};
    expect(reader, 7);
    read_label(reader, set->game);
    set->version = wire_read_u32(reader);
    set->players_max = (uint32_t)wire_read_uint(reader, LIMIT_PLAYERS);
    read_fields(reader, &set->input);
    read_fields(reader, &set->rules);
    set->kind_count = list(reader, LIMIT_KINDS);
    for (int i = 0; i < set->kind_count && !reader->failed; i++) read_kind(reader, set, &set->kinds[i]);
    set->record_count = list(reader, LIMIT_RECORDS);
    for (int i = 0; i < set->record_count && !reader->failed; i++) read_record(reader, &set->records[i]);
    if (!answers_sound(set)) reader->failed = true;
}

const struct shape_kind *shape_kind_of(const struct shape_set *set, uint32_t row) {
    const struct shape_kind *kind = set->kinds;
    while (row >= kind->first + kind->slots) kind++;
    return kind;
}
