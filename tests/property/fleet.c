#include "tests/property/fleet.h"
#include "game/arena/rows.h"
#include "game/arena/ship.h"
#include "game/math.h"
#include "tests/check.h"
#include "tests/idle.h"

enum { CALM = 50 /* ticks from gust to gust, of each ship */, SIGHT = 100 /* units, unless it is crowded */ };

struct world {
    struct ship ship[FLEET_SHIPS];
    uint32_t life[FLEET_SHIPS];
    uint32_t tick;
    uint64_t dice;
};

struct fleet fleet;

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)turn;
    ((struct world *)world)->dice = dice_seed(seed);
    fleet.ago_sum = 0;
    fleet.ago_count = 0;
}

static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    struct world *w = world;
    (void)turn, (void)profile;
    float x = dice_between(&w->dice, 0, ARENA_SIZE), y = dice_between(&w->dice, 0, ARENA_SIZE);
    w->ship[who] = (struct ship){.health = 100};
    ship_set_place(&w->ship[who], x, y);
    w->life[who]++;
}

static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    struct ship *ship = &((struct world *)world)->ship[who];
    fleet.ago_sum += (double)turn->ago;
    fleet.ago_count++;
    EXPECT(turn->ago >= 0 && turn->ago <= PAST_MS / FLEET_TICK_MS);
    ship_steer(ship, turn->rules, input, turn->dt);
    ship_step(ship, turn->rules, turn->dt);
}

static void tick(void *world, struct game_turn *turn) {
    struct world *w = world;
    w->tick = turn->tick;
    for (uint16_t i = 0; fleet.winds && i < FLEET_SHIPS; i++)
        if (dice_below(&w->dice, CALM) == 0) ship_set_speed(&w->ship[i], 100, -100);
}

static void show(const void *world, struct game_view *view) {
    const struct world *w = world;
    struct fleet_place *truth = fleet.truth[w->tick % FLEET_KEPT_TICKS];
    float radius = fleet.crowded ? 0 : SIGHT;
    for (uint16_t i = 0; i < FLEET_SHIPS; i++) {
        const struct ship *ship = &w->ship[i];
        truth[i] = (struct fleet_place){ship->x, ship->y};
        if (!w->life[i]) continue;
        game_show(view, KIND_SHIP, i, w->life[i], ship, fleet.crowded ? GAME_ALL : GAME_ONE(i));
        view->seats[i] = (struct game_seat){ship->x, ship->y, radius, .owns = true, .slot = i};
    }
}

const struct game_calls fleet_calls = {begin, join, idle_leave, input, .tick = tick, .show = show};

struct schema fleet_schema(void) {
    struct schema schema = game_schema;
    schema.name = "ships";
    schema.kind_count = 1;
    schema.record_count = 0;
    schema.world_size = sizeof(struct world);
    schema.players_max = FLEET_SHIPS;
    return schema;
}
