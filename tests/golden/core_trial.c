/* The native side of tests/golden/wasm_test.mjs, which does the same in the arena's .wasm and compares: what
 * predict_digest says; a WELCOME and two frames, and the hash that a client comes to; a running hash of the
 * own ship's row, every 10,000 inputs of STEPS, with inputs by chance. Prints one fact a line. */
#include "game/game_api.h"
#include "protocol/own.h"
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

/* ---- Its own ship. */

static uint32_t fold(uint32_t hash, const int32_t *cells, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ (uint32_t)cells[i]) * 0x9E3779B1u;
        hash ^= hash >> 15;
    }
    return hash;
}

/* Inputs that no frame ever says were used. */
static void fly(struct client *client, uint32_t steps) {
    static struct own player;
    int32_t input[LIMIT_CELLS] = {0};
    uint32_t hash = 1;
    own_frame(&player, client);
    CHECK(player.kind);
    dice = 2463534242;
    for (uint32_t step = 0; step < steps; step++) {
        uint8_t bytes[LIMIT_MESSAGE_UP];
        struct wire_writer to = wire_writer_init(bytes, sizeof bytes);
        if (step % 8 == 0)
            for (int i = 0; i < own.input.field_count; i++) roll_field(&own.input.fields[i], input);
        client_input(client, input, &to);
        own_make(&player, client, input);
        hash = fold(hash, player.now, row_stride(player.kind));
        if ((step + 1) % 10000 == 0) printf("motion %u %u\n", step + 1, hash);
    }
}

/* ---- A conversation: forty ships, the first its own, and a shot enter, and move on by themselves. */
static void talk(uint32_t steps) {
    static uint8_t bytes[LIMIT_FRAME], own_bytes[8];
    static struct client client;
    struct wire_writer answers = wire_writer_init(own_bytes, sizeof own_bytes);
    struct wire_writer hello = wire_writer_init(bytes, sizeof bytes), list = hello;
    client_init(&client, &told);
    client_bring(&client, &game_schema, &own);
    client_hello(&client, &(struct message_hello){.lane = LANE_GAME}, &hello);
    say_welcome(&client);
    for (int i = 0; i < 40; i++) enter(&list, 2, &own.kinds[SHIP]);
    enter(&list, own.kinds[SHOT].first, &own.kinds[SHOT]);
    CHECK(!list.full);
    struct frame entering = {.advance = 1};
    message_write_own(&answers, 3);
    entering.lists[FRAME_ANSWERS] = (struct frame_slice){answers.bytes, answers.size, 1};
    entering.lists[FRAME_ENTERINGS] = (struct frame_slice){list.bytes, list.size,
                                                           40 * (2u + own.kinds[SHIP].row.field_count) + 2u +
                                                               own.kinds[SHOT].row.field_count};
    say_frame(&client, &entering);
    say_frame(&client, &(struct frame){.advance = TICKS});
    printf("hash %016" PRIx64 "\n", replica_hash(&client.replica));
    fly(&client, steps);
}

int main(int count, char **words) {
    printf("digest %016" PRIx64 "\n", predict_digest(&game_schema, &own));
    talk(count > 1 ? (uint32_t)strtoul(words[1], NULL, 10) : 0);
}
