/* Messages there and back, and what is wrong with those that are refused. (Each malformed form stands once
 * more as bytes that both decoders read: protocol/vectors/up.json.) */
#include "protocol/message.h"
#include "protocol/row.h"
#include "tests/check.h"

struct record {
    int32_t turn;
    float thrust;
    char words[8];
};
static const struct schema_field fields[] = {
    SCHEMA_FIELD(struct record, turn, .max = 256, .wraps = true),
    SCHEMA_FIELD(struct record, thrust, .min = -1, .max = 1, .step = 0.125f),
    SCHEMA_FIELD(struct record, words)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("row", struct record, fields)}, 4, .placed = false}};
static const struct schema schema = {.name = "words",
                                     .world_size = 1,
                                     .players_max = 2,
                                     .input = {SCHEMA_RECORD("input", struct record, fields)},
                                     .rules = {SCHEMA_RECORD("rules", struct record, fields)},
                                     .kinds = kinds,
                                     .kind_count = 1};
static struct shape_set shapes;
static int32_t cells[LIMIT_CELLS];
static uint8_t bytes[4096];
static struct wire_writer writer;
static struct message_up up;

static void begin(void) {
    static const struct record plain = {.turn = 255, .thrust = -1, .words = "Grüße"};
    char why[256];
    EXPECT(shape_set_make(&shapes, &schema, LANE_NONE, 20, why, sizeof why));
    row_quantise(&shapes.input, &plain, cells);
    writer = wire_writer_init(bytes, sizeof bytes);
    up = (struct message_up){0};
}
static enum code read_up(void) {
    return message_read_up(bytes, writer.size, &up);
}

static void hello(void) {
    struct message_hello said = {.game = "arena",
                                 .room = "main",
                                 .name = "Ada",
                                 .device = "-",
                                 .session = "0123456789abcdef0123456789abcdef",
                                 .lane = 7};
    begin();
    message_write_hello(&writer, &said);
    EXPECT_EQ(read_up(), CODE_NONE);
    EXPECT(up.type == MESSAGE_HELLO && up.hello.lane == 7);
    EXPECT(strcmp(up.hello.game, said.game) == 0 && strcmp(up.hello.room, said.room) == 0);
    EXPECT(strcmp(up.hello.name, said.name) == 0 && strcmp(up.hello.device, said.device) == 0);
    EXPECT(strcmp(up.hello.session, said.session) == 0);
}

/* A word that is too long gets the code of its judge, not that of a malformed message. */
static void words_too_long_are_judged(void) {
    begin();
    wire_array(&writer, 7);
    wire_uint(&writer, MESSAGE_HELLO);
    for (int i = 0; i < 5; i++) wire_text(&writer, "a word that is longer than thirty-two bytes");
    wire_uint(&writer, 1);
    EXPECT_EQ(read_up(), CODE_NONE);
    EXPECT(!message_label_valid(up.hello.game) && !message_label_valid(up.hello.room));
    EXPECT(!message_name_valid(up.hello.name) && strlen(up.hello.session) < LIMIT_TOKEN - 1);
}

static void inputs_and_calls(void) {
    int32_t back[LIMIT_CELLS];
    begin();
    message_write_input(&writer, 70000, 12, &shapes.input, cells, 0);
    EXPECT(read_up() == CODE_NONE && up.sequence == 70000 && up.acknowledged == 12);
    EXPECT_EQ(message_read_values(&up.values, &shapes.input, back), CODE_NONE);
    EXPECT(memcmp(back, cells, shapes.input.cell_count * sizeof *back) == 0);
    writer.size = 0;
    message_write_call(&writer, 9, 3, &shapes.input, cells);
    EXPECT(read_up() == CODE_NONE && up.type == MESSAGE_CALL && up.ticket == 9 && up.record == 3);
    EXPECT_EQ(message_read_values(&up.values, &shapes.input, back), CODE_NONE);
}

/* Behind an input's values may stand how far ahead its player saw. */
static void inputs_say_what_was_seen(void) {
    static const struct {
        uint32_t said, read;
        enum code code;
    } cases[] = {{0, 0, CODE_NONE},
                 {5, 5, CODE_NONE},
                 {LIMIT_AHEAD, LIMIT_AHEAD, CODE_NONE},
                 {LIMIT_AHEAD + 1, LIMIT_AHEAD + 1, CODE_RANGE}};
    int32_t back[LIMIT_CELLS];
    uint32_t ahead;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin();
        message_write_input(&writer, 1, 0, &shapes.input, cells, cases[i].said);
        EXPECT_EQ(read_up(), CODE_NONE);
        EXPECT_EQ(message_read_input(&up.values, &shapes.input, back, &ahead), cases[i].code);
        EXPECT_EQ(ahead, cases[i].read);
    }
    begin();
    message_write_input(&writer, 1, 0, &shapes.input, cells, 5);
    wire_uint(&writer, 5);
    EXPECT_EQ(read_up(), CODE_NONE);
    EXPECT_EQ(message_read_input(&up.values, &shapes.input, back, &ahead), CODE_MALFORMED);
}

static void values_are_judged(void) {
    static const struct {
        int32_t turn, thrust;
        enum code code;
    } cases[] = {{0, 0, CODE_NONE},  {255, 8, CODE_NONE}, {256, 0, CODE_RANGE}, {-1, 0, CODE_RANGE},
                 {0, 9, CODE_RANGE}, {0, -8, CODE_NONE},  {0, -9, CODE_RANGE},  {INT32_MIN, 0, CODE_RANGE}};
    int32_t back[LIMIT_CELLS];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin();
        cells[0] = cases[i].turn;
        cells[1] = cases[i].thrust;
        message_write_input(&writer, 1, 0, &shapes.input, cells, 0);
        EXPECT_EQ(read_up(), CODE_NONE);
        EXPECT_EQ(message_read_values(&up.values, &shapes.input, back), cases[i].code);
    }
    begin();
    message_write_input(&writer, 1, 0, &shapes.input, cells, 0);
    for (size_t cut = 4; cut < writer.size; cut++)
        if (message_read_up(bytes, cut, &up) == CODE_NONE)
            EXPECT_EQ(message_read_values(&up.values, &shapes.input, back), CODE_MALFORMED);
    wire_uint(&writer, 0);
    EXPECT_EQ(read_up(), CODE_NONE);
    EXPECT_EQ(message_read_values(&up.values, &shapes.input, back), CODE_MALFORMED);
}

static void small_ones(void) {
    begin();
    message_write_ack(&writer, UINT32_MAX);
    EXPECT(read_up() == CODE_NONE && up.type == MESSAGE_ACK && up.acknowledged == UINT32_MAX);
    writer.size = 0;
    message_write_ping(&writer, UINT64_C(1) << 53);
    EXPECT(read_up() == CODE_NONE && up.stamp == UINT64_C(1) << 53);
    writer.size = 0;
    message_write_ping(&writer, (UINT64_C(1) << 53) + 1);
    EXPECT_EQ(read_up(), CODE_MALFORMED);
    writer.size = 0;
    message_write_bye_up(&writer);
    EXPECT(read_up() == CODE_NONE && up.type == MESSAGE_BYE_UP);
    writer.size = 0;
    message_write_hash(&writer);
    EXPECT(read_up() == CODE_NONE && up.type == MESSAGE_HASH);
    bytes[1] = 7;
    EXPECT_EQ(read_up(), CODE_UNKNOWN);
}

static void names(void) {
    static const struct {
        const char *name;
        bool fine;
    } cases[] = {{"", true},
                 {"Ada", true},
                 {"Ada Lovelace", true},
                 {"Zoë 🚀", true},
                 {" ", false},
                 {"   ", false},
                 {"a\tb", false},
                 {"a\x7f", false},
                 {"\xc2\x85", false},
                 {"\xc2\x9f", false},
                 {"\xc2\xa0", true},
                 {"\xe2\x80\xa7", true},
                 {"\xe2\x80\xa8", false},
                 {"\xe2\x80\xae", false},
                 {"\xe2\x80\xaf", true},
                 {"\xe2\x81\xa5", true},
                 {"\xe2\x81\xa6", false},
                 {"\xe2\x81\xa9", false},
                 {"a\xe2\x81\xaa", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) EXPECT_EQ(message_name_valid(cases[i].name), cases[i].fine);
    EXPECT(message_label_valid("a-0") && !message_label_valid("") && !message_label_valid("A"));
    EXPECT(message_label_valid("abcdefghijklmnopqrstuvw") &&
           !message_label_valid("abcdefghijklmnopqrstuvwx"));
}

static void welcome(void) {
    static struct shape_set back_shapes;
    static struct message_welcome back;
    struct message_welcome said = {.session = "s",
                                   .device = "d",
                                   .instance = 4,
                                   .player = 3,
                                   .tick = 99,
                                   .rate = 20,
                                   .lane = 1,
                                   .now_us = UINT64_C(1) << 53,
                                   .used = 5,
                                   .name = "Ada",
                                   .room = "main"};
    int32_t rules[LIMIT_CELLS] = {0};
    begin();
    message_write_welcome(&writer, &said, &shapes, cells);
    EXPECT(message_read_welcome(bytes, writer.size, &back, &back_shapes, rules));
    EXPECT(back.instance == 4 && back.player == 3 && back.tick == 99 && back.rate == 20 && back.lane == 1);
    EXPECT(back.now_us == said.now_us && back.used == 5 && back_shapes.row_count == 4);
    EXPECT(strcmp(back.session, "s") == 0 && strcmp(back.device, "d") == 0);
    EXPECT(strcmp(back.name, "Ada") == 0 && strcmp(back.room, "main") == 0);
    EXPECT(memcmp(rules, cells, shapes.rules.cell_count * sizeof *rules) == 0);
    for (size_t cut = 0; cut < writer.size; cut++)
        EXPECT(!message_read_welcome(bytes, cut, &back, &back_shapes, rules));
    writer.size = 0;
    said.rate = 0;
    message_write_welcome(&writer, &said, &shapes, cells);
    EXPECT(!message_read_welcome(bytes, writer.size, &back, &back_shapes, rules));
    writer.size = 0;
    said.rate = 20;
    said.kept = true; /* schema and rules do not travel again */
    rules[0] = 77;
    message_write_welcome(&writer, &said, &shapes, cells);
    EXPECT(writer.size < 60 && message_read_welcome(bytes, writer.size, &back, &back_shapes, rules));
    EXPECT(back.kept && back.tick == 99 && back_shapes.row_count == 4 && rules[0] == 77);
    for (size_t cut = 0; cut < writer.size; cut++)
        EXPECT(!message_read_welcome(bytes, cut, &back, &back_shapes, rules));
}

static void bye(void) {
    struct message_bye back;
    begin();
    message_write_bye(&writer, CODE_SHUTDOWN, 500);
    EXPECT(message_read_bye(bytes, writer.size, &back));
    EXPECT(back.code == CODE_SHUTDOWN && back.wait_ms == 500 &&
           strcmp(back.text, code_text(CODE_SHUTDOWN)) == 0);
    for (size_t cut = 0; cut < writer.size; cut++) EXPECT(!message_read_bye(bytes, cut, &back));
}

int main(void) {
    RUN(hello);
    RUN(words_too_long_are_judged);
    RUN(inputs_and_calls);
    RUN(inputs_say_what_was_seen);
    RUN(values_are_judged);
    RUN(small_ones);
    RUN(names);
    RUN(welcome);
    RUN(bye);
    return check_done();
}
