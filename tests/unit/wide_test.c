/* A room of as many rows as there may be, and events of each use: what the small worlds of the property tests
 * do not reach. */
#include "tests/check.h"
#include "tests/idle.h"
#include "tests/rig.h"
#include "game/math.h"
#include "server/metrics.h"
#include "server/session/session_link.h"

enum { BLIP, LAMP, KINDS };
enum { STATE, RUMOUR, ORDER, RECORDS };
enum { BLIPS = 65000, LAMPS = 536, SEATS = 4, FRAMES_MAX = 80 };

struct blip {
    float x, y, vx, vy;
};
struct lamp {
    int32_t lit;
};
struct number {
    int32_t number;
};

static const struct schema_field blip_fields[] = {
    SCHEMA_FIELD(struct blip, x, .max = 4000, .wraps = true, .step = 0.0625f, .tolerance = 0.25f),
    SCHEMA_FIELD(struct blip, y, .max = 4000, .wraps = true, .step = 0.0625f, .tolerance = 0.25f),
    SCHEMA_FIELD(struct blip, vx, .min = -100, .max = 100),
    SCHEMA_FIELD(struct blip, vy, .min = -100, .max = 100)};
static const struct schema_field lamp_fields[] = {SCHEMA_FIELD(struct lamp, lit, .max = 1)};
static const struct schema_field number_fields[] = {SCHEMA_FIELD(struct number, number)};
static const struct schema_kind kinds[KINDS] = {
    [BLIP] = {{SCHEMA_RECORD("blip", struct blip, blip_fields)},
              .slots = BLIPS,
              .placed = true,
              .linear = true},
    [LAMP] = {{SCHEMA_RECORD("lamp", struct lamp, lamp_fields)}, .slots = LAMPS}};
static const struct schema_record records[RECORDS] = {
    [STATE] = {SCHEMA_RECORD("state", struct number, number_fields), .use = SCHEMA_NEWEST_WINS},
    [RUMOUR] = {SCHEMA_RECORD("rumour", struct number, number_fields), .use = SCHEMA_MAY_DROP},
    [ORDER] = {SCHEMA_RECORD("order", struct number, number_fields), .use = SCHEMA_MUST_ARRIVE}};
static const struct schema wide_schema = {.name = "wide",
                                          .api = GAME_API,
                                          .world_size = 1,
                                          .players_max = SEATS,
                                          .input = {SCHEMA_RECORD("push", struct number, number_fields)},
                                          .rules = {SCHEMA_RECORD("rules", struct number, number_fields)},
                                          .kinds = kinds,
                                          .kind_count = KINDS,
                                          .records = records,
                                          .record_count = RECORDS};

static struct blip blips[BLIPS];
static struct lamp lamps[LAMPS];
static uint32_t lives;             /* of every row */
static float radius;               /* of every seat */
static uint16_t blips_shown;       /* the first so many; without the last of them no lamps either */
static bool shaken;                /* every blip turns in every tick */
static int32_t said, say[RECORDS]; /* how many events of each record to say in each tick */

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)turn, (void)seed;
    for (int32_t i = 0; i < BLIPS; i++)
        blips[i] =
            (struct blip){(float)(i * 37 % 4000), (float)(i / 17), (float)(i % 21 - 10), (float)(i % 13 - 6)};
}
static void tick(void *world, struct game_turn *turn) {
    (void)world;
    for (int32_t i = 0; i < BLIPS; i++) {
        if (shaken) blips[i].vx = blips[i].vy = turn->tick % 2 ? 90 : -90;
        blips[i].x = math_wrap(blips[i].x + blips[i].vx * turn->dt, 4000);
        blips[i].y = math_wrap(blips[i].y + blips[i].vy * turn->dt, 4000);
    }
    lamps[turn->tick % LAMPS].lit ^= 1;
    for (uint16_t record = 0; record < RECORDS; record++)
        for (int32_t i = 0; i < say[record]; i++)
            game_say(turn,
                     (struct game_note){GAME_EVENT, .record = record,
                                        .to = record == ORDER ? GAME_ONE(1) : GAME_ALL},
                     &(struct number){++said});
}
static void show(const void *world, struct game_view *view) {
    (void)world;
    for (uint16_t i = 0; i < blips_shown; i++) game_show(view, BLIP, i, lives, &blips[i], GAME_ALL);
    for (uint16_t i = 0; blips_shown == BLIPS && i < LAMPS; i++)
        game_show(view, LAMP, i, lives, &lamps[i], GAME_ALL);
    for (uint16_t i = 0; i < SEATS; i++)
        view->seats[i] = (struct game_seat){.x = 2000, .y = 2000, .radius = radius};
}
static const struct game_calls calls = {begin, idle_join, idle_leave, idle_input, .tick = tick, .show = show};

/* `sight`: of every seat; 0: everywhere. */
static struct rig *open_rig(struct rig_client *clients, int count, float sight) {
    lives = 1;
    radius = sight;
    blips_shown = BLIPS;
    shaken = false;
    said = 0;
    memset(say, 0, sizeof say);
    struct rig *rig = rig_create(&wide_schema, &calls, 1);
    for (int i = 0; i < count; i++) EXPECT_EQ(rig_hello(rig, &clients[i], "Ada", LANE_LINEAR, ""), CODE_NONE);
    return rig;
}

static void close_rig(struct rig *rig, struct rig_client *clients, int count) {
    for (int i = 0; i < count; i++) rig_client_finish(&clients[i]);
    rig_destroy(rig);
}

/* One tick, and what it brings to clients that acknowledge at once. Gives what the first was brought. */
static enum client_news turn(struct rig *rig, struct rig_client *clients, int count) {
    enum client_news first = CLIENT_NOTHING;
    rig_turn(rig);
    for (int i = 0; i < count; i++) {
        enum client_news news = rig_take(rig, &clients[i]);
        EXPECT(news != CLIENT_BROKEN);
        if (client_owes_ack(&clients[i].client, false)) EXPECT_EQ(rig_ack(rig, &clients[i]), CODE_NONE);
        if (i == 0) first = news;
    }
    return first;
}

static uint32_t held_by(const struct rig_client *client) {
    return held_count(client->client.replica.held, held_words(client->shapes.row_count));
}

static void as_many_rows_as_there_may_be(void) {
    static struct rig_client client;
    struct rig *rig = open_rig(&client, 1, 0);
    EXPECT_EQ(rig->shapes[LANE_LINEAR].row_count, LIMIT_ROWS);
    for (int i = 0; i < FRAMES_MAX && held_by(&client) < LIMIT_ROWS; i++) {
        turn(rig, &client, 1);
        EXPECT(client.size <= LIMIT_FRAME);
    }
    EXPECT_EQ(held_by(&client), LIMIT_ROWS);
    for (int i = 0; i < 64; i++) turn(rig, &client, 1);
    EXPECT(client.client.hashes > 0);
    EXPECT_EQ(client.client.hashes_wrong, 0);
    EXPECT(client.size < 200); /* what runs straight on is silent: a lamp, and a hash at times */
    lives++;                   /* everything is another thing now: all leave at once */
    for (int i = 0; i < FRAMES_MAX; i++) EXPECT(turn(rig, &client, 1) == CLIENT_FRAME);
    EXPECT_EQ(held_by(&client), LIMIT_ROWS);
    EXPECT_EQ(client.client.hashes_wrong, 0);
    close_rig(rig, &client, 1);
}

/* More rows change in each tick than a frame can say: those that waited too long leave, thousands in one
 * frame beside what changed, and it is no longer than a frame may be. */
static void all_that_waited_too_long_leaves(void) {
    static struct rig_client client;
    uint32_t most_left = 0;
    struct rig *rig = open_rig(&client, 1, 0);
    for (int i = 0; i < FRAMES_MAX && held_by(&client) < LIMIT_ROWS; i++) turn(rig, &client, 1);
    EXPECT_EQ(held_by(&client), LIMIT_ROWS);
    shaken = true;
    for (int i = 0; i < FRAMES_MAX; i++) {
        EXPECT(turn(rig, &client, 1) == CLIENT_FRAME);
        uint32_t left = client.client.frame.lists[FRAME_LEAVINGS].elements;
        most_left = left > most_left ? left : most_left;
    }
    EXPECT(most_left > 16384);
    EXPECT_EQ(client.client.hashes_wrong, 0);
    close_rig(rig, &client, 1);
}

/* The room has shown many more rows since the WELCOME of a client that only pulls. */
static void a_state_of_a_room_that_grew(void) {
    static struct rig_client client = {.by_post = true};
    struct link_name name;
    enum code code;
    uint64_t mix;
    struct rig *rig = open_rig(&client, 1, 0);
    blips_shown = 1;
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &client), CLIENT_WELCOMED);
    EXPECT(link_name(rig->sessions, &client.attachment, rig->now_us, &name));
    blips_shown = 1000;
    rig_turn(rig);
    client.attachment = (struct attachment){.over = OVER_PULL};
    EXPECT_EQ(link_open(rig->sessions, &name, NULL, rig->now_us, &client.attachment, &code), LINK_STANDS);
    struct broadcast state = broadcaster_state(rig->broadcaster, &client.attachment, rig->now_us, &mix);
    EXPECT_EQ(client_take(&client.client, state.bytes, state.size), CLIENT_FRAME);
    EXPECT_EQ(held_by(&client), 1000);
    broadcaster_end(rig->broadcaster);
    close_rig(rig, &client, 1);
}

static void only_what_is_near(void) {
    static struct rig_client client;
    uint32_t near = 0;
    struct rig *rig = open_rig(&client, 1, 100);
    for (int i = 0; i < 12; i++) turn(rig, &client, 1);
    for (int32_t i = 0; i < BLIPS; i++) {
        float dx = blips[i].x - 2000, dy = blips[i].y - 2000;
        near += dx * dx + dy * dy <= 100 * 100;
    }
    EXPECT(near > 20 && held_by(&client) >= LAMPS + near * 9 / 10 &&
           held_by(&client) <= LAMPS + near * 14 / 10);
    close_rig(rig, &client, 1);
}

static uint32_t count_events(const struct rig_client *client, uint32_t record, int32_t *last) {
    const struct frame_slice *list = &client->client.frame.lists[FRAME_EVENTS];
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = client->client.events_before};
    uint32_t count = 0;
    while (replica_event_next(&client->shapes, &reader, client->client.replica.tick, &event)) {
        if (event.record != record) continue;
        *last = event.cells[0];
        count++;
    }
    return count;
}

static void only_the_newest_counts(void) {
    static struct rig_client client;
    int32_t last = 0;
    struct rig *rig = open_rig(&client, 1, 1);
    for (int i = 0; i < 6; i++) turn(rig, &client, 1);
    say[STATE] = 3;
    turn(rig, &client, 1);
    EXPECT_EQ(count_events(&client, STATE, &last), 1);
    EXPECT_EQ(last, said);
    for (int i = 0; i < 40; i++) rig_turn(rig); /* the client looks away */
    turn(rig, &client, 1);
    EXPECT_EQ(count_events(&client, STATE, &last), 1);
    EXPECT_EQ(last, said);
    close_rig(rig, &client, 1);
}

/* A player for whom nothing is lost is not ended by what another one misses; the other is. */
static void who_loses_what_was_for_him(void) {
    static struct rig_client clients[2];
    struct rig *rig = open_rig(clients, 2, 1);
    for (int i = 0; i < 6; i++) turn(rig, clients, 2);
    say[ORDER] = 40;
    for (int i = 0; i < 20; i++) rig_turn(rig); /* 800 for player 1, of which a publication carries 256 */
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[1].client.bye.code, CODE_TOO_SLOW);
    close_rig(rig, clients, 2);
}

/* What changed is encoded once and copied to each; who holds the same is given the lists of the one before.
 */
static void encoded_once_copied_to_all(void) {
    enum { TICKS = 20, WATCHERS = 3 };
    static struct rig_client clients[WATCHERS];
    struct rig *rig = open_rig(clients, WATCHERS, 1);
    uint64_t encoded = 0, changed = 0, copied = 0, alike = 0;
    for (int tick = 0; tick < TICKS + 10; tick++) {
        if (tick == 10) {
            encoded = metrics_get(METRIC_rows_encoded), changed = metrics_get(METRIC_rows_changed);
            copied = metrics_get(METRIC_rows_copied), alike = metrics_get(METRIC_frames_alike);
        }
        turn(rig, clients, WATCHERS);
    }
    EXPECT_EQ(metrics_get(METRIC_rows_changed) - changed, TICKS); /* one lamp a tick */
    EXPECT_EQ(metrics_get(METRIC_rows_encoded) - encoded, TICKS);
    EXPECT_EQ(metrics_get(METRIC_rows_copied) - copied, TICKS * WATCHERS);
    EXPECT_EQ(metrics_get(METRIC_frames_alike) - alike, TICKS * (WATCHERS - 1));
    close_rig(rig, clients, WATCHERS);
}

static void a_hash_for_who_asks(void) {
    static struct rig_client clients[2];
    uint8_t bytes[8];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    struct rig *rig = open_rig(clients, 2, 1);
    for (int i = 0; i < 6; i++) turn(rig, clients, 2);
    EXPECT_EQ(clients[0].client.hashes, 0);
    message_write_hash(&writer);
    EXPECT_EQ(rig_say(rig, &clients[0], &writer), CODE_NONE);
    turn(rig, clients, 2);
    EXPECT_EQ(clients[0].client.hashes, 1);
    EXPECT_EQ(clients[0].client.hashes_wrong, 0);
    EXPECT_EQ(clients[1].client.hashes, 0);
    close_rig(rig, clients, 2);
}

int main(void) {
    RUN(as_many_rows_as_there_may_be);
    RUN(all_that_waited_too_long_leaves);
    RUN(a_state_of_a_room_that_grew);
    RUN(only_what_is_near);
    RUN(only_the_newest_counts);
    RUN(who_loses_what_was_for_him);
    RUN(encoded_once_copied_to_all);
    RUN(a_hash_for_who_asks);
    return check_done();
}
