/* Shots in flight, and what they hit. */
#include "game/arena/shot.h"
#include "game/arena/fight.h"
#include "game/arena/rock.h"

#define FASTEST (SPEED_MOST * 1.5f) /* units/s: no ship is, by both axes together */

struct circle {
    float x, y, radius;
};

/* Where on its way (vx, vy) from (x, y) a shot first meets a circle: 0 … 1, or 2 if it does not. Nothing is
 * faster than its own circle is wide, so the nearest point of the way is good enough. */
static float meets(const struct shot *shot, float vx, float vy, const struct circle *circle) {
    float dx = math_across(shot->x, circle->x, ARENA_SIZE), dy = math_across(shot->y, circle->y, ARENA_SIZE);
    float way2 = vx * vx + vy * vy;
    float at = way2 > 0 ? math_clamp((dx * vx + dy * vy) / way2, 0, 1) : 0;
    float off_x = dx - vx * at, off_y = dy - vy * at;
    return off_x * off_x + off_y * off_y <= circle->radius * circle->radius ? at : 2;
}

/* ---- Targets are where the shot's pilot saw them: a whole flight long its view lags behind as when it
 * fired. */

/* Where a ship was so many whole ticks ago; what is not remembered counts as now. */
static struct circle ship_at(const struct arena *arena, const struct game_turn *turn, uint16_t who,
                             uint32_t ago) {
    const struct ship *ship = game_past(turn, KIND_SHIP, who, arena->ship_life[who], ago);
    if (!ship) ship = &arena->ship[who];
    return (struct circle){ship->x, ship->y, SHIP_RADIUS};
}

static struct circle ship_seen(const struct arena *arena, const struct game_turn *turn, uint16_t who,
                               float ago) {
    uint32_t whole = (uint32_t)ago;
    struct circle near = ship_at(arena, turn, who, whole);
    if (ago == (float)whole) return near;
    struct circle far = ship_at(arena, turn, who, whole + 1);
    near.x += math_across(near.x, far.x, ARENA_SIZE) * (ago - (float)whole);
    near.y += math_across(near.y, far.y, ARENA_SIZE) * (ago - (float)whole);
    return near;
}

/* A rock drifts on for ever: where it was says its speed. */
static struct circle rock_seen(const struct rock *rock, float seconds) {
    return (struct circle){rock->x - rock->vx * seconds, rock->y - rock->vy * seconds,
                           ROCK_RADIUS * (float)rock->size};
}

/* A thing of the grid as the shot's pilot saw it; false if it is gone, or the pilot's own ship. */
static bool see(const struct arena *arena, const struct game_turn *turn, uint32_t shot_slot, uint16_t thing,
                struct circle *seen) {
    float ago = arena->shot_ago[shot_slot];
    if (thing >= GRID_ROCKS) {
        *seen = rock_seen(&arena->rock[thing - GRID_ROCKS], ago * turn->dt);
        return arena->rock_life[thing - GRID_ROCKS];
    }
    if (!arena->ship_life[thing] || thing == arena->shot[shot_slot].owner) return false;
    *seen = ship_seen(arena, turn, thing, ago);
    return true;
}

/* What the shot meets first on its way (vx, vy) in this tick: a thing of the grid, or GRID_THINGS. */
static uint32_t target_of(const struct arena *arena, const struct game_turn *turn, uint32_t shot_slot,
                          float vx, float vy, float *at) {
    const struct shot *shot = &arena->shot[shot_slot];
    uint16_t found[GRID_THINGS];
    float moved = FASTEST * arena->shot_ago[shot_slot] * turn->dt; /* by a target, since it was seen */
    float reach = math_length(vx, vy) / 2 + ROCK_RADIUS * ROCK_SIZE_MAX + moved;
    uint32_t first = GRID_THINGS;
    uint32_t count = grid_near(&arena->grid, math_wrap(shot->x + vx / 2, ARENA_SIZE),
                               math_wrap(shot->y + vy / 2, ARENA_SIZE), reach, found);
    *at = 2;
    for (uint32_t i = 0; i < count; i++) {
        struct circle seen;
        if (!see(arena, turn, shot_slot, found[i], &seen)) continue;
        float met = meets(shot, vx, vy, &seen);
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

void shot_forget(struct arena *arena, game_player who) {
    for (uint32_t i = 0; i < SHOTS_MAX; i++)
        if (arena->shot[i].owner == who) arena->shot_life[i] = 0;
}
