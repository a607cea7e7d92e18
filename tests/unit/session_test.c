/* Sessions, a room and the broadcaster together, without sockets: seats, inputs, resuming, the gate, answers,
 * events that must arrive, and every way in which a conversation may end. */
#include "tests/unit/session_rig.h"
#include "server/metrics.h"
#include <pthread.h>

static enum code say_raw(struct rig_client *client, const char *bytes, size_t size) {
    return session_receive(rig->sessions, &client->attachment, (const uint8_t *)bytes, size, rig->now_us,
                           "test");
}

/* ---- The tests. */

/* What this client in line is told now: its place, or 0 if nothing. */
static uint32_t told_place(struct rig_client *client) {
    enum client_news news = rig_take(rig, client);
    EXPECT(news == CLIENT_QUEUED || news == CLIENT_NOTHING);
    return news == CLIENT_QUEUED ? client->client.place : 0;
}

static void a_place_in_line_is_told(void) {
    open_rig();
    rig_hello(rig, &clients[0], "Ada", LANE_LINEAR, "");
    uint32_t id = clients[0].attachment.session;
    EXPECT(session_line(rig->sessions, id, 7));
    EXPECT_EQ(told_place(&clients[0]), 7);
    EXPECT_EQ(told_place(&clients[0]), 0);
    rig->now_us += 400000;
    EXPECT(session_line(rig->sessions, id, 6));
    EXPECT_EQ(told_place(&clients[0]), 0); /* at most once a second */
    rig->now_us += 600000;
    EXPECT_EQ(told_place(&clients[0]), 6);
    rig->now_us += 9900000;
    EXPECT(session_line(rig->sessions, id, 0) && told_place(&clients[0]) == 0);
    rig->now_us += 100000;
    EXPECT_EQ(told_place(&clients[0]), 6); /* a sign of life */
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_WELCOMED);
    EXPECT(!session_line(rig->sessions, id, 1));
    close_rig();
}

static void who_leaves_the_line_is_forgotten(void) {
    open_rig();
    for (int way = 0; way < 3; way++) {
        rig_hello(rig, &clients[0], "Ada", LANE_LINEAR, "");
        uint32_t id = clients[0].attachment.session;
        if (way) EXPECT(session_line(rig->sessions, id, 1));
        if (way < 2)
            session_detach(rig->sessions, &clients[0].attachment, rig->now_us);
        else
            session_break(rig->sessions, &clients[0].attachment, CODE_LEFT, rig->now_us);
        EXPECT(!session_line(rig->sessions, id, 1));
        EXPECT_EQ(metrics_get(METRIC_sessions), 0);
    }
    close_rig();
}

static void a_player_is_seated(void) {
    open_rig();
    seat(&clients[0], "");
    EXPECT_EQ(clients[0].client.welcome.player, 0);
    EXPECT(replica_row(&clients[0].client.replica, 0) && room_people(rig->room) == 1);
    EXPECT(strcmp(told.dot[0].name, "Ada") == 0);
    seat(&clients[1], "");
    EXPECT_EQ(clients[1].client.welcome.player, 1);
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    EXPECT(replica_row(&clients[0].client.replica, 1) != NULL);
    close_rig();
}

static void a_full_room_says_so(void) {
    open_rig();
    for (int i = 0; i < SEATS; i++) seat(&clients[i], "");
    rig_hello(rig, &clients[SEATS], "Ada", 1, "");
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[SEATS]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[SEATS].client.bye.code, CODE_ROOM_FULL);
    session_break(rig->sessions, &clients[0].attachment, CODE_LEFT, rig->now_us);
    rig_turn(rig);
    EXPECT_EQ(told.why, GAME_LEFT);
    seat(&clients[SEATS], "");
    EXPECT_EQ(clients[SEATS].client.welcome.player, 0);
    close_rig();
}

static void inputs_are_used_one_a_tick(void) {
    int32_t push[2] = {2, 0};
    open_rig();
    seat(&clients[0], "");
    uint32_t before = told.inputs[0];
    rig_input(rig, &clients[0], push);
    rig_turn(rig);
    EXPECT_EQ(told.inputs[0], before + 1);
    rig_turn(rig); /* nothing came: again */
    EXPECT_EQ(told.dot[0].pushed, 4);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    EXPECT(clients[0].client.replica.used == 1 && clients[0].client.replica.used_tick == rig->tick - 1);
    for (int i = 0; i < 12; i++) rig_input(rig, &clients[0], push);
    rig_turn(rig); /* a stall: of twelve eight are kept, one waits on */
    EXPECT_EQ(told.dot[0].pushed, 4 + 7 * 2);
    rig_take(rig, &clients[0]);
    EXPECT_EQ(clients[0].client.replica.used, 12);
    close_rig();
}

/* Its client forgot its sequence while inputs were waiting: it goes on from `used`, and nothing goes back. */
static void a_forgetful_client_comes_back(void) {
    int32_t push[2] = {1, 0};
    open_rig();
    seat(&clients[0], "");
    for (int i = 0; i < 5; i++) rig_input(rig, &clients[0], push);
    rig_turn(rig);
    rig_input(rig, &clients[0], push);
    rig_input(rig, &clients[0], push); /* 7 was said, 4 used, one more waits in the room */
    session_detach(rig->sessions, &clients[0].attachment, rig->now_us);
    rig_hello(rig, &clients[1], "Else", 0, token);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_WELCOMED);
    EXPECT_EQ(clients[1].client.welcome.used, 4);
    EXPECT(strcmp(clients[1].client.welcome.session, token) == 0);
    EXPECT_EQ(rig_input(rig, &clients[1], push), CODE_NONE);
    for (int i = 0; i < 6; i++) {
        uint32_t used = clients[1].client.replica.used;
        EXPECT_EQ(follow(&clients[1]), CLIENT_FRAME);
        EXPECT(clients[1].client.replica.used >= used && clients[1].client.replica.used < 20);
    }
    EXPECT_EQ(clients[1].client.replica.used, 7);
    close_rig();
}

static void an_older_connection_is_replaced(void) {
    open_rig();
    seat(&clients[0], "");
    EXPECT_EQ(rig_hello(rig, &clients[1], "", 1, token), CODE_NONE);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[0].client.bye.code, CODE_REPLACED);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_WELCOMED);
    EXPECT_EQ(clients[1].client.welcome.player, 0);
    close_rig();
}

static void a_lost_player_is_waited_for(void) {
    open_rig();
    seat(&clients[0], "");
    session_detach(rig->sessions, &clients[0].attachment, rig->now_us);
    sessions_sweep(rig->sessions, rig->now_us + 14000000);
    rig_turn(rig);
    EXPECT_EQ(room_people(rig->room), 1);
    sessions_sweep(rig->sessions, rig->now_us + 16000000);
    rig_turn(rig);
    EXPECT(room_people(rig->room) == 0 && told.why == GAME_LOST);
    rig_hello(rig, &clients[1], "New", 1, token); /* too late: a new session */
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_WELCOMED);
    EXPECT(strcmp(clients[1].client.welcome.session, token) != 0);
    close_rig();
}

/* A seat that changes hands: the newest publication still knows whoever sat there before. */
static void a_welcome_waits_for_its_tick(void) {
    int32_t push[2] = {1, 0};
    open_rig();
    seat(&clients[0], "");
    for (int i = 0; i < 3; i++) rig_input(rig, &clients[0], push);
    rig_turn(rig);
    rig_turn(rig);
    session_break(rig->sessions, &clients[0].attachment, CODE_LEFT, rig->now_us);
    rig_hello(rig, &clients[1], "Next", 1, "");
    rig_begin_turn(rig); /* seated, not published */
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_NOTHING);
    rig_finish_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[1]), CLIENT_WELCOMED);
    EXPECT_EQ(clients[1].client.welcome.used, 0);
    close_rig();
}

static void the_gate_closes_and_opens(void) {
    uint32_t frames = 0;
    open_rig();
    seat(&clients[0], "");
    told.speak = true;
    for (int i = 0; i < 20; i++) {
        rig_turn(rig);
        frames += rig_take(rig, &clients[0]) == CLIENT_FRAME;
    }
    EXPECT_EQ(frames, 1); /* with the first: two before a round trip is known */
    EXPECT_EQ(rig_ack(rig, &clients[0]), CODE_NONE);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    EXPECT_EQ(clients[0].client.replica.tick, rig->tick);
    close_rig();
}

/* How often the client acknowledges in so many ticks with a frame each. */
static uint32_t acknowledgements(struct rig_client *client, uint32_t ticks) {
    uint32_t count = 0;
    for (; ticks; ticks--) {
        count += client_owes_ack(&client->client, false);
        EXPECT_EQ(follow(client), CLIENT_FRAME);
    }
    return count;
}

static void who_keeps_up_acknowledges_seldom(void) {
    open_rig();
    seat(&clients[0], "");
    told.speak = true;
    acknowledgements(&clients[0], FLOW_EVEN + 2);
    EXPECT_EQ(clients[0].client.acks, FLOW_ACKS);
    EXPECT_EQ(acknowledgements(&clients[0], 10 * FLOW_ACKS), 10);
    uint32_t taken = 0;
    for (int left = 10; left; left--) { /* nothing is acknowledged: the gate closes */
        rig_turn(rig);
        taken += rig_take(rig, &clients[0]) == CLIENT_FRAME;
    }
    EXPECT(taken <= FLOW_ACKS + 1);
    follow(&clients[0]);
    EXPECT_EQ(clients[0].client.acks, 1);
    EXPECT_EQ(acknowledgements(&clients[0], 5), 5);
    close_rig();
}

static void an_input_that_says_nothing_new_need_not_be_said(void) {
    int32_t still[2] = {0, 0}, pushing[2] = {3, 0};
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    open_rig();
    seat(&clients[0], "");
    EXPECT(client_says_input(&clients[0].client, still)); /* whatever was said on another connection */
    client_input(&clients[0].client, still, &writer);
    rig_say(rig, &clients[0], &writer);
    EXPECT(!client_says_input(&clients[0].client, still));
    EXPECT(client_says_input(&clients[0].client, pushing));
    for (int i = 0; i < 5; i++) follow(&clients[0]);
    EXPECT_EQ(told.inputs[0], 5); /* the last one is used again */
    EXPECT_EQ(clients[0].client.repeated, 0);
    seat(&clients[1], token);
    EXPECT(client_says_input(&clients[1].client, still));
    close_rig();
}

static void a_ping_and_a_call_are_answered(void) {
    uint8_t bytes[64];
    int32_t cells[LIMIT_CELLS] = {0};
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    open_rig();
    seat(&clients[0], "");
    message_write_ping(&writer, 77);
    EXPECT_EQ(rig_say(rig, &clients[0], &writer), CODE_NONE);
    writer.size = 0;
    memcpy(cells, "hello", 5);
    message_write_call(&writer, 5, ASK, &rig->shapes[0].records[ASK], cells);
    EXPECT_EQ(rig_say(rig, &clients[0], &writer), CODE_NONE);
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    EXPECT_EQ(clients[0].client.frame.lists[FRAME_ANSWERS].elements, 2);
    struct wire_reader reader = wire_reader_init(clients[0].client.frame.lists[FRAME_ANSWERS].bytes,
                                                 clients[0].client.frame.lists[FRAME_ANSWERS].size);
    EXPECT(wire_read_array(&reader) == 4 && wire_read_uint(&reader, 99) == MESSAGE_PONG);
    EXPECT_EQ(wire_read_uint(&reader, 99), 77);
    close_rig();
}

static void who_misses_what_must_arrive_is_told(void) {
    open_rig();
    seat(&clients[0], "");
    told.speak = true;
    for (int i = 0; i < LIMIT_EVENTS; i++) rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    EXPECT_EQ(clients[0].client.replica.event_number, LIMIT_EVENTS);
    rig_ack(rig, &clients[0]);
    for (int i = 0; i < LIMIT_EVENTS + 1; i++) rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[0].client.bye.code, CODE_TOO_SLOW);
    rig_turn(rig); /* and its session is over */
    EXPECT(room_people(rig->room) == 0 && told.why == GAME_KICKED);
    EXPECT_EQ(metrics_get(METRIC_sessions), 0);
    close_rig();
}

static void who_comes_back_too_late_for_events_begins_anew(void) {
    open_rig();
    seat(&clients[0], "");
    told.speak = true;
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    session_detach(rig->sessions, &clients[0].attachment, rig->now_us);
    for (int i = 0; i < LIMIT_EVENTS + 1; i++) rig_turn(rig);
    rig_hello(rig, &clients[0], "", LANE_LINEAR, token);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_WELCOMED);
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    EXPECT(strcmp(clients[0].client.welcome.session, token) == 0 && told.life[0] == 1);
    close_rig();
}

/* A frame can say how much time passed, up to a bound. */
static void who_acknowledges_nothing_for_too_long_is_told(void) {
    open_rig();
    rig->tick = 2 * LIMIT_ADVANCE;
    seat(&clients[0], "");
    for (int i = 0; i < SESSION_GATE; i++) {
        rig_turn(rig);
        rig_take(rig, &clients[0]);
    }
    struct session *session = session_lock(rig->sessions, &clients[0].attachment);
    session->base -= LIMIT_ADVANCE;
    session_unlock(session);
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_GOODBYE);
    EXPECT_EQ(clients[0].client.bye.code, CODE_TOO_SLOW);
    close_rig();
}

/* Who asks on and on and takes nothing is answered as far as there is room. */
static void answers_have_a_bound(void) {
    open_rig();
    seat(&clients[0], "");
    uint64_t lost = metrics_get(METRIC_replies_lost);
    for (int i = 0; i < 160; i++) {
        EXPECT_EQ(say_raw(&clients[0], "\x94\x04\x07\x01\xa5hello", 10), CODE_NONE);
        if (i % 8 == 7) rig_turn(rig);
    }
    uint32_t answered = 160 - (uint32_t)(metrics_get(METRIC_replies_lost) - lost);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    EXPECT(answered < 160 && answered >= SESSION_REPLIES / 16);
    EXPECT(clients[0].client.frame.lists[FRAME_ANSWERS].elements >= answered);
    EXPECT(clients[0].client.frame.lists[FRAME_ANSWERS].size <= SESSION_REPLIES + 16);
    close_rig();
}

/* A LEAVE that finds the inbox full is said again. */
static void a_seat_is_given_back_in_the_end(void) {
    open_rig();
    seat(&clients[0], "");
    struct arrival other = {.what = ARRIVAL_INPUT};
    while (other.session < 8 * RIG_ARRIVALS) other.session++, inbox_put(rig->inbox, &other);
    uint64_t refused = metrics_get(METRIC_arrivals_refused);
    session_break(rig->sessions, &clients[0].attachment, CODE_LEFT, rig->now_us);
    EXPECT_EQ(metrics_get(METRIC_arrivals_refused), refused + 1);
    rig_turn(rig);
    EXPECT_EQ(room_people(rig->room), 1);
    sessions_sweep(rig->sessions, rig->now_us);
    rig_turn(rig);
    EXPECT_EQ(room_people(rig->room), 0);
    EXPECT_EQ(metrics_get(METRIC_sessions), 0);
    close_rig();
}

static void who_comes_at_the_end_is_told_so(void) {
    open_rig();
    sessions_end_all(rig->sessions, CODE_SHUTDOWN);
    EXPECT_EQ(rig_hello(rig, &clients[0], "Ada", LANE_LINEAR, ""), CODE_SHUTDOWN);
    close_rig();
}

static _Atomic int greeted; /* of the latecomers, whose HELLO is through */

static void *come_late(void *nothing) {
    for (size_t i = 0; i < COUNT_OF(clients); i++, greeted++)
        if (rig_hello(rig, &clients[i], "Ada", LANE_LINEAR, "") != CODE_NONE) break;
    return nothing;
}

/* Each of them is told, whether its HELLO comes before the end or just then. */
static void nobody_slips_in_at_the_end(void) {
    for (int round = 0; round < 3000; round++) {
        pthread_t latecomers;
        struct session_about about;
        open_rig();
        greeted = 0;
        pthread_create(&latecomers, NULL, come_late, NULL);
        while (greeted < round % SEATS) continue;
        sessions_end_all(rig->sessions, CODE_SHUTDOWN);
        pthread_join(latecomers, NULL);
        for (int i = 0; i < greeted; i++)
            EXPECT(session_about(rig->sessions, clients[i].attachment.session, &about) &&
                   about.code == CODE_SHUTDOWN);
        close_rig();
    }
}

static void a_kick_ends_the_session(void) {
    open_rig();
    seat(&clients[0], "");
    told.kick = 1;
    EXPECT_EQ(follow(&clients[0]), CLIENT_GOODBYE);
    EXPECT(clients[0].client.bye.code == CODE_KICKED && told.why == GAME_KICKED);
    EXPECT_EQ(room_people(rig->room), 0);
    rig_hello(rig, &clients[1], "", 1, token); /* it can't be taken up again */
    rig_turn(rig);
    rig_take(rig, &clients[1]);
    EXPECT(strcmp(clients[1].client.welcome.session, token) != 0);
    close_rig();
}

static void broken_rules_have_their_codes(void) {
    static const struct {
        const char *bytes;
        size_t size;
        enum code code;
    } cases[] = {{"\xc0", 1, CODE_MALFORMED},
                 {"\x91\x07", 2, CODE_UNKNOWN},
                 {"\x97\x00\xa4"
                  "dots\xa0\xa0\xa1-\xa0\x01",
                  13, CODE_HELLO_TWICE},
                 {"\x95\x01\x00\x00\x00\x00", 6, CODE_SEQUENCE},
                 {"\x95\x01\x05\x00\x09\x00", 6, CODE_RANGE},
                 {"\x94\x01\x05\x00\x01", 5, CODE_MALFORMED},
                 {"\x92\x02\xcd\x7f\xff", 5, CODE_RANGE}, /* a frame that was never written */
                 {"\x94\x04\x01\x00\xa0", 5, CODE_RANGE}, /* an event is no call */
                 {"\x94\x04\x01\x09\xa0", 5, CODE_RANGE},
                 {"\x91\x05", 2, CODE_LEFT}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        open_rig();
        seat(&clients[0], "");
        EXPECT_EQ(say_raw(&clients[0], cases[i].bytes, cases[i].size), cases[i].code);
        EXPECT_EQ(clients[0].attachment.session, 0);
        rig_turn(rig);
        EXPECT_EQ(room_people(rig->room), 0);
        close_rig();
    }
    open_rig();
    EXPECT_EQ(say_raw(&clients[0], "\x92\x02\x01", 3), CODE_HELLO_FIRST);
    rig_hello(rig, &clients[0], "Ada", LANE_LINEAR, "");
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_WELCOMED);
    EXPECT_EQ(say_raw(&clients[0], "\x92\x02\x01", 3), CODE_NONE); /* WELCOME's tick, or before it */
    EXPECT_EQ(say_raw(&clients[0], "\x92\x02\x7f", 3), CODE_RANGE);
    close_rig();
}

/* Of a link's messages each may be read by another thread, which looked at the clock a moment before. */
static void a_flood_is_cut_off(void) {
    for (uint64_t before_us = 0; before_us < 3000; before_us += 1000) {
        enum code code = CODE_NONE;
        int count = 0;
        open_rig();
        seat(&clients[0], "");
        for (; count < 2000 && code == CODE_NONE; count++) {
            rig->now_us += count % 2 ? -before_us : 9000 + before_us;
            code = say_raw(&clients[0], "\x92\x03\x01", 3);
        }
        EXPECT(code == CODE_FLOOD && count > 60);
        close_rig();
    }
}

/* Sessions are given back, however they end. */
static void nothing_is_left_behind(void) {
    open_rig();
    for (int i = 0; i < 500; i++) {
        EXPECT_EQ(rig_hello(rig, &clients[0], "Ada", 1, ""), CODE_NONE);
        if (i % 4) rig_turn(rig);
        if (i % 4 > 1) rig_take(rig, &clients[0]);
        session_break(rig->sessions, &clients[0].attachment, i % 4 == 3 ? CODE_FLOOD : CODE_LEFT,
                      rig->now_us);
        if (i % 4 == 0) rig_turn(rig);
    }
    rig_turn(rig);
    EXPECT(room_people(rig->room) == 0 && metrics_get(METRIC_sessions) == 0);
    close_rig();
}

/* Else a client that got the one and a client that got the other would be taken for the same. */
static void a_tick_is_told_on_one_branch(void) {
    open_rig();
    seat(&clients[0], "");
    told.speak = true; /* so that there is a frame in every tick */
    EXPECT_EQ(follow(&clients[0]), CLIENT_FRAME);
    rig_turn(rig);
    EXPECT(broadcaster_next(rig->broadcaster, &clients[0].attachment, rig->now_us).size > 0); /* is lost */
    broadcaster_end(rig->broadcaster);
    EXPECT_EQ(rig_hello(rig, &clients[0], "Ada", LANE_LINEAR, token), CODE_NONE);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_NOTHING);
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_RESUMED);
    EXPECT_EQ(rig_take(rig, &clients[0]), CLIENT_FRAME);
    close_rig();
}

/* Seats are not to be had by saying HELLO and going, over one connection after the other. */
static void sessions_of_an_address_are_bounded(void) {
    open_rig();
    for (int i = 0; i < 3; i++) clients[i].counted = true;
    clients[1].by_post = true;
    seat(&clients[0], "");
    session_detach(rig->sessions, &clients[0].attachment, rig->now_us);
    EXPECT_EQ(rig_hello(rig, &clients[1], "Ada", 1, ""), CODE_NONE);
    EXPECT_EQ(rig_hello(rig, &clients[2], "Ada", 1, ""), CODE_SERVER_FULL);
    EXPECT_EQ(rig_hello(rig, &clients[0], "Ada", 1, token), CODE_NONE); /* it has its place */
    session_break(rig->sessions, &clients[0].attachment, CODE_LEFT, rig->now_us);
    rig_turn(rig);
    EXPECT_EQ(rig_hello(rig, &clients[2], "Ada", 1, ""), CODE_NONE);
    close_rig();
}

int main(void) {
    RUN(a_player_is_seated);
    RUN(a_full_room_says_so);
    RUN(a_place_in_line_is_told);
    RUN(who_leaves_the_line_is_forgotten);
    RUN(inputs_are_used_one_a_tick);
    RUN(a_forgetful_client_comes_back);
    RUN(an_older_connection_is_replaced);
    RUN(a_lost_player_is_waited_for);
    RUN(a_welcome_waits_for_its_tick);
    RUN(the_gate_closes_and_opens);
    RUN(who_keeps_up_acknowledges_seldom);
    RUN(an_input_that_says_nothing_new_need_not_be_said);
    RUN(a_ping_and_a_call_are_answered);
    RUN(who_misses_what_must_arrive_is_told);
    RUN(who_comes_back_too_late_for_events_begins_anew);
    RUN(who_acknowledges_nothing_for_too_long_is_told);
    RUN(answers_have_a_bound);
    RUN(a_seat_is_given_back_in_the_end);
    RUN(who_comes_at_the_end_is_told_so);
    RUN(nobody_slips_in_at_the_end);
    RUN(a_kick_ends_the_session);
    RUN(broken_rules_have_their_codes);
    RUN(a_flood_is_cut_off);
    RUN(nothing_is_left_behind);
    RUN(a_tick_is_told_on_one_branch);
    RUN(sessions_of_an_address_are_bounded);
    return check_done();
}
