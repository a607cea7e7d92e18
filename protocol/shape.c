#include "protocol/shape.h"

/* Nearest whole number, halves up; what lies beyond 32 bits is clamped, NaN becomes 0. */
static int32_t whole(double value) {
    if (!(value >= INT32_MIN)) return value == value ? INT32_MIN : 0;
    if (value >= INT32_MAX) return INT32_MAX;
    int64_t down = (int64_t)(value + 0.5);
    return (int32_t)((double)down > value + 0.5 ? down - 1 : down);
}

/* Appends as much as fits. (snprintf would bring all of stdio into the browser's core.) */
static void append(char *into, size_t size, const char *text) {
    size_t at = strnlen(into, size), length = strlen(text);
    if (at >= size) return;
    if (length >= size - at) length = size - at - 1;
    memcpy(into + at, text, length);
    into[at + length] = 0;
}

static void copy_label(char into[LIMIT_LABEL], const char *from) {
    into[0] = 0;
    append(into, LIMIT_LABEL, from);
}

static void explain(char *why, size_t size, const char *kind) {
    if (size) why[0] = 0;
    append(why, size, "kind ");
    append(why, size, kind);
    append(why, size, ": its speed's range is too wide to be predicted exactly");
}

static struct shape_field make_field(const struct schema_field *from, uint8_t cell) {
    bool text = from->type == SCHEMA_TEXT, any = from->min == 0 && from->max == 0;
    struct shape_field field = {.step = from->step > 0 ? from->step : 1,
                                .offset = from->offset,
                                .size = from->size,
                                .type = from->type,
                                .wraps = from->wraps,
                                .predicted = from->predicted,
                                .cell = cell,
                                .cells = (uint8_t)(text ? (from->size + 3) / 4 : 1)};
    if (from->type != SCHEMA_REAL) field.step = 1;
    field.min = text ? 0 : any ? INT32_MIN : whole((double)from->min / (double)field.step);
    field.max = text ? from->size : any ? INT32_MAX : whole((double)from->max / (double)field.step);
    field.tolerance = whole((double)from->tolerance / (double)field.step);
    copy_label(field.name, from->name);
    return field;
}

/* `inner`: with the fields that only a game's predictor needs, which come last. */
static struct shape make_shape(const struct schema_record *from, bool inner) {
    struct shape shape = {.size = from->size, .use = from->use, .answer = from->answer};
    copy_label(shape.name, from->name ? from->name : "");
    for (uint16_t i = 0; i < from->field_count && (inner || !from->fields[i].inner); i++) {
        shape.fields[i] = make_field(&from->fields[i], shape.cell_count);
        shape.cell_count = (uint8_t)(shape.cell_count + shape.fields[i].cells);
        shape.field_count++;
    }
    return shape;
}

/* Whether speed × move stays below 2⁵³, so that a client in doubles counts exactly, too. */
static bool make_linear(struct shape_kind *kind, uint32_t rate) {
    for (int axis = 0; axis < 2; axis++) {
        const struct shape_field *place = &kind->row.fields[axis], *speed = &kind->row.fields[2 + axis];
        double move = (double)speed->step / (double)place->step / rate * 256 * 65536;
        int64_t low = speed->min, high = speed->max, fastest = -low > high ? -low : high;
        if (move > INT32_MAX || move * (double)fastest >= 9007199254740992.0) return false;
        kind->move[axis] = whole(move);
    }
    kind->predictor = PREDICT_LINEAR;
    kind->predicted = 3;
    return true;
}

/* A plain value is off by up to 1/2²⁴ of itself; below 2²² steps that is less than half a step, so that it
 * counts back to the raw value that it came from. */
static bool recounts(const struct shape_field *field) {
    const int32_t most = 1 << 22;
    return field->type == SCHEMA_INT || (field->min >= -most && field->max <= most && field->step < 1e30f);
}

static void make_game(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from) {
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
        if (from->exact) kind->row.fields[i].tolerance = 0;
    }
}

/* How clients of this lane predict a kind: by the game's step if they have it, else in a straight line if
 * that is right, else not at all. */
static bool make_predictor(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from,
                           enum shape_lane lane, uint32_t rate) {
    if (lane == LANE_GAME && from->step) {
        make_game(set, kind, from);
        return true;
    }
    return lane == LANE_NONE || !from->linear || make_linear(kind, rate);
}

bool shape_set_make(struct shape_set *set, const struct schema *schema, enum shape_lane lane, uint32_t rate,
                    char *why, size_t why_size) {
    *set = (struct shape_set){.version = schema->version,
                              .players_max = schema->players_max,
                              .dt = 1.0f / (float)rate,
                              .kind_count = (uint8_t)schema->kind_count,
                              .record_count = (uint8_t)schema->record_count,
                              .input = make_shape(&schema->input, true),
                              .rules = make_shape(&schema->rules, true)};
    copy_label(set->game, schema->name);
    for (uint16_t i = 0; i < schema->record_count; i++)
        set->records[i] = make_shape(&schema->records[i], true);
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        const struct schema_kind *from = &schema->kinds[i];
        set->kinds[i] = (struct shape_kind){.row = make_shape(&from->row, lane == LANE_GAME),
                                            .slots = from->slots,
                                            .first = set->row_count,
                                            .placed = from->placed};
        set->row_count += from->slots;
        if (!make_predictor(set, &set->kinds[i], from, lane, rate)) {
            explain(why, why_size, from->row.name);
            return false;
        }
    }
    return true;
}

/* ---- A client that has the tables itself. */

static bool same_field(const struct shape_field *a, const struct shape_field *b) {
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->wraps == b->wraps &&
           a->step == b->step && a->min == b->min && a->max == b->max;
}

/* What was told says the same as the own table: then it is the own one from now on, which knows more. */
static bool bind_shape(struct shape *told, const struct schema_record *from) {
    struct shape own = make_shape(from, true);
    if (told->field_count != own.field_count) return false;
    for (int i = 0; i < own.field_count; i++)
        if (!same_field(&told->fields[i], &own.fields[i])) return false;
    memcpy(told->fields, own.fields, sizeof own.fields);
    told->size = own.size;
    return true;
}

static bool bind_kind(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from,
                      uint32_t rate) {
    uint8_t told = kind->predictor;
    if (strcmp(kind->row.name, from->row.name) != 0 || kind->slots != from->slots) return false;
    kind->predictor = PREDICT_NONE;
    return bind_shape(&kind->row, &from->row) && make_predictor(set, kind, from, LANE_GAME, rate) &&
           kind->predictor == told;
}

bool shape_set_bind(struct shape_set *set, const struct schema *schema, uint32_t rate) {
    set->dt = 1.0f / (float)rate;
    if (strcmp(set->game, schema->name) != 0 || set->kind_count != schema->kind_count) return false;
    for (int i = 0; i < set->kind_count; i++)
        if (!bind_kind(set, &set->kinds[i], &schema->kinds[i], rate)) return false;
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

void shape_set_read(struct wire_reader *reader, struct shape_set *set) {
    *set = (struct shape_set){0};
    expect(reader, 7);
    read_label(reader, set->game);
    set->version = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    set->players_max = (uint32_t)wire_read_uint(reader, LIMIT_PLAYERS);
    read_fields(reader, &set->input);
    read_fields(reader, &set->rules);
    set->kind_count = list(reader, LIMIT_KINDS);
    for (int i = 0; i < set->kind_count && !reader->failed; i++) read_kind(reader, set, &set->kinds[i]);
    set->record_count = list(reader, LIMIT_RECORDS);
    for (int i = 0; i < set->record_count && !reader->failed; i++) read_record(reader, &set->records[i]);
}

const struct shape_kind *shape_kind_of(const struct shape_set *set, uint32_t row) {
    const struct shape_kind *kind = set->kinds;
    while (row >= kind->first + kind->slots) kind++;
    return kind;
}
