/* Guns, and the shots that leave them. */
#include "game/arena/gun.h"

enum { HEAT_MAX = 100, HEAT_OF_SHOT = 10, HEAT_COOLED = 32 /* in a second */, NOVA_SHOTS = 16 };

/* A free slot, looked for from where the last one was; SHOTS_MAX: there is none. */
static uint32_t free_slot(struct arena *arena) {
    for (uint32_t i = 0; i < SHOTS_MAX; i++) {
        uint32_t slot = (arena->shot_next + i) % SHOTS_MAX;
        if (arena->shot_life[slot]) continue;
        arena->shot_next = (slot + 1) % SHOTS_MAX;
        return slot;
    }
    return SHOTS_MAX;
}

/* One shot from the ship's rim. A ship's own speed adds to it along the heading alone, and only forward: what
 * is fired goes where the nose points, and its ship cannot overtake it. */
static void fire(struct arena *arena, const struct game_turn *turn, game_player who, int32_t heading) {
    const struct arena_rules *rules = turn->rules;
    const struct ship *ship = &arena->ship[who];
    float cos = heading_cos(heading), sin = heading_sin(heading);
    float ahead = ship->vx * cos + ship->vy * sin;
    float speed = rules->shot_speed + (ahead > 0 ? ahead : 0);
    uint32_t slot = free_slot(arena);
    if (slot == SHOTS_MAX) return;
    arena->shot[slot] = (struct shot){.x = math_wrap(ship->x + cos * SHIP_RADIUS, ARENA_SIZE),
                                      .y = math_wrap(ship->y + sin * SHIP_RADIUS, ARENA_SIZE),
                                      .vx = math_snap(cos * speed, SPEED_STEP),
                                      .vy = math_snap(sin * speed, SPEED_STEP),
                                      .owner = who};
    arena->shot_life[slot] = world_life(arena);
    arena->shot_ago[slot] = turn->ago;
    arena->shot_end_tick[slot] = turn->tick + world_ticks(turn, rules->shot_life);
}

void gun_trigger(struct arena *arena, const struct game_turn *turn, game_player who) {
    const struct arena_rules *rules = turn->rules;
    struct seat *seat = &arena->seat[who];
    bool rapid = turn->tick < seat->rapid_tick;
    if (turn->tick < seat->ready_tick) return;
    if (!rapid && seat->heat + HEAT_OF_SHOT > HEAT_MAX) return;
    if (!rapid) seat->heat += HEAT_OF_SHOT;
    seat->ready_tick = turn->tick + world_ticks(turn, (rapid ? 0.5f : 1.0f) / rules->shot_rate);
    seat->safe_tick = turn->tick;
    fire(arena, turn, who, arena->ship[who].heading);
}

void gun_nova(struct arena *arena, const struct game_turn *turn, game_player who) {
    for (int32_t i = 0; i < NOVA_SHOTS; i++)
        fire(arena, turn, who, heading_of(arena->ship[who].heading + i * (MATH_TURN / NOVA_SHOTS)));
}

void gun_cool(struct arena *arena, float dt) {
    for (uint32_t i = 0; i < PLAYERS_MAX; i++)
        arena->seat[i].heat = math_clamp(arena->seat[i].heat - HEAT_COOLED * dt, 0, HEAT_MAX);
}
