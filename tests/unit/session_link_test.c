/* Players without WebSocket: what is lost on a downlink, how a link ends, and what a post may say. */
#include "tests/unit/session_rig.h"
#include "server/metrics.h"
#include "server/session/session_link.h"

/* A new downlink, which says what this client holds. */
static void open_downlink(struct rig_client *client, const struct link_name *name) {
    const struct replica *replica = &client->client.replica;
    struct link_holds holds = {true, replica->tick, replica->event_number};
    enum code code;
    client->attachment = (struct attachment){.over = OVER_STREAM};
    EXPECT_EQ(link_open(rig->sessions, name, &holds, rig->now_us, &client->attachment, &code), LINK_STANDS);
}

/* Over HTTP: its HELLO is answered, and this client goes on on a downlink. */
static struct link_name seat_by_post(struct rig_client *client) {
    struct link_name name;
    client->by_post = true;
    seat(client, "");
    EXPECT(link_name(rig->sessions, &client->attachment, rig->now_us, &name));
    open_downlink(client, &name);
    return name;
}

/* What is due to this client is written, and does not arrive. */
static void lose(struct rig_client *client) {
    rig_turn(rig);
    EXPECT(broadcaster_next(rig->broadcaster, &client->attachment, rig->now_us).size > 0);
    broadcaster_end(rig->broadcaster);
}

/* Nor may it matter whether the WELCOME came that says so. */
static void what_was_lost_is_counted_again(void) {
    int32_t push[2] = {1, 0};
    open_rig();
    struct link_name name = seat_by_post(&clients[0]);
    for (int lost = 0; lost < 3; lost++) {
        rig_input(rig, &clients[0], push);
        lose(&clients[0]);
        for (int welcomes = 0; welcomes < lost; welcomes++) {
            open_downlink(&clients[0], &name);
            lose(&clients[0]);
        }
        open_downlink(&clients[0], &name);
        rig_turn(rig);
        enum client_news news = rig_take(rig, &clients[0]);
        rig_turn(rig);
        if (news == CLIENT_RESUMED) news = rig_take(rig, &clients[0]);
        EXPECT_EQ(news, CLIENT_FRAME);
        EXPECT_EQ(clients[0].client.replica.used, clients[0].client.sequence);
    }
    close_rig();
}

/* Though it was long silent, as who has nothing to say may be. */
static void a_link_is_told_why_it_ended(void) {
    open_rig();
    seat_by_post(&clients[0]);
    for (int i = 0; i < 3; i++) {
        rig->now_us += (LINK_ENDED_S + 1) * UINT64_C(1000000);
        sessions_sweep(rig->sessions, rig->now_us);
    }
    told.kick = 1;
    rig_turn(rig);
    sessions_sweep(rig->sessions, rig->now_us);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[0].client.bye.code, CODE_KICKED);
    rig_turn(rig);
    rig->now_us += (LINK_ENDED_S + 1) * UINT64_C(1000000);
    sessions_sweep(rig->sessions, rig->now_us);
    EXPECT_EQ(metrics_get(METRIC_sessions), 0);
    close_rig();
}

/* What it is told leads it to come again; that it was replaced would not. */
static void a_link_that_falls_silent_in_line_is_told_so(void) {
    struct link_name name;
    open_rig();
    clients[0].by_post = true;
    rig_hello(rig, &clients[0], "Ada", LANE_LINEAR, "");
    uint32_t id = clients[0].attachment.session;
    EXPECT(session_line(rig->sessions, id, 3));
    EXPECT(link_name(rig->sessions, &clients[0].attachment, rig->now_us, &name));
    open_downlink(&clients[0], &name);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_QUEUED);
    EXPECT_EQ(clients[0].client.place, 3);
    rig->now_us += (rig->config.silence_s + 1) * UINT64_C(1000000);
    sessions_sweep(rig->sessions, rig->now_us);
    EXPECT(!session_line(rig->sessions, id, 2));
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[0].client.bye.code, CODE_SILENT);
    for (int i = 0; i < 2; i++, rig->now_us += (LINK_ENDED_S + 1) * UINT64_C(1000000))
        sessions_sweep(rig->sessions, rig->now_us);
    EXPECT_EQ(metrics_get(METRIC_sessions), 0);
    close_rig();
}

static void a_post_may_say_nothing(void) {
    enum code code;
    open_rig();
    struct link_name name = seat_by_post(&clients[0]);
    struct link_post post = {1, (const uint8_t *)"\0\2\x91\x06\0", 5}; /* HASH between two signs */
    EXPECT_EQ(link_take_post(rig->sessions, &name, &post, rig->now_us, &code), LINK_STANDS);
    EXPECT_EQ(code, CODE_NONE);
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    EXPECT(clients[0].client.frame.hash != 0);
    close_rig();
}

int main(void) {
    RUN(a_link_is_told_why_it_ended);
    RUN(a_link_that_falls_silent_in_line_is_told_so);
    RUN(what_was_lost_is_counted_again);
    RUN(a_post_may_say_nothing);
    return check_done();
}
