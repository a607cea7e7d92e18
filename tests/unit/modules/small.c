/* A game that does nothing, for the tests of server/world/module: whole, or with the one fault that FAULT
 * names. */
#define WHOLE      0
#define OTHER_API  1
#define NO_TICK    2
#define BAD_TABLE  3
#define NO_CALLS   4
#define UNRESOLVED 5
#define BAD_STEP   6
#define MISNAMED   7
#ifndef FAULT
#define FAULT WHOLE
#endif
#if FAULT == NO_CALLS
#define game_calls named_otherwise
#endif
#include "game/game_api.h"
#include "tests/idle.h"

struct spot {
    float x, y;
};
static const struct schema_field spot_fields[] = {
    SCHEMA_FIELD(struct spot, x, .max = 100, .step = FAULT == BAD_TABLE ? -1 : 1),
    SCHEMA_FIELD(struct spot, y, .max = 100),
};
static void step(void *row, const void *rules, float dt) {
    (void)rules, (void)dt;
    ((struct spot *)row)->x += 1;
}
static const struct schema_kind kinds[] = {{.row = {SCHEMA_RECORD("spot", struct spot, spot_fields)},
                                            .slots = 4,
                                            .placed = true,
                                            .step = FAULT == BAD_STEP ? step : NULL}};

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
    .name = FAULT == MISNAMED ? "whole" : NAME,
    .api = FAULT == OTHER_API ? GAME_API + 1 : GAME_API,
    .version = 1,
    .world_size = 64,
    .input = {SCHEMA_RECORD("push", struct spot, spot_fields)},
    .rules = {.name = "rules"},
    .kinds = kinds,
    .kind_count = 1,
    .players_max = 4,
};

const struct game_calls game_calls = {.begin = idle_begin,
                                      .join = idle_join,
                                      .leave = idle_leave,
                                      .input = idle_input,
                                      .tick = FAULT == NO_TICK ? NULL : tick,
                                      .show = show};
