/* A game that does nothing, for the tests of server/world/module: whole, or with the one fault that FAULT
 * names. */
#define WHOLE      0
#define OTHER_API  1
#define NO_TICK    2
#define BAD_TABLE  3
#define NO_CALLS   4
#define UNRESOLVED 5
#ifndef FAULT
#define FAULT WHOLE
#endif
#if FAULT == NO_CALLS
#define game_calls named_otherwise
#endif
#include "game/game_api.h"

struct spot {
    float x, y;
};
static const struct schema_field spot_fields[] = {
    SCHEMA_FIELD(struct spot, x, .max = 100, .step = FAULT == BAD_TABLE ? -1 : 1),
    SCHEMA_FIELD(struct spot, y, .max = 100),
};
static const struct schema_kind kinds[] = {
    {.row = {SCHEMA_RECORD("spot", struct spot, spot_fields)}, .slots = 4, .placed = true}};

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)world, (void)turn, (void)seed;
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    (void)world, (void)turn, (void)who, (void)profile;
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)world, (void)turn, (void)who, (void)why;
}
static void input(void *world, struct game_turn *turn, game_player who, const void *record) {
    (void)world, (void)turn, (void)who, (void)record;
}
#if FAULT == UNRESOLVED
void nobody_has_this(void);
#endif
static void tick(void *world, struct game_turn *turn) {
    (void)world, (void)turn;
#if FAULT == UNRESOLVED
    nobody_has_this();
#endif
}
static void show(const void *world, struct game_view *view) {
    (void)world, (void)view;
}

const struct schema game_schema = {
    .name = "small",
    .api = FAULT == OTHER_API ? GAME_API + 1 : GAME_API,
    .version = 1,
    .world_size = 64,
    .input = {SCHEMA_RECORD("push", struct spot, spot_fields)},
    .rules = {.name = "rules"},
    .kinds = kinds,
    .kind_count = 1,
    .players_max = 4,
};

const struct game_calls game_calls = {.begin = begin,
                                      .join = join,
                                      .leave = leave,
                                      .input = input,
                                      .tick = FAULT == NO_TICK ? NULL : tick,
                                      .show = show};
