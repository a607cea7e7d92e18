/* A game for measuring: movers, which clients predict, and walkers, of which only places are shown, so that
 * every step must be told. Everybody sees everything. The rules say how many there are of each, how often
 * they turn (in every tick, as under a mouse, or once in twelve, as under keys), and how many never do. */
#include "game/game_api.h"
#include "game/math.h"
#include "tests/idle.h"

enum { MOVERS_MAX = 4096, SPEED = 200 };
#define WIDE 4096.0f

struct mover {
    float x, y, vx, vy;
};
struct throng {
    struct mover mover[MOVERS_MAX], walker[MOVERS_MAX];
    uint64_t dice;
    int32_t movers, walkers, calm, steady;
};
struct rules {
    int32_t movers, walkers, calm, steady;
};
struct nothing {
    int32_t none;
};

static void step_mover(void *row, const void *rules, float dt) {
    struct mover *mover = row;
    (void)rules;
    mover->x = math_wrap(mover->x + mover->vx * dt, WIDE);
    mover->y = math_wrap(mover->y + mover->vy * dt, WIDE);
}

#define PLACE .max = WIDE, .wraps = true, .step = 0.125f
static const struct schema_field mover_fields[] = {
    SCHEMA_FIELD(struct mover, x, PLACE, .tolerance = 0.25f, .predicted = true),
    SCHEMA_FIELD(struct mover, y, PLACE, .tolerance = 0.25f, .predicted = true),
    SCHEMA_FIELD(struct mover, vx, .min = -SPEED, .max = SPEED, .step = 1),
    SCHEMA_FIELD(struct mover, vy, .min = -SPEED, .max = SPEED, .step = 1)};
static const struct schema_field walker_fields[] = {SCHEMA_FIELD(struct mover, x, PLACE),
                                                    SCHEMA_FIELD(struct mover, y, PLACE)};
static const struct schema_field nothing_fields[] = {SCHEMA_FIELD(struct nothing, none, .max = 1)};
static const struct schema_field rules_fields[] = {
    SCHEMA_FIELD(struct rules, movers, .min = 0, .max = MOVERS_MAX, .preset = 300),
    SCHEMA_FIELD(struct rules, walkers, .min = 0, .max = MOVERS_MAX),
    SCHEMA_FIELD(struct rules, calm, .min = 1, .max = 1000, .preset = 1),
    SCHEMA_FIELD(struct rules, steady, .min = 0, .max = MOVERS_MAX)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("mover", struct mover, mover_fields)},
     .slots = MOVERS_MAX,
     .placed = true,
     .linear = true,
     .step = step_mover},
    {{SCHEMA_RECORD("walker", struct mover, walker_fields)}, .slots = MOVERS_MAX, .placed = true}};

const struct schema game_schema = {"throng",
                                   GAME_API,
                                   .version = 1,
                                   .world_size = sizeof(struct throng),
                                   .players_max = 256,
                                   .input = {SCHEMA_RECORD("nothing", struct nothing, nothing_fields)},
                                   .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
                                   .kinds = kinds,
                                   .kind_count = COUNT_OF(kinds)};

static void turn_mover(uint64_t *dice, struct mover *mover) {
    mover->vx = (float)dice_below(dice, 2 * SPEED + 1) - SPEED;
    mover->vy = (float)dice_below(dice, 2 * SPEED + 1) - SPEED;
}

static void place_mover(uint64_t *dice, struct mover *mover) {
    mover->x = dice_between(dice, 0, WIDE);
    mover->y = dice_between(dice, 0, WIDE);
    turn_mover(dice, mover);
}

static void step_all(struct throng *throng, struct mover *movers, int32_t count, float dt) {
    for (int32_t i = 0; i < count; i++) {
        bool turns = i >= throng->steady && dice_below(&throng->dice, (uint32_t)throng->calm) == 0;
        if (turns) turn_mover(&throng->dice, &movers[i]);
        step_mover(&movers[i], NULL, dt);
    }
}

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    struct throng *throng = world;
    const struct rules *rules = turn->rules;
    throng->movers = rules->movers;
    throng->walkers = rules->walkers;
    throng->calm = rules->calm;
    throng->steady = rules->steady;
    throng->dice = dice_seed(seed);
    for (int i = 0; i < MOVERS_MAX; i++) place_mover(&throng->dice, &throng->mover[i]);
    for (int i = 0; i < MOVERS_MAX; i++) place_mover(&throng->dice, &throng->walker[i]);
}

static void tick(void *world, struct game_turn *turn) {
    struct throng *throng = world;
    step_all(throng, throng->mover, throng->movers, turn->dt);
    step_all(throng, throng->walker, throng->walkers, turn->dt);
}

static void show(const void *world, struct game_view *view) {
    const struct throng *throng = world;
    for (uint16_t i = 0; i < throng->movers; i++) game_show(view, 0, i, 1, &throng->mover[i], GAME_ALL);
    for (uint16_t i = 0; i < throng->walkers; i++) game_show(view, 1, i, 1, &throng->walker[i], GAME_ALL);
}

const struct game_calls game_calls = {begin, idle_join, idle_leave, idle_input, .tick = tick, .show = show};
