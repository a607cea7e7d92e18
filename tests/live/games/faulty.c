/* A game for the live tests that does on demand what games seldom do: kicks, ends its room, talks more than
 * anybody can hear; as `speechless` it answers no calls. Two seats; they show the last of many slots,
 * so that the sets of one session are of a size that nothing else has. */
#include "game/game_api.h"

enum { NEWS, DONE, KICK_ME, END_ROOM, TALK }; /* records */
enum { SEATS = 2, SLOTS = 64 * 211 };         /* tests/live/games/scarce.c knows the 211 */

// clang-format off
struct push { int32_t x; };
struct thing { int32_t x; };
struct faulty { int32_t x[SEATS]; uint32_t life[SEATS], talking; };

static const struct schema_field push_fields[] = {SCHEMA_FIELD(struct push, x, .min = -8, .max = 8)};
static const struct schema_field thing_fields[] = {SCHEMA_FIELD(struct thing, x)};
static const struct schema_kind kinds[] = {
    {.row = {SCHEMA_RECORD("thing", struct thing, thing_fields)}, .slots = SLOTS}};
static const struct schema_record records[] = {
    [NEWS] = {SCHEMA_RECORD("news", struct push, push_fields), .use = SCHEMA_MUST_ARRIVE},
    [DONE] = {SCHEMA_RECORD("done", struct push, push_fields), .use = SCHEMA_ANSWER},
    [KICK_ME] = {SCHEMA_RECORD("kick-me", struct push, push_fields), .use = SCHEMA_CALL, .answer = DONE},
    [END_ROOM] = {SCHEMA_RECORD("end-room", struct push, push_fields), .use = SCHEMA_CALL, .answer = DONE},
    [TALK] = {SCHEMA_RECORD("talk", struct push, push_fields), .use = SCHEMA_CALL, .answer = DONE}};
const struct schema game_schema = {
    NAME, GAME_API, .version = 1, .world_size = sizeof(struct faulty), .players_max = SEATS,
    .input = {SCHEMA_RECORD("push", struct push, push_fields)}, .rules = {.name = "rules"},
    .kinds = kinds, .kind_count = COUNT_OF(kinds), .records = records, .record_count = COUNT_OF(records)};
// clang-format on

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)turn, (void)seed;
}
static void kick(struct game_turn *turn, game_player who) {
    game_say(turn, (struct game_note){.what = GAME_KICK, .to = GAME_ONE(who)}, NULL);
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    ((struct faulty *)world)->life[who] = turn->tick + 1;
    if (strcmp(profile->name, "Unwelcome") == 0) kick(turn, who);
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)turn, (void)why;
    ((struct faulty *)world)->life[who] = 0;
}
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)turn;
    ((struct faulty *)world)->x[who] = ((const struct push *)input)->x;
}
#ifndef SPEECHLESS
static void call(void *world, struct game_turn *turn, game_player who, uint16_t record, uint32_t ticket,
                 const void *question) {
    (void)ticket, (void)question;
    if (record == KICK_ME) kick(turn, who);
    if (record == END_ROOM) game_say(turn, (struct game_note){.what = GAME_END}, NULL);
    if (record == TALK) ((struct faulty *)world)->talking = 1;
}
#endif
static void tick(void *world, struct game_turn *turn) {
    for (int32_t i = 0; ((struct faulty *)world)->talking && i < 8; i++)
        game_say(turn, (struct game_note){.what = GAME_EVENT, .record = NEWS, .to = GAME_ALL},
                 &(struct push){i});
}
static void show(const void *world, struct game_view *view) {
    const struct faulty *w = world;
    for (uint16_t i = 0; i < SEATS; i++)
        if (w->life[i])
            game_show(view, 0, (uint16_t)(SLOTS - SEATS + i), w->life[i], &(struct thing){w->x[i]}, GAME_ALL);
}
#ifdef SPEECHLESS
const struct game_calls game_calls = {begin, join, leave, input, .tick = tick, .show = show};
#else
const struct game_calls game_calls = {begin, join, leave, input, .call = call, .tick = tick, .show = show};
#endif
