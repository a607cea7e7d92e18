/* For tests of sessions: a small game that tells what it was told, and clients of it. */
#pragma once
#include "tests/check.h"
#include "tests/rig.h"

enum { SEATS = 3 };
enum { MUST, ASK, TOLD, RECORDS };

struct dot {
    int32_t pushed;
    char name[LIMIT_NAME];
};
struct push {
    int32_t x;
    float y;
};
struct words {
    char words[12];
};

static const struct schema_field dot_fields[] = {SCHEMA_FIELD(struct dot, pushed),
                                                 SCHEMA_FIELD(struct dot, name)};
static const struct schema_field push_fields[] = {
    SCHEMA_FIELD(struct push, x, .min = -8, .max = 8),
    SCHEMA_FIELD(struct push, y, .min = -1, .max = 1, .step = 0.25f)};
static const struct schema_field words_fields[] = {SCHEMA_FIELD(struct words, words)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("dot", struct dot, dot_fields)}, SEATS, .placed = false}};
static const struct schema_record records[RECORDS] = {
    [MUST] = {SCHEMA_RECORD("must", struct words, words_fields), .use = SCHEMA_MUST_ARRIVE},
    [ASK] = {SCHEMA_RECORD("ask", struct words, words_fields), .use = SCHEMA_CALL, .answer = TOLD},
    [TOLD] = {SCHEMA_RECORD("told", struct words, words_fields), .use = SCHEMA_ANSWER}};
static const struct schema schema = {.name = "dots",
                                     .api = GAME_API,
                                     .world_size = 1,
                                     .players_max = SEATS,
                                     .input = {SCHEMA_RECORD("push", struct push, push_fields)},
                                     .rules = {SCHEMA_RECORD("rules", struct push, push_fields)},
                                     .kinds = kinds,
                                     .kind_count = 1,
                                     .records = records,
                                     .record_count = RECORDS};

/* What the game was told. */
static struct told {
    struct dot dot[SEATS];
    uint32_t life[SEATS], inputs[SEATS];
    enum game_reason why;
    bool speak; /* an event in every tick */
    int kick;   /* player + 1 */
} told;

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)turn, (void)seed;
    told = (struct told){0};
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    (void)world, (void)turn;
    told.life[who]++;
    told.dot[who] = (struct dot){0};
    snprintf(told.dot[who].name, LIMIT_NAME, "%s", profile->name);
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)turn;
    told.dot[who].name[0] = 0;
    told.why = why;
}
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)world, (void)turn;
    EXPECT((uintptr_t)input % 4 == 0); /* a plain struct, as the compiler would lay it */
    told.dot[who].pushed += ((const struct push *)input)->x;
    told.inputs[who]++;
}
static void call(void *world, struct game_turn *turn, game_player who, uint16_t record, uint32_t ticket,
                 const void *question) {
    (void)world;
    game_say(turn,
             (struct game_note){GAME_REPLY, .record = records[record].answer, .to = GAME_ONE(who),
                                .ticket = ticket},
             question);
}
static void tick(void *world, struct game_turn *turn) {
    struct words words = {"hear"};
    (void)world;
    if (told.speak) game_say(turn, (struct game_note){GAME_EVENT, .record = MUST}, &words);
    if (told.kick) game_say(turn, (struct game_note){GAME_KICK, .to = GAME_ONE(told.kick - 1)}, NULL);
    told.kick = 0;
}
static void show(const void *world, struct game_view *view) {
    (void)world;
    for (uint16_t i = 0; i < SEATS; i++)
        if (told.dot[i].name[0]) game_show(view, 0, i, told.life[i], &told.dot[i], GAME_ALL);
}
static const struct game_calls calls = {begin, join, leave, input, call, tick, show, NULL};

static struct rig *rig;
static struct rig_client clients[SEATS + 2];
static char token[LIMIT_TOKEN];

static void open_rig(void) {
    memset(clients, 0, sizeof clients);
    rig = rig_create(&schema, &calls, 1);
}
static void close_rig(void) {
    for (size_t i = 0; i < COUNT_OF(clients); i++) rig_client_finish(&clients[i]);
    rig_destroy(rig);
}

/* Says HELLO, and takes WELCOME and the first frame. */
static void seat(struct rig_client *client, const char *session) {
    EXPECT_EQ(rig_hello(rig, client, "Ada", LANE_LINEAR, session), CODE_NONE);
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, client), CLIENT_WELCOMED);
    memcpy(token, client->client.welcome.session, sizeof token);
    rig_turn(rig);
    EXPECT_EQ(rig_take(rig, client), CLIENT_FRAME);
}

/* One tick in which this client acknowledges and takes what is due. */
static enum client_news follow(struct rig_client *client) {
    if (client_owes_ack(&client->client, false)) rig_ack(rig, client);
    rig_turn(rig);
    return rig_take(rig, client);
}
