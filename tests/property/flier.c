#include "tests/property/flight.h"
#include "game/arena/rows.h"
#include "tests/check.h"

enum { PING_EVERY_MS = 500 };

void flier_begin(struct flier *flier, double ahead_ms) {
    memset(flier, 0, sizeof *flier);
    flier->offset_ms = ahead_ms;
    EXPECT_EQ(rig_hello(flight.rig, &flier->rig, "Ada", LANE_GAME, ""), CODE_NONE);
}

void flier_finish(struct flier *flier) {
    rig_client_finish(&flier->rig);
    free(flier->picture.memory);
}

/* ---- What it says. */

static void say(struct flier *flier, const struct wire_writer *writer) {
    CHECK(!writer->full);
    letters_post(&flier->up, &flight.weather, &flight.dice, flight.now_us, writer->bytes, writer->size);
}

static void press(struct flier *flier) {
    struct arena_input keys = {.turn = 8 * (int32_t)dice_below(&flight.dice, 3) - 8,
                               .thrust = (int32_t)dice_below(&flight.dice, 9),
                               .aim = -1};
    if (flight.still || dice_below(&flight.dice, 8)) return;
    if (dice_below(&flight.dice, 2)) keys.aim = (int32_t)dice_below(&flight.dice, MATH_TURN);
    row_quantise(&flier->rig.shapes.input, &keys, flier->input);
}

static void make_input(struct flier *flier) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    press(flier);
    double ahead = (timing_tick(&flier->timing, flier_now_ms(flier)) - flier->rig.client.replica.tick) *
                   LIMIT_SEEN_PARTS;
    flier->rig.client.ahead = ahead < 0 ? 0 : ahead > LIMIT_AHEAD ? LIMIT_AHEAD : (uint32_t)ahead;
    client_input(&flier->rig.client, flier->input, &writer);
    own_make(&flier->own, &flier->rig.client, flier->input);
    timing_sent(&flier->timing, flier->rig.client.sequence, flier_now_ms(flier));
    say(flier, &writer);
}

static void ping(struct flier *flier) {
    uint8_t bytes[16];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_ping(&writer, timing_ping(&flier->timing, flier_now_ms(flier)));
    flier->ping_ms = flier_now_ms(flier) + PING_EVERY_MS;
    say(flier, &writer);
}

/* ---- What it is told. */

static void take_pongs(struct flier *flier) {
    const struct frame_slice *list = &flier->rig.client.frame.lists[FRAME_ANSWERS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    uint32_t type, elements;
    while (message_next_answer(&reader, &type, &elements)) {
        struct message_pong pong;
        if (type == MESSAGE_PONG) {
            message_read_pong(&reader, &pong);
            timing_pong(&flier->timing, pong.stamp, (double)pong.received_us / 1e3,
                        (double)pong.held_us / 1e3, flier_now_ms(flier));
        } else {
            wire_skip_many(&reader, elements);
        }
    }
}

static void begin_to_play(struct flier *flier) {
    const struct message_welcome *welcome = &flier->rig.client.welcome;
    picture_begin(&flier->picture, &flier->rig.client);
    timing_welcome(&flier->timing, welcome->rate, (double)welcome->now_us / 1e3, flier_now_ms(flier));
}

static void take_frame(struct flier *flier, uint32_t missed) {
    const struct client *client = &flier->rig.client;
    own_frame(&flier->own, client);
    display_frame(&flier->picture.display, client);
    if (client->frame.advance) timing_frame(&flier->timing, client->replica.tick, flier_now_ms(flier));
    if (client->frame.used && !client->frame.late)
        timing_used(&flier->timing, client->replica.used, flier_now_ms(flier));
    timing_missed(&flier->timing, missed);
    take_pongs(flier);
}

static void take(struct flier *flier, const struct letter *letter) {
    uint32_t missed = flier_missed(flier);
    enum client_news news = rig_read(&flier->rig, letter->bytes, letter->size);
    EXPECT(news == CLIENT_WELCOMED || news == CLIENT_FRAME);
    if (news == CLIENT_WELCOMED)
        begin_to_play(flier);
    else
        take_frame(flier, flier_missed(flier) - missed);
}

void flier_write(struct flier *flier) {
    struct broadcast due = broadcaster_next(flight.rig->broadcaster, &flier->rig.attachment, flight.now_us);
    if (due.size)
        letters_post(&flier->down, &flight.weather, &flight.dice, flight.now_us, due.bytes, due.size);
}

void flier_turn(struct flier *flier) {
    const struct letter *letter;
    while ((letter = letters_arrived(&flier->down, flight.now_us))) take(flier, letter);
    if (flier->rig.client.state != CLIENT_PLAYING) return;
    if (timing_due(&flier->timing, flier_now_ms(flier)) == 0) make_input(flier);
    if (flier_now_ms(flier) >= flier->ping_ms) ping(flier);
    bool looks = !fleet.crowded || flier < flight.fliers + LOOKERS;
    if (flight.now_us % PICTURE_US == 0 && looks) picture_draw(flier);
    while ((letter = letters_arrived(&flier->up, flight.now_us)))
        EXPECT_EQ(session_receive(flight.rig->sessions, &flier->rig.attachment, letter->bytes, letter->size,
                                  flight.now_us, RIG_ADDRESS),
                  CODE_NONE);
}
