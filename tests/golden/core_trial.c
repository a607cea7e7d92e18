/* The native side of tests/golden/wasm_test.mjs, which does the same in the arena's .wasm and compares: what
 * predict_digest says; a WELCOME and two frames, and the hash that a client comes to; a running hash of a
 * ship's row, every 10,000 steps of STEPS, with intents by chance. Prints one fact a line. */
#include "game/game_api.h"
#include "protocol/client.h"
#include "protocol/predict.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHIP, SHOT, TICKS = 400 };

static struct shape_set own, told;
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

/* ---- A ship's motion. */

static uint32_t roll_intents(const struct shape_kind *kind, int32_t *cells) {
    uint32_t changed = 0;
    for (int i = 0; i < kind->row.field_count; i++) {
        if (kind->row.fields[i].predicted) continue;
        roll_field(&kind->row.fields[i], cells);
        changed |= 1u << i;
    }
    return changed;
}

/* One tick: seldom a new place and speed, sometimes other intents or an anchor; then the game's step. */
static void turn(const struct shape_kind *kind, int32_t *cells, uint32_t tick) {
    if (tick % 997 == 0) roll_row(kind, cells);
    if (tick % 8 == 0) row_refresh(kind, cells, roll_intents(kind, cells));
    if (row_anchors_at(0, tick)) row_anchor(kind, cells);
    row_step(kind, cells);
}

static uint32_t fold(uint32_t hash, const int32_t *cells, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ (uint32_t)cells[i]) * 0x9E3779B1u;
        hash ^= hash >> 15;
    }
    return hash;
}

static void move(uint32_t steps) {
    const struct shape_kind *kind = &own.kinds[SHIP];
    static int32_t cells[ROW_CELLS];
    uint32_t hash = 1;
    for (uint32_t tick = 0; tick < steps; tick++) {
        turn(kind, cells, tick);
        hash = fold(hash, cells, row_stride(kind));
        if ((tick + 1) % 10000 == 0) printf("motion %u %u\n", tick + 1, hash);
    }
}

/* ---- A conversation. */

static void enter(struct wire_writer *list, uint32_t gap, const struct shape_kind *kind) {
    int32_t cells[ROW_CELLS] = {0};
    roll_row(kind, cells);
    wire_uint(list, gap);
    wire_uint(list, 0);
    message_write_values(list, &kind->row, cells);
}

static void say(struct client *client, const struct wire_writer *said) {
    static uint64_t memory[1 << 17];
    enum client_news news = client_take(client, said->bytes, said->size);
    if (news == CLIENT_WELCOMED) {
        CHECK(client_bytes(client) <= sizeof memory);
        client_start(client, memory);
    }
    CHECK(!said->full && news != CLIENT_BROKEN);
    printf("message ");
    for (size_t i = 0; i < said->size; i++) printf("%02x", said->bytes[i]);
    printf("\n");
}

static void say_welcome(struct client *client) {
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
    say(client, &to);
}

static void say_frame(struct client *client, const struct frame *frame) {
    static uint8_t bytes[LIMIT_FRAME];
    struct wire_writer to = wire_writer_init(bytes, sizeof bytes);
    frame_write(&to, frame);
    say(client, &to);
}

/* Forty ships and a shot enter, and move on by themselves. */
static void talk(void) {
    static uint8_t bytes[LIMIT_FRAME];
    static struct client client;
    struct wire_writer hello = wire_writer_init(bytes, sizeof bytes), list = hello;
    client_init(&client, &told);
    client_bring(&client, &game_schema, &own);
    client_hello(&client, &(struct message_hello){.lane = LANE_GAME}, &hello);
    say_welcome(&client);
    for (int i = 0; i < 40; i++) enter(&list, 2, &own.kinds[SHIP]);
    enter(&list, own.kinds[SHOT].first, &own.kinds[SHOT]);
    CHECK(!list.full);
    struct frame entering = {.advance = 1};
    entering.lists[FRAME_ENTERINGS] = (struct frame_slice){list.bytes, list.size,
                                                           40 * (2u + own.kinds[SHIP].row.field_count) + 2u +
                                                               own.kinds[SHOT].row.field_count};
    say_frame(&client, &entering);
    say_frame(&client, &(struct frame){.advance = TICKS});
    printf("hash %016" PRIx64 "\n", replica_hash(&client.replica));
}

int main(int count, char **words) {
    printf("digest %016" PRIx64 "\n", predict_digest(&game_schema, &own));
    move(count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 0);
    talk();
}
