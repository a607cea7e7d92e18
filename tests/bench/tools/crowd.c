/* A game for measuring: a full room of people watches 32 things, each of which moves in every tick in a way
 * that nobody predicts. So each tick has the same hundred bytes to say to everyone, and the game itself costs
 * next to nothing. By a rule the things stand still: then nothing ever happens. */
#include "game/game_api.h"
#include "tests/idle.h"

enum { THINGS = 32, WIDE = 30000 };

struct thing {
    int32_t x, y;
};
struct crowd {
    struct thing thing[THINGS];
    uint32_t ticks;
};
struct nothing {
    int32_t none;
};
struct rules {
    int32_t still;
};

static const struct schema_field nothing_fields[] = {SCHEMA_FIELD(struct nothing, none, .max = 1)};
static const struct schema_field rules_fields[] = {SCHEMA_FIELD(struct rules, still, .max = 1)};
static const struct schema_field thing_fields[] = {SCHEMA_FIELD(struct thing, x, .max = WIDE),
                                                   SCHEMA_FIELD(struct thing, y, .max = WIDE)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("thing", struct thing, thing_fields)}, .slots = THINGS}};

const struct schema game_schema = {"crowd",
                                   GAME_API,
                                   .version = 1,
                                   .world_size = sizeof(struct crowd),
                                   .players_max = LIMIT_PLAYERS,
                                   .input = {SCHEMA_RECORD("nothing", struct nothing, nothing_fields)},
                                   .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
                                   .kinds = kinds,
                                   .kind_count = COUNT_OF(kinds)};

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    struct crowd *crowd = world;
    (void)turn, (void)seed;
    for (int32_t i = 0; i < THINGS; i++) crowd->thing[i] = (struct thing){WIDE / 2, i};
}

/* To and fro, one field of each thing in each tick. */
static void tick(void *world, struct game_turn *turn) {
    struct crowd *crowd = world;
    uint32_t phase = crowd->ticks++ / 64 % 2;
    const struct rules *rules = turn->rules;
    if (rules->still) return;
    for (int32_t i = 0; i < THINGS; i++) crowd->thing[i].x += (1 + i) * (phase ? -1 : 1);
}

static void show(const void *world, struct game_view *view) {
    const struct crowd *crowd = world;
    for (uint16_t i = 0; i < THINGS; i++) game_show(view, 0, i, 1, &crowd->thing[i], GAME_ALL);
}

const struct game_calls game_calls = {begin, idle_join, idle_leave, idle_input, .tick = tick, .show = show};
