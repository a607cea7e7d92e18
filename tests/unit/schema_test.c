/* schema_check: a whole schema passes; each fault in it, one at a time, is refused and named. */
#include "protocol/schema.h"
#include "tests/check.h"

struct thing {
    float x, y, vx, vy;
    int32_t count;
    char name[24];
};
struct number {
    int32_t value;
};

/* A schema that can be broken: its tables are copies that a test may write to. */
struct sample {
    struct schema_field thing[6], number[1];
    struct schema_kind kinds[2];
    struct schema_record records[2];
    struct schema schema;
};

#define PLACE .max = 100, .wraps = true, .step = 0.5f, .tolerance = 0.5f
#define SPEED .min = -10, .max = 10, .step = 0.25f

static struct sample sample;
static char why[160];

static struct sample *whole(void) {
    static const struct schema_field thing[] = {
        SCHEMA_FIELD(struct thing, x, PLACE),  SCHEMA_FIELD(struct thing, y, PLACE),
        SCHEMA_FIELD(struct thing, vx, SPEED), SCHEMA_FIELD(struct thing, vy, SPEED),
        SCHEMA_FIELD(struct thing, count),     SCHEMA_FIELD(struct thing, name)};
    static const struct schema_field number[] = {
        SCHEMA_FIELD(struct number, value, .min = 1, .max = 9, .preset = 3)};
    sample = (struct sample){0};
    memcpy(sample.thing, thing, sizeof(thing));
    memcpy(sample.number, number, sizeof(number));
    sample.kinds[0] = (struct schema_kind){
        {SCHEMA_RECORD("thing", struct thing, sample.thing)}, .slots = 10, .placed = true, .linear = true};
    sample.kinds[1] =
        (struct schema_kind){{SCHEMA_RECORD("other", struct number, sample.number)}, .slots = 1};
    sample.records[0] = (struct schema_record){SCHEMA_RECORD("ask", struct number, sample.number),
                                               .use = SCHEMA_CALL, .answer = 1};
    sample.records[1] =
        (struct schema_record){SCHEMA_RECORD("told", struct number, sample.number), .use = SCHEMA_ANSWER};
    sample.schema = (struct schema){.name = "a-game",
                                    .world_size = 1,
                                    .input = {SCHEMA_RECORD("input", struct number, sample.number)},
                                    .rules = {SCHEMA_RECORD("rules", struct number, sample.number)},
                                    .kinds = sample.kinds,
                                    .records = sample.records,
                                    .players_max = 4,
                                    .kind_count = 2,
                                    .record_count = 2};
    return &sample;
}

/* Whether the broken schema is refused with a reason that holds `word`. */
static bool refused(const char *word) {
    why[0] = 0;
    bool good = schema_check(&sample.schema, why, sizeof(why));
    if (good || !strstr(why, word)) printf("# said: '%s'\n", why);
    return !good && strstr(why, word);
}

static void a_whole_schema_passes(void) {
    EXPECT(schema_check(&whole()->schema, why, sizeof(why)));
    whole()->schema.records = NULL;
    sample.schema.record_count = 0;
    EXPECT(schema_check(&sample.schema, why, sizeof(why)));
    whole()->schema.input = sample.schema.rules = (struct schema_record){.name = "none"};
    EXPECT(schema_check(&sample.schema, why, sizeof(why)));
}

static void names_are_checked(void) {
    static const char *const bad[] = {NULL,  "", "Game", "a game", "a_game", "a-name-of-twenty-four-xx",
                                      "gäme"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        whole()->schema.name = bad[i];
        EXPECT(refused("name"));
    }
    whole()->thing[4].name = NULL;
    EXPECT(refused("thing: field 4 has no name"));
    whole()->thing[4].name = "count[0]";
    EXPECT(refused("thing: field 4: 'count[0]' is no name of 1 to 23 letters, digits, _ or -"));
    whole()->thing[4].name = "x";
    EXPECT(refused("thing.x: named twice"));
    whole()->kinds[1].row.name = "thing";
    EXPECT(refused("thing: two kinds"));
    whole()->records[1].name = "ask";
    EXPECT(refused("ask: two records"));
    whole()->records[1].name = "";
    EXPECT(refused("record 1: '' is no name"));
    whole()->kinds[1].row.name = NULL;
    EXPECT(refused("kind 1 has no name"));
    whole()->schema.rules.name = NULL;
    EXPECT(refused("rules has no name"));
}

static void counts_are_checked(void) {
    whole()->schema.players_max = 0;
    EXPECT(refused("players_max"));
    whole()->schema.players_max = LIMIT_PLAYERS + 1;
    EXPECT(refused("players_max"));
    whole()->schema.world_size = 0;
    EXPECT(refused("world_size"));
    whole()->schema.kind_count = 0;
    EXPECT(refused("kinds"));
    whole()->schema.kind_count = LIMIT_KINDS + 1;
    EXPECT(refused("kinds"));
    whole()->schema.record_count = LIMIT_RECORDS + 1;
    EXPECT(refused("records"));
    whole()->schema.records = NULL;
    EXPECT(refused("records"));
    whole()->kinds[0].slots = 0;
    EXPECT(refused("thing: a kind needs a slot"));
    whole()->kinds[0].slots = UINT16_MAX;
    sample.kinds[1].slots = 2;
    EXPECT(refused("rows"));
    whole()->kinds[0].row.field_count = LIMIT_FIELDS + 1;
    EXPECT(refused("thing: more than"));
    whole()->kinds[1].row.field_count = 0;
    EXPECT(refused("other: a row needs a field"));
    whole()->kinds[0].row.size = LIMIT_RECORD_BYTES + 1;
    EXPECT(refused("thing: the struct"));
}

static void fields_are_checked(void) {
    whole()->thing[4].size = 2;
    EXPECT(refused("thing.count"));
    whole()->thing[4].offset = 2;
    EXPECT(refused("thing.count"));
    whole()->thing[5].offset = sizeof(struct thing);
    EXPECT(refused("thing.name: lies outside"));
    whole()->thing[4].offset = 0;
    EXPECT(refused("thing.count: overlaps x"));
    whole()->thing[4].type = 7;
    EXPECT(refused("thing.count: unknown type"));
    whole()->thing[5].size = 1;
    EXPECT(refused("thing.name: a text"));
    whole()->thing[5].max = 3;
    EXPECT(refused("thing.name: a text"));
    whole()->schema.input = (struct schema_record){SCHEMA_RECORD("input", struct thing, sample.thing)};
    EXPECT(refused("input.name: inputs and rules hold no texts"));
    whole()->thing[4].predicted = true;
    EXPECT(refused("thing.count: predicted, but thing has no step"));
    whole()->kinds[0].remembered = true;
    EXPECT(refused("thing: remembered, but past_ms is 0"));
}

static void ranges_are_checked(void) {
    const float infinite = __builtin_inff(), none = __builtin_nanf("");
    whole()->thing[0].max = infinite;
    EXPECT(refused("thing.x: every number"));
    whole()->thing[0].min = none;
    EXPECT(refused("thing.x: every number"));
    whole()->thing[0].step = -1;
    EXPECT(refused("thing.x: the step"));
    whole()->thing[0].step = none;
    EXPECT(refused("thing.x: every number"));
    whole()->thing[0].tolerance = 0.25f;
    EXPECT(refused("thing.x: the tolerance"));
    whole()->thing[0].min = 200;
    EXPECT(refused("thing.x: min is above max"));
    whole()->thing[0].max = 0;
    EXPECT(refused("thing.x: a field that wraps"));
    whole()->thing[0].max = 100.25f;
    EXPECT(refused("thing.x: min and max of a field that wraps"));
    whole()->thing[0].max = 2e9f;
    EXPECT(refused("thing.x: the range"));
    whole()->number[0].step = 0.5f;
    EXPECT(refused("input.value: whole numbers"));
    whole()->number[0].max = 9.5f;
    EXPECT(refused("input.value: whole numbers"));
    whole()->number[0].preset = 0;
    EXPECT(refused("rules.value: the preset"));
}

static void kinds_and_calls_are_checked(void) {
    whole()->kinds[0].placed = false;
    EXPECT(refused("thing: linear rows are placed"));
    whole()->kinds[1].placed = true;
    EXPECT(refused("other: the first two fields"));
    whole()->kinds[0].row.field_count = 3;
    EXPECT(refused("thing: linear needs four"));
    whole()->thing[2].type = SCHEMA_INT;
    sample.thing[2].step = 0;
    EXPECT(refused("thing.vx: the first four"));
    whole()->records[0].use = 9;
    EXPECT(refused("ask: unknown use"));
    whole()->records[0].answer = 2;
    EXPECT(refused("ask: its answer"));
    whole()->records[0].answer = 0;
    EXPECT(refused("ask: its answer"));
}

static void stay(void *row, const void *rules, float dt) {
    (void)row, (void)rules, (void)dt;
}

static void inner_fields_are_checked(void) {
    whole()->thing[0].predicted = true;
    sample.kinds[0].step = stay;
    sample.thing[5].inner = true;
    EXPECT(schema_check(&sample.schema, why, sizeof(why)));
    sample.thing[5].predicted = true;
    EXPECT(refused("thing.name: a text"));
    whole()->thing[4].inner = true;
    EXPECT(refused("thing.name: inner fields come last"));
    whole();
    for (int i = 3; i < 6; i++) sample.thing[i].inner = true;
    EXPECT(refused("thing: its first 4 fields"));
    whole()->number[0].inner = true;
    EXPECT(refused("other: its first 1 fields"));
}

/* 32 records of 24 fields with long names do not fit into WELCOME. */
static void the_whole_must_fit_a_welcome(void) {
    static struct schema_field fields[LIMIT_FIELDS];
    static struct schema_record records[LIMIT_RECORDS];
    static char names[LIMIT_FIELDS + LIMIT_RECORDS][LIMIT_LABEL];
    for (size_t i = 0; i < COUNT_OF(names); i++)
        snprintf(names[i], sizeof(names[i]), "a-long-name-of-field-%02zu", i);
    for (uint16_t i = 0; i < LIMIT_FIELDS; i++)
        fields[i] = (struct schema_field){.name = names[i], .offset = (uint16_t)(4 * i), .size = 4};
    for (uint16_t i = 0; i < LIMIT_RECORDS; i++)
        records[i] = (struct schema_record){.name = names[LIMIT_FIELDS + i],
                                            .fields = fields,
                                            .field_count = LIMIT_FIELDS,
                                            .size = 4 * LIMIT_FIELDS};
    whole()->schema.records = records;
    sample.schema.record_count = LIMIT_RECORDS;
    EXPECT(refused("WELCOME"));
    sample.schema.record_count = 8;
    EXPECT(schema_check(&sample.schema, why, sizeof(why)));
}

static void the_reason_is_cut_to_its_room(void) {
    char little[6] = "xxxxx";
    whole()->schema.players_max = 0;
    EXPECT(!schema_check(&sample.schema, little, sizeof(little)));
    EXPECT_EQ(strlen(little), 5);
    EXPECT(!schema_check(&sample.schema, NULL, 0));
}

int main(void) {
    RUN(a_whole_schema_passes);
    RUN(names_are_checked);
    RUN(counts_are_checked);
    RUN(fields_are_checked);
    RUN(ranges_are_checked);
    RUN(kinds_and_calls_are_checked);
    RUN(inner_fields_are_checked);
    RUN(the_whole_must_fit_a_welcome);
    RUN(the_reason_is_cut_to_its_room);
    return check_done();
}
