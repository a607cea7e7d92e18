/* The native side of tests/golden/wasm_test.mjs: the browser's core, built for this machine, does what the
 * same core does there, and both must come to the same: what predict_digest says; the hash after a WELCOME
 * and two frames; and, every 10,000 of STEPS inputs by chance, running hashes of the own ship's row and of
 * all that is drawn. Prints one fact a line. */
#include "protocol/wasm/core.c"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHIP, SHOT, TICKS = 400, WELCOMED = 1, FRAMED = 3, PART_MS = 20, DRAWN_OFTEN = 10 };

static struct shape_set own;
static uint32_t dice = 2463534242;

/* xorshift32 (Marsaglia 2003). */
static uint32_t roll(void) {
    dice ^= dice << 13;
    dice ^= dice >> 17;
    return dice ^= dice << 5;
}

static void roll_field(const struct shape_field *field, int32_t *cells) {
    uint32_t span = (uint32_t)field->max - (uint32_t)field->min + !field->wraps;
    cells[field->cell] = field->min + (int32_t)(roll() % span);
}

static void roll_row(const struct shape_kind *kind, int32_t *cells) {
    for (int i = 0; i < kind->row.field_count; i++) roll_field(&kind->row.fields[i], cells);
    row_anchor(kind, cells);
}

/* ---- A conversation. */

static void enter(struct wire_writer *list, uint32_t gap, const struct shape_kind *kind) {
    int32_t cells[ROW_CELLS] = {0};
    roll_row(kind, cells);
    wire_uint(list, gap);
    wire_uint(list, 0);
    message_write_values(list, &kind->row, cells);
}

static void take(const char *fact, const struct wire_writer *said, double now) {
    CHECK(!said->full);
    memcpy(core.in, said->bytes, said->size);
    uint32_t news = core_take((uint32_t)said->size, now);
    CHECK(news == WELCOMED || news == FRAMED);
    printf("%s ", fact);
    for (size_t i = 0; i < said->size; i++) printf("%02x", said->bytes[i]);
    printf("\n");
}

static void take_welcome(void) {
    static uint8_t bytes[LIMIT_FRAME];
    struct wire_writer to = wire_writer_init(bytes, sizeof bytes);
    struct message_welcome welcome = {.session = "0123456789abcdef0123456789abcdef",
                                      .instance = 1,
                                      .tick = 100,
                                      .rate = 20,
                                      .lane = LANE_GAME,
                                      .name = "Ada",
                                      .room = "main"};
    int32_t rules[LIMIT_CELLS] = {0};
    row_quantise(&own.rules, own.rules_plain, rules);
    message_write_welcome(&to, &welcome, &own, rules);
    take("message", &to, 0);
}

static void take_frame(const char *fact, const struct frame *frame, double now) {
    static uint8_t bytes[LIMIT_FRAME];
    struct wire_writer to = wire_writer_init(bytes, sizeof bytes);
    frame_write(&to, frame);
    take(fact, &to, now);
}

/* Forty ships, the first its own, and a shot enter, and move on by themselves. */
static void talk(void) {
    static uint8_t bytes[LIMIT_FRAME], own_bytes[8];
    struct wire_writer list = wire_writer_init(bytes, sizeof bytes);
    struct wire_writer answers = wire_writer_init(own_bytes, sizeof own_bytes);
    struct frame entering = {.advance = 1};
    core_forget();
    core_hello(LANE_GAME, 0);
    take_welcome();
    for (int i = 0; i < 40; i++) enter(&list, 2, &own.kinds[SHIP]);
    enter(&list, own.kinds[SHOT].first, &own.kinds[SHOT]);
    message_write_own(&answers, 3);
    entering.lists[FRAME_ANSWERS] = (struct frame_slice){answers.bytes, answers.size, 1};
    entering.lists[FRAME_ENTERINGS] = (struct frame_slice){list.bytes, list.size,
                                                           40 * (2u + own.kinds[SHIP].row.field_count) + 2u +
                                                               own.kinds[SHOT].row.field_count};
    take_frame("message", &entering, 0);
    take_frame("message", &(struct frame){.advance = TICKS}, 0);
    printf("hash %016" PRIx64 "\n", core_hash());
}

/* ---- Its own ship, and what is drawn. */

static uint32_t fold(uint32_t hash, const void *cells, uint32_t count) {
    for (uint32_t i = 0, cell; i < count; i++) {
        memcpy(&cell, (const char *)cells + 4 * i, sizeof cell);
        hash = (hash ^ cell) * 0x9E3779B1u;
        hash ^= hash >> 15;
    }
    return hash;
}

static uint32_t draw(uint32_t hash, double now) {
    core_show(now);
    for (uint32_t kind = SHIP; kind <= SHOT; kind++)
        hash =
            fold(hash, core_shown(kind)->values, core_shown(kind)->count * own.kinds[kind].row.field_count);
    return hash;
}

/* Inputs that the server is slow to use; and now and then a frame that takes the ship elsewhere. */
static void fly(uint32_t steps) {
    uint32_t motion = 1, drawn = 1;
    dice = 2463534242;
    for (uint32_t step = 0; step < steps; step++) {
        double now = step * 50.0;
        if (step % 8 == 0)
            for (int i = 0; i < own.input.field_count; i++) roll_field(&own.input.fields[i], core.input);
        core_input(now);
        motion = fold(motion, core.own.now, row_stride(&own.kinds[SHIP]));
        if (step % 1000 < DRAWN_OFTEN) drawn = draw(drawn, now + PART_MS);
        if (step % 1000 == 0) take_frame("later", &(struct frame){.advance = 1, .used = 1}, now + PART_MS);
        if ((step + 1) % 10000 == 0) printf("motion %u %u %u\n", step + 1, motion, drawn);
    }
}

int main(int count, char **words) {
    printf("digest %016" PRIx64 "\n", predict_digest(&game_schema, &own));
    talk();
    fly(count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 0);
}
