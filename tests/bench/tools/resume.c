/* Coming back, in one process: what a client is sent that was away for a while, beside what really changed
 * meanwhile and what a newcomer is sent; and a thousand drops, with frames under way that never arrive, each
 * followed by a hash. resume AWAY_S prints the first as a line of JSON, resume drops N the second. */
#include "tests/bench/tools/throng.c"
#include "tests/rig.h"

enum { MOVERS = 900, STEADY = MOVERS / 3, CALM = 12, SEED = 11, SETTLE_TICKS = 100 };
enum {
    DROPPED = 6,
    BUDGET = 6000,
    PLAY_MOST = 60,
    AWAY_MOST = 200,
    LOST_MOST = 3,
    PATIENCE = 400,
    MOVING = 24
};

static bool still; /* nothing moves, so that what is owed comes to an end */

/* Other numbers than the presets of its rules, which the rig takes. */
static void begin_here(void *world, struct game_turn *turn, uint64_t seed) {
    struct throng *throng = world;
    begin(world, turn, seed);
    throng->movers = MOVERS;
    throng->steady = STEADY;
    throng->calm = CALM;
}

static void tick_here(void *world, struct game_turn *turn) {
    struct throng *throng = world;
    bool was_still = throng->calm != CALM;
    for (int i = 0; i < MOVERS && still; i++) throng->mover[i].vx = throng->mover[i].vy = 0;
    for (int i = 0; i < MOVERS && was_still && !still; i++) turn_mover(&throng->dice, &throng->mover[i]);
    throng->calm = still ? INT32_MAX : CALM;
    tick(world, turn);
}

static struct rig *open_rig(uint32_t budget) {
    static struct game_calls calls;
    calls = game_calls;
    calls.begin = begin_here;
    calls.tick = tick_here;
    return rig_create_bounded(&game_schema, &calls, SEED, budget);
}

static void play(struct rig *rig, struct rig_client *client, uint32_t ticks) {
    for (; ticks; ticks--) {
        rig_turn(rig);
        rig_take(rig, client);
        if (client_owes_ack(&client->client, false)) rig_ack(rig, client);
    }
}

/* ---- What coming back costs. */

struct cost {
    size_t welcome, frame;
};

/* WELCOME and the first frame. */
static struct cost greet(struct rig *rig, struct rig_client *client, const char *session) {
    struct cost cost;
    CHECK(rig_hello(rig, client, "Ada", LANE_LINEAR, session) == CODE_NONE);
    if (!session[0]) rig_turn(rig);
    rig_take(rig, client);
    cost.welcome = client->size;
    rig_turn(rig);
    CHECK(rig_take(rig, client) == CLIENT_FRAME);
    cost.frame = client->size;
    return cost;
}

/* The rows that were sent since `base`, as they lie encoded: the change if one was missed, else the whole. */
static size_t changed_bytes(struct rig *rig, uint32_t base, uint32_t *rows) {
    const struct publication *from = board_pin(rig->board, 0, RIG_SLOT);
    size_t bytes = 0;
    for (uint32_t row = 0; row < MOVERS; row++) {
        const struct lane_row *at = &from->lanes[LANE_LINEAR].rows[row];
        if (at->sent <= base) continue;
        bool once = at->sent_before <= base && at->change_size;
        bytes += once ? (size_t)at->change_size - at->mask_size : at->whole_size;
        ++*rows;
    }
    broadcaster_end(rig->broadcaster);
    return bytes;
}

/* WELCOME and the frames until all is held: of an unknown link the first has little room. */
static struct cost join_fully(struct rig *rig, struct rig_client *client) {
    struct cost cost = greet(rig, client, "");
    while (held_count(client->client.replica.held, held_words(client->shapes.row_count)) < MOVERS) {
        CHECK(rig_ack(rig, client) == CODE_NONE);
        rig_turn(rig);
        CHECK(rig_take(rig, client) == CLIENT_FRAME);
        cost.frame += client->size;
    }
    return cost;
}

static int measure_resume(uint32_t away_s) {
    static struct rig_client client, fresh;
    uint32_t rows = 0;
    struct rig *rig = open_rig(0);
    greet(rig, &client, "");
    play(rig, &client, SETTLE_TICKS);
    uint32_t base = client.client.replica.tick;
    session_detach(rig->sessions, &client.attachment, rig->now_us);
    for (uint32_t i = 0; i < away_s * rig->config.rate; i++) rig_turn(rig);
    struct cost back = greet(rig, &client, client.client.welcome.session);
    bool kept = client.client.welcome.kept;
    size_t changed = changed_bytes(rig, base, &rows);
    struct cost join = join_fully(rig, &fresh);
    printf("{\"away_s\":%u,\"kept\":%d,\"welcome\":%zu,\"frame\":%zu,\"changed\":%zu,\"rows\":%u,\"of\":%d,"
           "\"join_welcome\":%zu,\"join_frame\":%zu}\n",
           away_s, kept, back.welcome, back.frame, changed, rows, MOVERS, join.welcome, join.frame);
    rig_client_finish(&client);
    rig_client_finish(&fresh);
    rig_destroy(rig);
    return 0;
}

/* ---- Drops. */

static struct drops { uint32_t drops, kept, lost, hashes, wrong, broken; } drops;

static void lose_frame(struct rig *rig, struct rig_client *client) {
    rig_turn(rig);
    drops.lost += broadcaster_next(rig->broadcaster, &client->attachment, rig->now_us).size > 0;
    broadcaster_end(rig->broadcaster);
}

static void take(struct rig *rig, struct rig_client *client) {
    enum client_news news = rig_take(rig, client);
    drops.kept += news == CLIENT_RESUMED;
    drops.broken += news == CLIENT_BROKEN || news == CLIENT_GOODBYE;
}

static void wander(struct rig *rig, struct rig_client *client, uint64_t *dice) {
    for (uint32_t left = dice_below(dice, PLAY_MOST); left; left--) {
        rig_turn(rig);
        if (dice_below(dice, 3)) take(rig, client);
        if (client_owes_ack(&client->client, false) && dice_below(dice, 2)) rig_ack(rig, client);
    }
    for (uint32_t left = dice_below(dice, LOST_MOST + 1); left; left--) lose_frame(rig, client);
}

/* Asks for a hash until one was compared; where too much moves for the budget, the world stands still. */
static void compare(struct rig *rig, struct rig_client *client) {
    uint8_t bytes[8];
    uint64_t before = client->client.hashes;
    for (uint32_t left = PATIENCE; left && client->client.hashes == before && !drops.broken; left--) {
        struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
        message_write_hash(&writer);
        if (client->client.state == CLIENT_PLAYING && left % 8 == 0) rig_say(rig, client, &writer);
        still = left < PATIENCE - MOVING;
        rig_turn(rig);
        take(rig, client);
        if (client_owes_ack(&client->client, false)) rig_ack(rig, client);
    }
    still = false;
    drops.hashes += client->client.hashes > before;
    drops.wrong += client->client.hashes_wrong > 0;
    client->client.hashes_wrong = 0;
}

static void drop_one(struct rig *rig, struct rig_client *client, uint32_t lane, uint64_t *dice) {
    char session[LIMIT_TOKEN];
    wander(rig, client, dice);
    if (dice_below(dice, 4)) session_detach(rig->sessions, &client->attachment, rig->now_us);
    for (uint32_t left = dice_below(dice, AWAY_MOST); left; left--) rig_turn(rig);
    memcpy(session, client->client.welcome.session, sizeof session);
    CHECK(rig_hello(rig, client, "Ada", lane, session) == CODE_NONE);
    drops.drops++;
    compare(rig, client);
}

static int drop_often(uint32_t count) {
    static struct rig_client clients[DROPPED];
    uint64_t dice = dice_seed(SEED);
    struct rig *rigs[] = {open_rig(0), open_rig(BUDGET)};
    for (uint32_t i = 0; i < DROPPED; i++) {
        struct rig *rig = rigs[i % COUNT_OF(rigs)];
        CHECK(rig_hello(rig, &clients[i], "Ada", i / 2, "") == CODE_NONE);
        play(rig, &clients[i], SETTLE_TICKS);
        CHECK(clients[i].client.welcome.lane == i / 2);
    }
    for (uint32_t i = 0; i < count && !drops.broken; i++) {
        uint32_t who = dice_below(&dice, DROPPED);
        drop_one(rigs[who % COUNT_OF(rigs)], &clients[who], who / 2, &dice);
    }
    printf("{\"drops\":%u,\"kept\":%u,\"lost\":%u,\"hashes\":%u,\"wrong\":%u,\"broken\":%u}\n", drops.drops,
           drops.kept, drops.lost, drops.hashes, drops.wrong, drops.broken);
    for (uint32_t i = 0; i < DROPPED; i++) rig_client_finish(&clients[i]);
    for (size_t i = 0; i < COUNT_OF(rigs); i++) rig_destroy(rigs[i]);
    return drops.wrong || drops.broken;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "drops") == 0) return drop_often((uint32_t)atoi(argv[2]));
    if (argc == 2) return measure_resume((uint32_t)atoi(argv[1]));
    fprintf(stderr, "resume AWAY_S | resume drops N\n");
    return 2;
}
