/* "Arena walk", the workload of scripts/bench peers: people walk about a round world of 4,000 ×
 * 4,000, each one of eight ways at 200 units a second, and now and then they fire. A `radius` of 0: everybody
 * sees everybody. */
#include "game/game_api.h"
#include "game/math.h"

enum { WALK_SIZE = 4000, WALK_SPEED = 200, WALK_ASLANT = 144 /* along each axis */, STILL = 8 };
#ifndef WALK_PLAYERS /* built a second time for small rooms, as their author would */
#define WALK_PLAYERS LIMIT_PLAYERS
#define WALK_NAME    "walk"
#endif

struct keys {
    int32_t dx, dy, fire;
};
struct rules {
    float radius;
};
struct walker {
    float x, y;
    int32_t way, fire; /* way: eighths of a turn, or STILL */
};
struct walk {
    struct walker walker[WALK_PLAYERS];
    uint32_t life[WALK_PLAYERS], lives;
    uint64_t dice;
    float radius;
};

/* ---- Motion. */

/* Units a second, by way. */
static const struct {
    float x, y;
} speeds[STILL + 1] = {{WALK_SPEED, 0},
                       {WALK_ASLANT, WALK_ASLANT},
                       {0, WALK_SPEED},
                       {-WALK_ASLANT, WALK_ASLANT},
                       {-WALK_SPEED, 0},
                       {-WALK_ASLANT, -WALK_ASLANT},
                       {0, -WALK_SPEED},
                       {WALK_ASLANT, -WALK_ASLANT},
                       {0, 0}};

static void step(void *row, const void *rules, float dt) {
    struct walker *walker = row;
    (void)rules;
    walker->x = math_wrap(walker->x + speeds[walker->way].x * dt, WALK_SIZE);
    walker->y = math_wrap(walker->y + speeds[walker->way].y * dt, WALK_SIZE);
}

/* ---- Tables. Places may be off by a quarter of a unit. */
#define PLACE .max = WALK_SIZE, .wraps = true, .predicted = true, .step = 0.0625f, .tolerance = 0.1875f
static const struct schema_field keys_fields[] = {SCHEMA_FIELD(struct keys, dx, .min = -1, .max = 1),
                                                  SCHEMA_FIELD(struct keys, dy, .min = -1, .max = 1),
                                                  SCHEMA_FIELD(struct keys, fire, .max = 1)};
static const struct schema_field rules_fields[] = {SCHEMA_FIELD(struct rules, radius, .max = 8000)};
static const struct schema_field walker_fields[] = {
    SCHEMA_FIELD(struct walker, x, PLACE), SCHEMA_FIELD(struct walker, y, PLACE),
    SCHEMA_FIELD(struct walker, way, .max = STILL), SCHEMA_FIELD(struct walker, fire, .max = 1)};
static const struct schema_kind kinds[] = {{.row = {SCHEMA_RECORD("walker", struct walker, walker_fields)},
                                            .slots = WALK_PLAYERS,
                                            .placed = true,
                                            .step = step}};
const struct schema game_schema = {.name = WALK_NAME,
                                   .api = GAME_API,
                                   .version = 1,
                                   .world_size = sizeof(struct walk),
                                   .players_max = WALK_PLAYERS,
                                   .input = {SCHEMA_RECORD("keys", struct keys, keys_fields)},
                                   .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
                                   .kinds = kinds,
                                   .kind_count = COUNT_OF(kinds)};

/* ---- The game. */

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    struct walk *walk = world;
    walk->dice = dice_seed(seed);
    walk->radius = ((const struct rules *)turn->rules)->radius;
}

static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    struct walk *walk = world;
    struct walker *walker = &walk->walker[who];
    (void)turn, (void)profile;
    *walker = (struct walker){.way = STILL};
    walker->x = dice_between(&walk->dice, 0, WALK_SIZE);
    walker->y = dice_between(&walk->dice, 0, WALK_SIZE);
    walk->life[who] = ++walk->lives;
}

static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)turn, (void)why;
    ((struct walk *)world)->life[who] = 0;
}

static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    struct walker *walker = &((struct walk *)world)->walker[who];
    const struct keys *keys = input;
    bool still = !keys->dx && !keys->dy;
    walker->way = still ? STILL : heading_towards((float)keys->dx, (float)keys->dy) / (MATH_TURN / 8);
    walker->fire = keys->fire;
    step(walker, turn->rules, turn->dt);
}

static void tick(void *world, struct game_turn *turn) {
    (void)world, (void)turn; /* everybody has been moved by an input */
}

static void show(const void *world, struct game_view *view) {
    const struct walk *walk = world;
    for (uint16_t i = 0; i < WALK_PLAYERS; i++) {
        const struct walker *walker = &walk->walker[i];
        if (!walk->life[i]) continue;
        game_show(view, 0, i, walk->life[i], walker, GAME_ALL);
        view->seats[i] = (struct game_seat){walker->x, walker->y, walk->radius, .owns = true, .slot = i};
    }
}

const struct game_calls game_calls = {begin, join, leave, input, .tick = tick, .show = show};
