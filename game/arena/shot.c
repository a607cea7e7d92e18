/* Shots, and the guns that they come from. */
#include "game/arena/shot.h"
#include "game/arena/fight.h"
#include "game/arena/rock.h"

#define FASTEST (SPEED_MOST * 1.5f) /* units/s: no ship is, by both axes together */
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

void shot_trigger(struct arena *arena, const struct game_turn *turn, game_player who) {
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

void shot_nova(struct arena *arena, const struct game_turn *turn, game_player who) {
    for (int32_t i = 0; i < NOVA_SHOTS; i++)
        fire(arena, turn, who, heading_of(arena->ship[who].heading + i * (MATH_TURN / NOVA_SHOTS)));
}

/* Where a circle of `radius` around (dx, dy) is first met on the way (0, 0) → (vx, vy): 0 … 1, or 2 if it is
 * not. Nothing is faster than its own circle is wide, so the nearest point of the way is good enough. */
static float meets(float dx, float dy, float vx, float vy, float radius) {
    float way2 = vx * vx + vy * vy;
    float at = way2 > 0 ? math_clamp((dx * vx + dy * vy) / way2, 0, 1) : 0;
    float off_x = dx - vx * at, off_y = dy - vy * at;
    return off_x * off_x + off_y * off_y <= radius * radius ? at : 2;
}

/* ---- Targets are where the shot's pilot saw them: a whole flight long its view lags behind as when it
 * fired. */

struct spot {
    float x, y;
};

/* Where a ship was so many whole ticks ago; what is not remembered counts as now. */
static struct spot ship_at(const struct arena *arena, const struct game_turn *turn, uint16_t who,
                           uint32_t ago) {
    const struct ship *ship = game_past(turn, KIND_SHIP, who, arena->ship_life[who], ago);
    if (!ship) ship = &arena->ship[who];
    return (struct spot){ship->x, ship->y};
}

static struct spot ship_seen(const struct arena *arena, const struct game_turn *turn, uint16_t who,
                             float ago) {
    uint32_t whole = (uint32_t)ago;
    struct spot near = ship_at(arena, turn, who, whole);
    if (ago == (float)whole) return near;
    struct spot far = ship_at(arena, turn, who, whole + 1);
    near.x += math_across(near.x, far.x, ARENA_SIZE) * (ago - (float)whole);
    near.y += math_across(near.y, far.y, ARENA_SIZE) * (ago - (float)whole);
    return near;
}

/* A rock drifts on for ever: where it was says its speed. */
static struct spot rock_seen(const struct rock *rock, float seconds) {
    return (struct spot){rock->x - rock->vx * seconds, rock->y - rock->vy * seconds};
}

/* What the shot meets first on its way (vx, vy) in this tick: a thing of the grid, or GRID_THINGS. */
static uint32_t target_of(const struct arena *arena, const struct game_turn *turn, uint32_t shot_slot,
                          float vx, float vy, float *at) {
    const struct shot *shot = &arena->shot[shot_slot];
    uint16_t found[GRID_THINGS];
    float ago = arena->shot_ago[shot_slot], seconds = ago * turn->dt;
    float reach = math_length(vx, vy) / 2 + ROCK_RADIUS * ROCK_SIZE_MAX + FASTEST * seconds;
    uint32_t first = GRID_THINGS;
    uint32_t count = grid_near(&arena->grid, math_wrap(shot->x + vx / 2, ARENA_SIZE),
                               math_wrap(shot->y + vy / 2, ARENA_SIZE), reach, found);
    *at = 2;
    for (uint32_t i = 0; i < count; i++) {
        bool is_rock = found[i] >= GRID_ROCKS;
        uint32_t slot = is_rock ? found[i] - (uint32_t)GRID_ROCKS : found[i];
        if (is_rock ? !arena->rock_life[slot] : !arena->ship_life[slot] || slot == (uint32_t)shot->owner)
            continue;
        struct spot seen =
            is_rock ? rock_seen(&arena->rock[slot], seconds) : ship_seen(arena, turn, (uint16_t)slot, ago);
        float radius = is_rock ? ROCK_RADIUS * (float)arena->rock[slot].size : SHIP_RADIUS;
        float met = meets(math_across(shot->x, seen.x, ARENA_SIZE), math_across(shot->y, seen.y, ARENA_SIZE),
                          vx, vy, radius);
        if (met < *at) *at = met, first = found[i];
    }
    return first;
}

static void hit(struct arena *arena, struct game_turn *turn, const struct shot *shot, uint32_t thing) {
    const struct arena_rules *rules = turn->rules;
    bool is_rock = thing >= GRID_ROCKS;
    struct event_hit event = {shot->x, shot->y, shot->owner, is_rock ? -1 : (int32_t)thing};
    world_tell_near(turn, RECORD_HIT, shot->x, shot->y, &event);
    if (is_rock)
        rock_hurt(arena, turn, thing - GRID_ROCKS, shot->owner, rules->shot_damage);
    else
        fight_hurt(arena, turn, (game_player)thing, shot->owner, rules->shot_damage);
}

void shot_fly(struct arena *arena, struct game_turn *turn) {
    for (uint32_t i = 0; i < SHOTS_MAX; i++) {
        struct shot *shot = &arena->shot[i];
        if (!arena->shot_life[i]) continue;
        float vx = shot->vx * turn->dt, vy = shot->vy * turn->dt, at;
        uint32_t thing = target_of(arena, turn, i, vx, vy, &at);
        float part = thing < GRID_THINGS ? at : 1;
        shot->x = math_wrap(shot->x + vx * part, ARENA_SIZE);
        shot->y = math_wrap(shot->y + vy * part, ARENA_SIZE);
        if (thing < GRID_THINGS || turn->tick >= arena->shot_end_tick[i]) arena->shot_life[i] = 0;
        if (thing < GRID_THINGS) hit(arena, turn, shot, thing);
    }
}

void shot_cool(struct arena *arena, float dt) {
    for (uint32_t i = 0; i < PLAYERS_MAX; i++)
        arena->seat[i].heat = math_clamp(arena->seat[i].heat - HEAT_COOLED * dt, 0, HEAT_MAX);
}

void shot_forget(struct arena *arena, game_player who) {
    for (uint32_t i = 0; i < SHOTS_MAX; i++)
        if (arena->shot[i].owner == who) arena->shot_life[i] = 0;
}
