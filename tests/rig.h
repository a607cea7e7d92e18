/* A whole server without sockets, threads or clock, for tests: one room of a game that the test brings as two
 * tables, real sessions, a real board and broadcaster; and clients that talk to it in bytes. The rig does for
 * its room what server/lobby.c does for all. Time stands still between rig_turn and rig_turn. */
#pragma once
#include "protocol/client.h"
#include "protocol/predict.h"
#include "server/session/broadcaster.h"
#include "server/log.h"
#include "server/world/room.h"
#include <stdio.h>
#include <stdlib.h>

enum { RIG_INSTANCE = 7, RIG_SLOT = 0, RIG_THREADS = 1, RIG_ARRIVALS = 4096 };

#define RIG_ADDRESS "192.0.2.1" /* of all clients */

struct rig {
    struct config config;
    struct module module;
    struct shape_set shapes[LANE_COUNT];
    _Alignas(8) uint8_t rules[LIMIT_RECORD_BYTES]; /* the presets */
    uint64_t digest;
    struct inbox *inbox;
    struct sessions *sessions;
    struct board *board;
    struct broadcaster *broadcaster;
    struct room *room;
    uint32_t tick;
    uint64_t now_us;
};

/* `budget`: bytes a second for each client, 0: no bound. `sessions`: at once. */
static inline struct rig *rig_create_sized(const struct schema *schema, const struct game_calls *calls,
                                           uint64_t seed, uint32_t budget, uint32_t sessions) {
    char why[256] = "";
    int32_t rules[LIMIT_CELLS] = {0};
    struct rig *rig = calloc(1, sizeof *rig);
    CHECK(rig);
    rig->config = config_default();
    rig->config.sessions_max = sessions;
    rig->config.address_connections = 1;
    rig->config.line_max = 0; /* the rig's room has no lobby */
    rig->config.budget = budget;
    log_set_level(LOG_WARN);
    rig->module = (struct module){.schema = schema, .calls = calls};
    snprintf(rig->module.name, sizeof rig->module.name, "%s", schema->name);
    bool well = schema_check(schema, why, sizeof why);
    rig->digest = predict_digest(schema, &rig->shapes[LANE_GAME]);
    for (int i = 0; well && i < LANE_COUNT; i++)
        well = shape_set_make(&rig->shapes[i], schema, (enum shape_lane)i, rig->config.rate, why, sizeof why);
    if (!well) printf("# %s\n", why);
    CHECK(well);
    predict_presets(&schema->rules, rig->rules);
    row_quantise(&rig->shapes[LANE_GAME].rules, rig->rules, rules);
    predict_rules(&rig->shapes[LANE_GAME], rules);
    rig->now_us = 1000000;
    rig->inbox = inbox_create(RIG_ARRIVALS);
    rig->sessions = sessions_create(&rig->config, rig->inbox, NULL);
    rig->board = board_create(1, RIG_THREADS);
    rig->broadcaster = broadcaster_create(rig->board, rig->sessions, &rig->config, 0);
    struct room_setup setup = {
        .module = &rig->module,
        .shapes = {&rig->shapes[LANE_NONE], &rig->shapes[LANE_LINEAR], &rig->shapes[LANE_GAME]},
        .name = "main",
        .instance = RIG_INSTANCE,
        .rate = rig->config.rate,
        .seed = seed,
        .rules = rig->rules,
        .board = rig->board,
        .slot = RIG_SLOT};
    rig->room = room_create(&setup);
    CHECK(rig->room);
    return rig;
}

static inline struct rig *rig_create_bounded(const struct schema *schema, const struct game_calls *calls,
                                             uint64_t seed, uint32_t budget) {
    return rig_create_sized(schema, calls, seed, budget, 64);
}

static inline struct rig *rig_create(const struct schema *schema, const struct game_calls *calls,
                                     uint64_t seed) {
    return rig_create_bounded(schema, calls, seed, 0);
}

static inline void rig_destroy(struct rig *rig) {
    broadcaster_end(rig->broadcaster);
    room_destroy(rig->room);
    broadcaster_destroy(rig->broadcaster);
    sessions_destroy(rig->sessions);
    board_destroy(rig->board);
    inbox_destroy(rig->inbox);
    free(rig);
}

/* ---- The tick. */

static inline void rig_join(struct rig *rig, const struct arrival *arrival) {
    struct arrival settled = *arrival;
    bool same = rig->digest && arrival->join.predictor == rig->digest;
    if (arrival->lane == LANE_GAME && !same) settled.lane = LANE_LINEAR;
    struct session_seat seat = {.room = RIG_SLOT,
                                .instance = RIG_INSTANCE,
                                .tick = rig->tick,
                                .lane = settled.lane,
                                .shapes = &rig->shapes[settled.lane],
                                .room_name = room_name(rig->room)};
    enum code code = room_join(rig->room, &settled, &seat.player);
    if (code != CODE_NONE) {
        session_end(rig->sessions, arrival->session, code);
    } else if (!session_seat(rig->sessions, arrival->session, &seat)) {
        struct arrival gone = {.what = ARRIVAL_LEAVE,
                               .reason = GAME_LOST,
                               .player = seat.player,
                               .session = arrival->session,
                               .instance = RIG_INSTANCE};
        room_arrive(rig->room, &gone);
    }
}

static inline void rig_arrive(struct rig *rig, const struct arrival *arrival) {
    if (arrival->what == ARRIVAL_JOIN) {
        rig_join(rig, arrival);
        return;
    }
    room_arrive(rig->room, arrival);
    if (arrival->what == ARRIVAL_LEAVE) session_unseat(rig->sessions, arrival->session);
}

/* Begins a tick and lets in who waits; rig_finish_turn publishes it. */
static inline void rig_begin_turn(struct rig *rig) {
    rig->now_us += 1000000 / rig->config.rate;
    room_begin(rig->room, ++rig->tick);
    inbox_take(rig->inbox);
    for (const struct arrival *arrival; (arrival = inbox_next(rig->inbox));) rig_arrive(rig, arrival);
}

static inline void rig_finish_turn(struct rig *rig) {
    struct room_outcome outcome;
    room_turn(rig->room);
    while (room_outcome(rig->room, &outcome)) {
        if (outcome.what == ROOM_REPLY)
            session_reply(rig->sessions, outcome.session, outcome.bytes, outcome.size);
        if (outcome.what == ROOM_KICKED) session_end(rig->sessions, outcome.session, CODE_KICKED);
    }
}

static inline void rig_turn(struct rig *rig) {
    rig_begin_turn(rig);
    rig_finish_turn(rig);
}

/* ---- Clients. */

struct rig_client {
    struct client client;
    struct shape_set shapes;
    struct attachment attachment;
    uint64_t *memory;
    bool by_post;            /* its HELLO begins a link */
    bool counted;            /* it counts by its address */
    bool spoke;              /* since it was last looked at */
    uint64_t rests_until_us; /* of attachment.rests */
    enum code refused;       /* what session_receive said last */
    const uint8_t *bytes;    /* the message taken last; valid until the next is taken */
    size_t size;
};

static inline void rig_client_finish(struct rig_client *client) {
    free(client->memory);
    client->memory = NULL;
}

static inline enum code rig_say(struct rig *rig, struct rig_client *client,
                                const struct wire_writer *writer) {
    CHECK(!writer->full);
    client->spoke = true;
    return client->refused = session_receive(rig->sessions, &client->attachment, writer->bytes, writer->size,
                                             rig->now_us, RIG_ADDRESS);
}

/* Says HELLO on a new connection; `session`: empty, or the token to come back with. */
static inline enum code rig_hello(struct rig *rig, struct rig_client *client, const char *name, uint32_t lane,
                                  const char *session) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    struct message_hello hello = {.device = "-", .lane = lane};
    snprintf(hello.game, sizeof hello.game, "%s", rig->module.name);
    snprintf(hello.name, sizeof hello.name, "%s", name);
    snprintf(hello.session, sizeof hello.session, "%s", session);
    client->attachment = (struct attachment){.by_post = client->by_post, .counted = client->counted};
    client->client.shapes = &client->shapes;
    if (!client->client.schema) client_bring(&client->client, rig->module.schema, rig->digest);
    client_hello(&client->client, &hello, &writer);
    return rig_say(rig, client, &writer);
}

/* Whether an I/O thread would pass it over now. */
static inline bool rig_rests(const struct rig *rig, const struct rig_client *client) {
    return client->attachment.rests && !client->spoke && rig->now_us < client->rests_until_us &&
           !rests_any_stirred(broadcaster_rests(rig->broadcaster));
}

/* The client takes a message; when it is welcomed it gets the memory for what it will hold. */
static inline enum client_news rig_read(struct rig_client *client, const uint8_t *bytes, size_t size) {
    enum client_news news = client_take(&client->client, bytes, size);
    if (news != CLIENT_WELCOMED) return news;
    free(client->memory);
    client->memory = calloc(1, client_bytes(&client->client) + 8);
    CHECK(client->memory);
    client_start(&client->client, client->memory);
    return news;
}

/* Takes what is due to this client now, if anything: to one who rests nothing may be. */
static inline enum client_news rig_take(struct rig *rig, struct rig_client *client) {
    bool rests = rig_rests(rig, client);
    struct broadcast due = broadcaster_next(rig->broadcaster, &client->attachment, rig->now_us);
    broadcaster_end(rig->broadcaster);
    CHECK(!rests || due.size == 0);
    client->spoke = false;
    client->rests_until_us = due.rests_until_us;
    client->bytes = due.bytes;
    client->size = due.size;
    if (due.size == 0) return CLIENT_NOTHING;
    enum client_news news = rig_read(client, due.bytes, due.size);
    if (due.end != CODE_NONE) session_detach(rig->sessions, &client->attachment, rig->now_us);
    return news;
}

static inline enum code rig_ack(struct rig *rig, struct rig_client *client) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    client_ack(&client->client, &writer);
    return rig_say(rig, client, &writer);
}

static inline enum code rig_input(struct rig *rig, struct rig_client *client, const int32_t *cells) {
    uint8_t bytes[LIMIT_MESSAGE_UP];
    struct wire_writer writer = wire_writer_init(bytes, sizeof bytes);
    client_input(&client->client, cells, &writer);
    return rig_say(rig, client, &writer);
}
