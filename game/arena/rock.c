/* Rocks. Their speed never changes from birth to end, so nothing is sent while they drift. */
#include "game/arena/rock.h"
#include "game/arena/pilot.h"

enum { HEALTH_OF_SIZE = 24, SPEED_MAX = 60 };

/* A rock in a free slot, or none if there is no slot. */
static void make(struct arena *arena, float x, float y, float vx, float vy, int32_t size) {
    uint32_t slot = 0;
    while (slot < ROCKS_MAX && arena->rock_life[slot]) slot++;
    if (slot == ROCKS_MAX) return;
    arena->rock[slot] = (struct rock){.x = x,
                                      .y = y,
                                      .vx = math_snap(vx, SPEED_STEP),
                                      .vy = math_snap(vy, SPEED_STEP),
                                      .size = size,
                                      .shape = (int32_t)dice_below(&arena->dice, 256)};
    arena->rock_health[slot] = size * HEALTH_OF_SIZE;
    arena->rock_life[slot] = world_life(arena);
}

static void make_somewhere(struct arena *arena) {
    float x, y;
    world_place(arena, &x, &y);
    float vx = dice_between(&arena->dice, -SPEED_MAX, SPEED_MAX);
    float vy = dice_between(&arena->dice, -SPEED_MAX, SPEED_MAX);
    make(arena, x, y, vx, vy, ROCK_SIZE_MAX - (int32_t)dice_below(&arena->dice, 2));
}

void rock_begin(struct arena *arena, int32_t count) {
    while (count-- > 0) make_somewhere(arena);
}

void rock_drift(struct arena *arena, const struct game_turn *turn) {
    const struct arena_rules *rules = turn->rules;
    int32_t count = 0;
    for (uint32_t i = 0; i < ROCKS_MAX; i++) {
        struct rock *rock = &arena->rock[i];
        if (!arena->rock_life[i]) continue;
        rock->x = math_wrap(rock->x + rock->vx * turn->dt, ARENA_SIZE);
        rock->y = math_wrap(rock->y + rock->vy * turn->dt, ARENA_SIZE);
        count++;
    }
    if (count < rules->rocks && turn->tick % world_ticks(turn, 1) == 0) make_somewhere(arena);
}

/* Two halves fly apart across the way that the whole one had. */
static void split(struct arena *arena, const struct rock *rock) {
    int32_t heading = (int32_t)dice_below(&arena->dice, MATH_TURN);
    float push = dice_between(&arena->dice, 25, 60), radius = ROCK_RADIUS * (float)(rock->size - 1);
    float cos = heading_cos(heading), sin = heading_sin(heading);
    for (float side = -1; side <= 1; side += 2)
        make(arena, math_wrap(rock->x + side * cos * radius, ARENA_SIZE),
             math_wrap(rock->y + side * sin * radius, ARENA_SIZE), rock->vx + side * cos * push,
             rock->vy + side * sin * push, rock->size - 1);
}

void rock_hurt(struct arena *arena, struct game_turn *turn, uint32_t slot, int32_t by, int32_t damage) {
    const struct arena_rules *rules = turn->rules;
    struct rock rock = arena->rock[slot];
    arena->rock_health[slot] -= damage;
    if (arena->rock_health[slot] > 0) return;
    arena->rock_life[slot] = 0;
    if (rock.size > 1) split(arena, &rock);
    if (by >= 0) pilot_score(arena, turn, (game_player)by, rules->rock_score);
    struct event_boom event = {rock.x, rock.y, rock.size};
    world_tell_near(turn, RECORD_BOOM, rock.x, rock.y, &event);
}
