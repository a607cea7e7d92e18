/* Shapes and rows: tables become whole numbers, travel in a WELCOME and come back; values are rounded,
 * wrapped, cut and moved as docs/protocol.md says. */
#include "protocol/predict.h"
#include "tests/check.h"

struct thing {
    float x, y, vx, vy;
    int32_t count;
    char text[6];
};
#define SPEED .min = -100, .max = 100, .step = 0.5f
static const struct schema_field thing_fields[] = {
    SCHEMA_FIELD(struct thing, x, .min = -10, .max = 10, .step = 0.5f, .wraps = true),
    SCHEMA_FIELD(struct thing, y, .min = 0, .max = 10, .step = 0.5f, .tolerance = 1),
    SCHEMA_FIELD(struct thing, vx, SPEED),
    SCHEMA_FIELD(struct thing, vy, SPEED),
    SCHEMA_FIELD(struct thing, count),
    SCHEMA_FIELD(struct thing, text)};
static const struct schema_kind thing_kinds[] = {
    {{SCHEMA_RECORD("thing", struct thing, thing_fields)}, 3, .placed = true, .linear = true},
    {{SCHEMA_RECORD("still", struct thing, thing_fields)}, 5, .placed = true}};
static const struct schema_record thing_records[] = {
    {SCHEMA_RECORD("ask", struct thing, thing_fields), .use = SCHEMA_CALL, .answer = 1},
    {SCHEMA_RECORD("told", struct thing, thing_fields), .use = SCHEMA_ANSWER}};
static const struct schema schema = {.name = "things",
                                     .version = 5,
                                     .world_size = 1,
                                     .players_max = 9,
                                     .input = {"input", NULL, 0, 0, 0, 0},
                                     .rules = {"rules", NULL, 0, 0, 0, 0},
                                     .kinds = thing_kinds,
                                     .kind_count = 2,
                                     .records = thing_records,
                                     .record_count = 2};
static struct shape_set shapes;
static uint8_t bytes[4096];

static size_t make(enum shape_lane lane) {
    char why[256];
    EXPECT(shape_set_make(&shapes, &schema, lane, 20, why, sizeof why));
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    shape_set_write(&writer, &shapes);
    EXPECT(!writer.full);
    return writer.size;
}

static bool reads(const uint8_t *from, size_t size, struct shape_set *into) {
    struct wire_reader reader = wire_reader_init(from, size);
    shape_set_read(&reader, into);
    return wire_read_all(&reader);
}

static void tables_are_counted(void) {
    make(LANE_LINEAR);
    const struct shape_kind *kind = &shapes.kinds[0];
    EXPECT_EQ(shapes.row_count, 8);
    EXPECT_EQ(kind->row.fields[0].min, -20);
    EXPECT_EQ(kind->row.fields[1].tolerance, 2);
    EXPECT_EQ(kind->row.fields[4].min, INT32_MIN);
    EXPECT_EQ(kind->row.fields[5].cells, 2);
    EXPECT_EQ(kind->row.cell_count, 7);
    EXPECT_EQ(kind->move[0], 65536 * 256 / 20 + 1); /* rounded: 838860.8 */
    EXPECT(shape_kind_of(&shapes, 2) == kind && shape_kind_of(&shapes, 3) == &shapes.kinds[1]);
    EXPECT_EQ(row_stride(kind), 9);
    EXPECT_EQ(row_stride(&shapes.kinds[1]), 7);
    make(LANE_NONE);
    EXPECT_EQ(shapes.kinds[0].predictor, PREDICT_NONE);
}

static void a_schema_travels(void) {
    static struct shape_set back;
    size_t size = make(LANE_LINEAR);
    EXPECT(reads(bytes, size, &back));
    EXPECT(back.version == 5 && back.players_max == 9 && back.row_count == 8 &&
           strcmp(back.game, "things") == 0);
    EXPECT(back.kinds[0].move[1] == shapes.kinds[0].move[1] && back.kinds[0].placed);
    for (int i = 0; i < back.kinds[0].row.field_count; i++) {
        const struct shape_field *a = &shapes.kinds[0].row.fields[i], *b = &back.kinds[0].row.fields[i];
        EXPECT(strcmp(a->name, b->name) == 0 && a->min == b->min && a->max == b->max && a->cell == b->cell);
        EXPECT(a->step == b->step && a->type == b->type && a->wraps == b->wraps && a->cells == b->cells);
    }
    for (size_t cut = 0; cut < size; cut++) EXPECT(!reads(bytes, cut, &back));
}

/* A schema with one thing wrong is refused. */
static void malformed_schemas(void) {
    static struct shape_set wrong;
    make(LANE_LINEAR);
#define REFUSED(change)                                                                                      \
    do {                                                                                                     \
        struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);                                   \
        wrong = shapes;                                                                                      \
        change;                                                                                              \
        shape_set_write(&writer, &wrong);                                                                    \
        EXPECT(!reads(bytes, writer.size, &wrong));                                                          \
    } while (0)
    struct shape_field *x = wrong.kinds[0].row.fields;
    REFUSED(wrong.game[0] = 0);
    REFUSED(x->name[0] = 0);
    REFUSED(x->max = x->min);
    REFUSED(x->step = 0);
    REFUSED(x->step = __builtin_inff());
    REFUSED(x->step = __builtin_nanf(""));
    REFUSED(x->type = SCHEMA_TEXT);
    REFUSED(x[5].max = LIMIT_TEXT + 1);
    REFUSED(x[5].min = 1);
    REFUSED(x[2].type = 3);
    REFUSED(wrong.kinds[0].slots = LIMIT_ROWS);
    REFUSED(wrong.kinds[0].predictor = 3);
    REFUSED(wrong.kinds[0].row.field_count = 3);
    REFUSED(wrong.kinds[0].move[0] = INT32_MAX; x[2].max = INT32_MAX);
    REFUSED(wrong.players_max = LIMIT_PLAYERS + 1);
    REFUSED(wrong.records[0].use = SCHEMA_USES);
    REFUSED(wrong.records[0].answer = 0);
    REFUSED(wrong.records[0].answer = 2);
#undef REFUSED
}

static void too_fast_to_be_counted(void) {
    struct schema_field fields[COUNT_OF(thing_fields)];
    struct schema_kind kind = thing_kinds[0];
    struct schema fast = schema;
    char why[256] = "";
    memcpy(fields, thing_fields, sizeof fields);
    fields[2].min = fields[2].max = 0; /* any speed */
    fields[0].step = 0.0625f;
    kind.row.fields = fields;
    fast.kinds = &kind;
    fast.kind_count = 1;
    EXPECT(!shape_set_make(&shapes, &fast, LANE_LINEAR, 20, why, sizeof why) && strstr(why, "thing"));
    EXPECT(shape_set_make(&shapes, &fast, LANE_NONE, 20, why, sizeof why));
}

static void values_are_rounded(void) {
    static const struct {
        float value;
        int32_t raw;
    } cases[] = {{0, 0},    {0.24f, 0}, {0.25f, 1}, {-0.25f, 0},  {-0.26f, -1}, {9.7f, 19}, {9.75f, -20},
                 {10, -20}, {11, -18},  {-10, -20}, {-10.5f, 19}, {31, -18},    {-0.0f, 0}};
    struct thing thing = {0};
    int32_t cells[LIMIT_CELLS];
    make(LANE_LINEAR);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        thing.x = cases[i].value;
        row_quantise(&shapes.kinds[0].row, &thing, cells);
        EXPECT_EQ(cells[0], cases[i].raw);
    }
    const float odd[] = {__builtin_nanf(""), -1e30f, 1e30f, -__builtin_inff(), __builtin_inff(), 10.2f};
    const int32_t raw[] = {0, 0, 20, 0, 20, 20};
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        thing.y = odd[i];
        row_quantise(&shapes.kinds[0].row, &thing, cells);
        EXPECT_EQ(cells[1], raw[i]);
    }
}

static void texts_are_cut_at_whole_characters(void) {
    static const char *const cases[][2] = {{"abcdefgh", "abcde"}, {"abcdé", "abcd"}, {"ab€", "ab€"},
                                           {"abc€", "abc"},       {"a🚀b", "a🚀"},     {"a\xff", "a"}};
    struct thing thing = {0}, back;
    int32_t cells[LIMIT_CELLS];
    make(LANE_LINEAR);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        memset(thing.text, 0, sizeof thing.text);
        memcpy(thing.text, cases[i][0], strlen(cases[i][0]) < 6 ? strlen(cases[i][0]) : 6);
        row_quantise(&shapes.kinds[0].row, &thing, cells);
        EXPECT(strcmp((const char *)(cells + 5), cases[i][1]) == 0);
        row_restore(&shapes.kinds[0].row, cells, &back);
        EXPECT(strcmp(back.text, cases[i][1]) == 0);
    }
}

static void differences_go_the_short_way_round(void) {
    make(LANE_LINEAR);
    const struct shape_field *x = &shapes.kinds[0].row.fields[0], *y = x + 1;
    for (int32_t from = -20; from < 20; from++) {
        for (int32_t to = -20; to < 20; to++) {
            int32_t cell = from;
            int64_t difference = row_difference(x, from, to);
            EXPECT(difference >= -20 && difference <= 20);
            EXPECT(row_add(x, &cell, difference) && cell == to);
        }
    }
    int32_t cell = 3;
    EXPECT(!row_add(y, &cell, 18) && !row_add(y, &cell, -4) && cell == 3);
    EXPECT(row_add(y, &cell, 17) && cell == 20);
}

static void a_step_moves_by_256ths(void) {
    make(LANE_LINEAR);
    const struct shape_kind *kind = &shapes.kinds[0];
    int32_t cells[ROW_CELLS] = {19, 19, 3, 30}; /* 1.5 and 15 a second: 0.15 and 1.5 raw a tick */
    row_step(kind, cells);
    EXPECT(cells[0] == 19 && cells[7] == 38);
    EXPECT(cells[1] == 20 && cells[8] == 0); /* at the wall, without remainder: 20.5 is beyond it */
    for (int i = 0; i < 3; i++) row_step(kind, cells);
    EXPECT(cells[0] == -20 && cells[7] == 152 - 256); /* over the seam: 19.6 is 20 less 0.4 */
    row_anchor(kind, cells);
    EXPECT(cells[7] == 0 && cells[8] == 0);
    cells[3] = -200;
    row_step(kind, cells);
    row_step(kind, cells);
    row_step(kind, cells);
    EXPECT(cells[1] == 0 && cells[8] == 0);
}

static void rows_are_anchored_every_256_ticks(void) {
    make(LANE_LINEAR);
    const struct shape_kind *kind = &shapes.kinds[0];
    int32_t one[ROW_CELLS] = {0, 5, 1, 0}, other[ROW_CELLS] = {0, 5, 1, 0};
    row_advance(kind, 1, one, 250, 255); /* (255 + 1) mod 256 = 0 */
    row_advance(kind, 2, other, 250, 255);
    EXPECT(one[7] == 0 && other[7] != 0);
    EXPECT(row_anchors_at(1, 255) && row_anchors_at(0, 256) && !row_anchors_at(2, 255));
    row_advance(kind, 1, one, 255, 255);
    EXPECT_EQ(one[7], 0);
}

static void the_hash_of_a_row(void) {
    make(LANE_LINEAR);
    int32_t cells[ROW_CELLS] = {0}, moved[ROW_CELLS] = {[7] = 9};
    uint64_t hash = 0x9E3779B97F4A7C15ull * 4;
    for (int i = 0; i < 7; i++) hash = mix_step(hash, 0);
    EXPECT(row_hash(&shapes.kinds[0].row, 3, cells) == hash);
    EXPECT(row_hash(&shapes.kinds[0].row, 3, moved) == hash);
    EXPECT(row_hash(&shapes.kinds[0].row, 4, cells) != hash);
}

/* ---- A client that has the game's code. */

static void drift(void *row, const void *rules, float dt) {
    (void)rules;
    ((struct thing *)row)->x += ((struct thing *)row)->vx * dt;
}

/* The schema above with a first kind that drifts by itself. */
static struct schema drifting(struct schema_field fields[COUNT_OF(thing_fields)],
                              struct schema_kind kinds[2]) {
    struct schema own = schema;
    memcpy(fields, thing_fields, sizeof thing_fields);
    memcpy(kinds, thing_kinds, sizeof thing_kinds);
    fields[0].predicted = true;
    kinds[0].row.fields = fields;
    kinds[0].step = drift;
    own.kinds = kinds;
    return own;
}

static bool tells(const struct schema *told) {
    char why[256];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    EXPECT(shape_set_make(&shapes, told, LANE_GAME, 20, why, sizeof why));
    shape_set_write(&writer, &shapes);
    return reads(bytes, writer.size, &shapes);
}

static void own_code_runs_by_what_was_told(void) {
    struct schema_field fields[COUNT_OF(thing_fields)];
    struct schema_kind kinds[2];
    struct schema own = drifting(fields, kinds);
    EXPECT(tells(&own) && !shapes.kinds[0].step);
    EXPECT(shape_set_bind(&shapes, &own, 20));
    EXPECT(shapes.kinds[0].step == drift && shapes.kinds[0].predicted == 1 && shapes.kinds[0].recounts);
    EXPECT(shapes.kinds[0].row.fields[1].offset == offsetof(struct thing, y) &&
           shapes.kinds[0].row.size == sizeof(struct thing));
    EXPECT(shapes.kinds[1].predictor == PREDICT_NONE);
    fields[1].name = "renamed";
    EXPECT(tells(&own) && shape_set_bind(&shapes, &own, 20));
}

static void another_games_code_does_not_run(void) {
    struct schema_field fields[COUNT_OF(thing_fields)];
    struct schema_kind kinds[2];
    struct schema own = drifting(fields, kinds);
    fields[4].type = SCHEMA_REAL;
    EXPECT(tells(&own));
    fields[4].type = SCHEMA_INT;
    EXPECT(!shape_set_bind(&shapes, &own, 20));
    EXPECT(tells(&own) && !shape_set_bind(&shapes, &schema, 20)); /* has no code */
    own.name = "others";
    EXPECT(!shape_set_bind(&shapes, &own, 20));
}

static void the_digest_knows_code_and_ranges(void) {
    struct schema_field fields[COUNT_OF(thing_fields)];
    struct schema_kind kinds[2];
    struct schema own = drifting(fields, kinds);
    uint64_t digest = predict_digest(&own, &shapes);
    EXPECT(digest && digest == predict_digest(&own, &shapes));
    EXPECT(predict_digest(&schema, &shapes) == 0);
    fields[1].max = 11;
    EXPECT(predict_digest(&own, &shapes) != digest);
    fields[1].max = 10;
    kinds[1].slots++;
    EXPECT(predict_digest(&own, &shapes) == digest); /* its code has nothing to do with that */
}

int main(void) {
    RUN(own_code_runs_by_what_was_told);
    RUN(another_games_code_does_not_run);
    RUN(the_digest_knows_code_and_ranges);
    RUN(tables_are_counted);
    RUN(a_schema_travels);
    RUN(malformed_schemas);
    RUN(too_fast_to_be_counted);
    RUN(values_are_rounded);
    RUN(texts_are_cut_at_whole_characters);
    RUN(differences_go_the_short_way_round);
    RUN(a_step_moves_by_256ths);
    RUN(rows_are_anchored_every_256_ticks);
    RUN(the_hash_of_a_row);
    return check_done();
}
