/* Pick-ups: repair, rapid fire, shield, nova. */
#include "game/arena/pickup.h"
#include "game/arena/gun.h"
#include "game/arena/pilot.h"

enum { REPAIR_HEALTH = 50, RAPID_S = 8, SHIELD_S = 6 };

void pickup_drop(struct arena *arena, float x, float y) {
    uint32_t slot = 0;
    while (slot < PICKUPS_MAX && arena->pickup_life[slot]) slot++;
    if (slot == PICKUPS_MAX) return;
    arena->pickup[slot] = (struct pickup){x, y, (int32_t)dice_below(&arena->dice, PICKUP_TYPES)};
    arena->pickup_life[slot] = world_life(arena);
}

static void drop_somewhere(struct arena *arena) {
    float x, y;
    world_place(arena, &x, &y);
    pickup_drop(arena, x, y);
}

void pickup_begin(struct arena *arena, int32_t count) {
    while (count-- > 0) drop_somewhere(arena);
}

static void use(struct arena *arena, const struct game_turn *turn, game_player who, int32_t type) {
    struct ship *ship = &arena->ship[who];
    struct seat *seat = &arena->seat[who];
    int32_t health = ship->health + REPAIR_HEALTH;
    if (type == PICKUP_REPAIR) ship->health = health > HEALTH_MAX ? HEALTH_MAX : health;
    if (type == PICKUP_RAPID) seat->rapid_tick = turn->tick + world_ticks(turn, RAPID_S);
    if (type == PICKUP_SHIELD) seat->shield_tick = turn->tick + world_ticks(turn, SHIELD_S);
    if (type == PICKUP_NOVA) gun_nova(arena, turn, who);
}

static void take(struct arena *arena, struct game_turn *turn, uint32_t slot, game_player who) {
    const struct arena_rules *rules = turn->rules;
    const struct pickup *pickup = &arena->pickup[slot];
    arena->pickup_life[slot] = 0;
    use(arena, turn, who, pickup->type);
    pilot_score(arena, turn, who, rules->pickup_score);
    struct event_taken event = {pickup->x, pickup->y, who, pickup->type};
    world_tell_near(turn, RECORD_TAKEN, pickup->x, pickup->y, &event);
}

/* The nearest ship that touches it, or PLAYERS_MAX. */
static uint32_t taker_of(const struct arena *arena, const struct pickup *pickup) {
    uint16_t found[GRID_THINGS];
    float reach = SHIP_RADIUS + PICKUP_RADIUS, nearest = reach * reach;
    uint32_t taker = PLAYERS_MAX, count = grid_near(&arena->grid, pickup->x, pickup->y, reach, found);
    for (uint32_t i = 0; i < count; i++) {
        if (found[i] >= GRID_ROCKS || !arena->ship_life[found[i]]) continue;
        const struct ship *ship = &arena->ship[found[i]];
        float distance2 = world_distance2(pickup->x, pickup->y, ship->x, ship->y);
        if (distance2 < nearest) nearest = distance2, taker = found[i];
    }
    return taker;
}

void pickup_tick(struct arena *arena, struct game_turn *turn) {
    const struct arena_rules *rules = turn->rules;
    int32_t count = 0;
    for (uint32_t i = 0; i < PICKUPS_MAX; i++) {
        if (!arena->pickup_life[i]) continue;
        uint32_t taker = taker_of(arena, &arena->pickup[i]);
        if (taker < PLAYERS_MAX) take(arena, turn, i, (game_player)taker);
        count++;
    }
    if (count >= rules->pickups || turn->tick % world_ticks(turn, 1) != 0) return;
    drop_somewhere(arena);
}
