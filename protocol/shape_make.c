/* Shapes from a game's tables: what the server does once for each game and lane. No client needs it. */
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
    struct shape_field field = {.step = schema_step(from),
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

/* Of whoever runs an exact step each difference is news. */
static void spare_tolerance(struct shape_kind *kind) {
    for (int i = 0; i < kind->row.field_count; i++)
        if (kind->row.fields[i].predicted) kind->row.fields[i].tolerance = 0;
}

/* How clients of this lane predict a kind: by the game's step if they have it, else in a straight line if
 * that is right, else not at all. */
static bool make_predictor(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from,
                           enum shape_lane lane, uint32_t rate) {
    if (lane == LANE_GAME && from->step) {
        shape_kind_run(set, kind, from);
        if (from->exact) spare_tolerance(kind);
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
