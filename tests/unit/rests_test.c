/* Who rests: who has nothing to hear is passed over, and whatever there is to hear ends that. */
#include "tests/unit/session_rig.h"

static void come_to_rest(struct rig_client *client) {
    for (int left = 200; left && !rig_rests(rig, client); left--) {
        enum client_news news = follow(client);
        EXPECT(news == CLIENT_FRAME || news == CLIENT_NOTHING);
    }
    EXPECT(rig_rests(rig, client));
}

static void who_has_nothing_to_hear_rests(void) {
    open_rig();
    seat(&clients[0], "");
    EXPECT(!rig_rests(rig, &clients[0])); /* before it was told a hash */
    come_to_rest(&clients[0]);
    struct session *session = session_lock(rig->sessions, &clients[0].attachment);
    EXPECT_EQ(session->written_room, 0);
    session_unlock(session);
    EXPECT(clients[0].client.hashes > 0);
    uint64_t hashes = clients[0].client.hashes;
    for (int i = 0; i < 200; i++) { /* it is told that the line stands, and no hash again */
        rig_turn(rig);
        if (rig_rests(rig, &clients[0])) continue;
        EXPECT(rig->now_us >= clients[0].rests_until_us || clients[0].spoke);
        if (rig_take(rig, &clients[0]) == CLIENT_FRAME) rig_ack(rig, &clients[0]);
    }
    EXPECT(clients[0].client.replica.tick + rig->config.rate >= rig->tick);
    EXPECT_EQ(clients[0].client.hashes, hashes);
    close_rig();
}

static void who_missed_the_tick_of_hashes_is_told_in_the_next(void) {
    open_rig();
    seat(&clients[0], "");
    seat(&clients[1], "");
    for (int left = 200; left && clients[0].client.hashes == 0; left--) {
        rig_turn(rig);
        if (rig_take(rig, &clients[0]) == CLIENT_FRAME) rig_ack(rig, &clients[0]);
        if (clients[0].client.hashes) break;
        if (rig_take(rig, &clients[1]) == CLIENT_FRAME) rig_ack(rig, &clients[1]);
    }
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_FRAME);
    EXPECT(clients[1].client.frame.hash != 0);
    close_rig();
}

static void news_ends_a_rest(void) {
    open_rig();
    seat(&clients[0], "");
    come_to_rest(&clients[0]);
    seat(&clients[1], ""); /* another is seen */
    EXPECT(!rig_rests(rig, &clients[0]));
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    come_to_rest(&clients[0]);
    told.speak = true;
    rig_turn(rig);
    EXPECT(!rig_rests(rig, &clients[0]));
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    close_rig();
}

static void who_is_roused_for_nothing_rests_again(void) {
    static const uint8_t reply[] = {0x94, 19, 1, 1, 0};
    open_rig();
    struct rests *rests = broadcaster_rests(rig->broadcaster);
    for (int i = 0; i < 3; i++) seat(&clients[i], "");
    for (int i = 0; i < 3; i++) come_to_rest(&clients[i]);
    EXPECT(session_reply(rig->sessions, clients[0].attachment.session, reply, sizeof reply));
    for (int i = 0; i < 3; i++) EXPECT(rests_rouse(rests, &clients[i].attachment));
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    for (int i = 1; i < 3; i++) {
        EXPECT_EQ(rig_take(rig, &clients[i]), CLIENT_NOTHING);
        EXPECT(rig_rests(rig, &clients[i]));
    }
    EXPECT(!rests_any_stirred(rests));
    close_rig();
}

static void ask_for_hash(struct rig_client *client) {
    uint8_t bytes[16];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    message_write_hash(&writer);
    EXPECT_EQ(rig_say(rig, client, &writer), CODE_NONE);
}

static void who_asked_for_a_hash_waits_for_it(void) {
    open_rig();
    seat(&clients[0], "");
    for (int i = 0; i < 4; i++) follow(&clients[0]); /* it has heard all that is new */
    for (uint64_t hashes = 0; hashes < 3; hashes++) {
        rig_ack(rig, &clients[0]);
        ask_for_hash(&clients[0]);
        EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_NOTHING); /* by what was published before it asked */
        rig_turn(rig);
        EXPECT(!rig_rests(rig, &clients[0]));
        EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
        EXPECT_EQ(clients[0].client.hashes, hashes + 1);
        rig_turn(rig);
    }
    EXPECT(rig->tick < 64); /* none was due */
    close_rig();
}

static void what_others_do_to_a_session_ends_its_rest(void) {
    static const uint8_t reply[] = {0x94, 19, 1, 1, 0};
    open_rig();
    seat(&clients[0], "");
    come_to_rest(&clients[0]);
    EXPECT(session_reply(rig->sessions, clients[0].attachment.session, reply, sizeof reply));
    EXPECT(!rig_rests(rig, &clients[0]));
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    come_to_rest(&clients[0]);
    EXPECT_EQ(rig_hello(rig, &clients[1], "", 1, token), CODE_NONE);
    EXPECT(!rig_rests(rig, &clients[0]));
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_GOODBYE);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_WELCOMED);
    come_to_rest(&clients[1]);
    EXPECT(session_end(rig->sessions, clients[1].attachment.session, CODE_SHUTDOWN));
    EXPECT(!rig_rests(rig, &clients[1]));
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_GOODBYE);
    close_rig();
}

int main(void) {
    RUN(who_has_nothing_to_hear_rests);
    RUN(who_missed_the_tick_of_hashes_is_told_in_the_next);
    RUN(news_ends_a_rest);
    RUN(who_is_roused_for_nothing_rests_again);
    RUN(who_asked_for_a_hash_waits_for_it);
    RUN(what_others_do_to_a_session_ends_its_rest);
    return check_done();
}
