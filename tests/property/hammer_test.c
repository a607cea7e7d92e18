/* One session, many connections: clients that hold the same token come, speak and go in any order, with
 * frames under way that nobody takes. Only the connection that came last is served, the others are told 4032,
 * and what it holds is right whatever the others did. And acknowledgements: none, late, and of what was never
 * sent. */
#include "tests/bench/tools/throng.c"
#include "tests/check.h"
#include "tests/dice.h"
#include "tests/rig.h"

enum { HANDS = 5, MOVERS = 200, CALM = 12, TURNS = 6000 };

static struct hand {
    struct rig_client client;
    bool attached;
} hands[HANDS];
static struct rig *rig;
static int latest; /* the hand that came last */
static uint64_t test_seed;

static void begin_here(void *world, struct game_turn *turn, uint64_t seed) {
    struct throng *throng = world;
    begin(world, turn, seed);
    throng->movers = MOVERS;
    throng->calm = CALM;
}

static void open_rig(void) {
    static struct game_calls calls;
    calls = game_calls;
    calls.begin = begin_here;
    memset(hands, 0, sizeof hands);
    rig = rig_create(&game_schema, &calls, test_seed);
}

static void close_rig(void) {
    for (int i = 0; i < HANDS; i++) rig_client_finish(&hands[i].client);
    rig_destroy(rig);
}

static void seat(struct rig_client *client) {
    EXPECT_EQ(rig_hello(rig, client, "Ada", LANE_LINEAR, ""), CODE_NONE);
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, client), CLIENT_WELCOMED);
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, client), CLIENT_FRAME);
}

/* ---- Many hands on one session. */

static void come(int who, const char *token) {
    struct hand *hand = &hands[who];
    if (hand->attached) session_detach(rig->sessions, &hand->client.attachment, rig->now_us);
    EXPECT_EQ(rig_hello(rig, &hand->client, "Eve", LANE_LINEAR, token), CODE_NONE);
    hand->attached = true;
    latest = who;
}

/* Takes what is due: only the latest may be given anything but goodbye. */
static void take(int who) {
    struct hand *hand = &hands[who];
    if (!hand->attached) return;
    enum client_news news = rig_take(rig, &hand->client);
    EXPECT(news != CLIENT_BROKEN);
    EXPECT(who == latest || news == CLIENT_GOODBYE || news == CLIENT_NOTHING);
    EXPECT(who != latest || news != CLIENT_GOODBYE);
    EXPECT_EQ(hand->client.client.hashes_wrong, 0);
    if (news != CLIENT_GOODBYE) return;
    EXPECT_EQ(hand->client.client.bye.code, CODE_REPLACED);
    hand->attached = false;
}

/* So that one is compared soon, however seldom a frame meets a tick in which hashes are stated to all. */
static void ask_for_hash(struct hand *hand) {
    uint8_t bytes[8];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_hash(&writer);
    EXPECT_EQ(rig_say(rig, &hand->client, &writer), CODE_NONE);
}

static void act(uint64_t *dice, int who, const char *token) {
    struct hand *hand = &hands[who];
    bool playing = hand->attached && hand->client.client.state == CLIENT_PLAYING;
    int32_t nothing = 0;
    switch (dice_below(dice, 8)) {
    case 0:
        if (dice_once_in(dice, 4)) come(who, token);
        return;
    case 1: /* a replaced connection may go on speaking: it is not heard */
        if (!playing) return;
        EXPECT_EQ(rig_input(rig, &hand->client, &nothing), CODE_NONE);
        ask_for_hash(hand);
        return;
    case 2: /* a frame that never arrives; nobody may take one after it but on a new connection */
        if (who != latest || !hand->attached) return;
        broadcaster_next(rig->broadcaster, &hand->client.attachment, rig->now_us);
        broadcaster_end(rig->broadcaster);
        come(who, token);
        return;
    case 3:
    case 4:
        if (playing && client_owes_ack(&hand->client.client, false))
            EXPECT_EQ(rig_ack(rig, &hand->client), CODE_NONE);
        return;
    default:
        take(who);
    }
}

static void only_one_connection_is_served(void) {
    uint64_t dice = dice_seed(test_seed), hashes = 0;
    char token[LIMIT_TOKEN];
    open_rig();
    latest = 0;
    hands[0].attached = true;
    seat(&hands[0].client);
    memcpy(token, hands[0].client.client.welcome.session, sizeof token);
    for (int turn = 0; turn < TURNS && !check_failures; turn++) {
        if (dice_below(&dice, 2)) rig_turn(rig);
        act(&dice, (int)dice_below(&dice, HANDS), token);
    }
    EXPECT_EQ(room_people(rig->room), 1);
    for (int i = 0; i < HANDS; i++) hashes += hands[i].client.client.hashes;
    EXPECT(hashes > 0);
    close_rig();
}

/* ---- Acknowledgements. */

static void who_never_acknowledges_gets_two_frames_and_stays(void) {
    uint32_t frames = 1;
    open_rig();
    seat(&hands[0].client);
    for (int i = 0; i < 2000; i++) {
        rig_turn(rig);
        enum client_news news = rig_take(rig, &hands[0].client);
        EXPECT(news == CLIENT_FRAME || news == CLIENT_NOTHING);
        frames += news == CLIENT_FRAME;
    }
    EXPECT_EQ(frames, FLOW_UNKNOWN);
    EXPECT_EQ(rig_ack(rig, &hands[0].client), CODE_NONE);
    EXPECT_EQ(rig_take(rig, &hands[0].client), CLIENT_FRAME);
    EXPECT_EQ(hands[0].client.client.replica.tick, rig->tick);
    close_rig();
}

/* Whatever else it says: what was never sent ends it, what is old is passed over. */
static void nonsense_is_not_believed(void) {
    static const int32_t beyond[] = {1, 2, 1000, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(beyond); i++) {
        uint8_t bytes[16];
        open_rig();
        seat(&hands[0].client);
        uint32_t base = hands[0].client.client.replica.tick;
        for (uint32_t old = 0; old <= base; old++) {
            struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
            message_write_ack(&writer, base - old);
            EXPECT_EQ(rig_say(rig, &hands[0].client, &writer), CODE_NONE);
        }
        struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
        message_write_ack(&writer, base + (uint32_t)beyond[i]);
        EXPECT_EQ(rig_say(rig, &hands[0].client, &writer), CODE_RANGE);
        EXPECT_EQ(hands[0].client.attachment.session, 0);
        rig_turn(rig);
        EXPECT_EQ(room_people(rig->room), 0);
        close_rig();
    }
}

int main(void) {
    test_seed = dice_of_test();
    RUN(only_one_connection_is_served);
    RUN(who_never_acknowledges_gets_two_frames_and_stays);
    RUN(nonsense_is_not_believed);
    return check_done();
}
