/* The arena's calls: what happens when, in which order. What each thing does is in the files of its name. */
#include "game/arena/brain.h"
#include "game/arena/fight.h"
#include "game/arena/gun.h"
#include "game/arena/hud.h"
#include "game/arena/pickup.h"
#include "game/arena/pilot.h"
#include "game/arena/rock.h"
#include "game/arena/ship.h"
#include "game/arena/shot.h"
#include "game/arena/world.h"

/* ---- The calls. */
static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    struct arena *arena = world;
    const struct arena_rules *rules = turn->rules;
    arena->dice = dice_seed(seed);
    arena->sight = rules->sight;
    rock_begin(arena, rules->rocks);
    pickup_begin(arena, rules->pickups);
}

static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    pilot_join(world, turn, who, profile);
}

static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)why;
    shot_forget(world, who);
    pilot_leave(world, turn, who);
}

static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    struct arena *arena = world;
    const struct arena_input *pressed = input;
    if (!arena->ship_life[who]) return;
    ship_steer(&arena->ship[who], turn->rules, input, turn->dt);
    ship_step(&arena->ship[who], turn->rules, turn->dt);
    if (pressed->fire) gun_trigger(arena, turn, who);
}

static void call(void *world, struct game_turn *turn, game_player who, uint16_t record, uint32_t ticket,
                 const void *question) {
    struct arena *arena = world;
    const struct paint *paint = question;
    if (record != RECORD_PAINT) return;
    arena->pilot[who].hue = paint->hue;
    struct game_note note = {
        .what = GAME_REPLY, .record = RECORD_PAINTED, .to = GAME_ONE(who), .ticket = ticket};
    game_say(turn, note, paint);
}

/* Where ships and rocks are just now, for all that asks who is near. */
static void map(struct arena *arena) {
    grid_clear(&arena->grid);
    for (uint16_t i = 0; i < PLAYERS_MAX; i++)
        if (arena->ship_life[i]) grid_put(&arena->grid, i, arena->ship[i].x, arena->ship[i].y);
    for (uint16_t i = 0; i < ROCKS_MAX; i++)
        if (arena->rock_life[i])
            grid_put(&arena->grid, (uint16_t)(GRID_ROCKS + i), arena->rock[i].x, arena->rock[i].y);
}

static void raise_flags(struct arena *arena, uint32_t tick) {
    for (uint32_t i = 0; i < PLAYERS_MAX; i++) {
        const struct seat *seat = &arena->seat[i];
        int32_t flags = arena->ship[i].flags & (SHIP_THRUST | SHIP_FIRE);
        if (tick < seat->safe_tick) flags |= SHIP_SAFE;
        if (tick < seat->shield_tick) flags |= SHIP_SHIELD;
        if (tick < seat->rapid_tick) flags |= SHIP_RAPID;
        arena->ship[i].flags = flags;
    }
}

static void tick(void *world, struct game_turn *turn) {
    struct arena *arena = world;
    pilot_respawn(arena, turn);
    rock_drift(arena, turn);
    map(arena);
    fight_bump(arena, turn);
    pickup_tick(arena, turn);
    shot_fly(arena, turn);
    gun_cool(arena, turn->dt);
    raise_flags(arena, turn->tick);
    hud_write(arena, turn);
}

/* ---- What is seen. */
static void show_player(const struct arena *arena, struct game_view *view, uint16_t who) {
    const struct ship *ship = &arena->ship[who];
    bool flies = arena->ship_life[who] != 0;
    if (!arena->pilot_life[who]) return;
    if (flies) game_show(view, KIND_SHIP, who, arena->ship_life[who], ship, GAME_ALL);
    game_show(view, KIND_PILOT, who, arena->pilot_life[who], &arena->pilot[who], GAME_ALL);
    game_show(view, KIND_HUD, who, arena->pilot_life[who], &arena->hud[who], GAME_ONE(who));
    view->seats[who] = (struct game_seat){.x = ship->x, /* the dead go on looking at where they died */
                                          .y = ship->y,
                                          .radius = arena->sight,
                                          .groups = world_sectors(ship->x, ship->y, arena->sight),
                                          .owns = flies,
                                          .kind = KIND_SHIP,
                                          .slot = who};
}

static void show(const void *world, struct game_view *view) {
    const struct arena *arena = world;
    for (uint16_t i = 0; i < PLAYERS_MAX; i++) show_player(arena, view, i);
    for (uint16_t i = 0; i < SHOTS_MAX; i++)
        if (arena->shot_life[i])
            game_show(view, KIND_SHOT, i, arena->shot_life[i], &arena->shot[i], GAME_ALL);
    for (uint16_t i = 0; i < ROCKS_MAX; i++)
        if (arena->rock_life[i])
            game_show(view, KIND_ROCK, i, arena->rock_life[i], &arena->rock[i], GAME_ALL);
    for (uint16_t i = 0; i < PICKUPS_MAX; i++)
        if (arena->pickup_life[i])
            game_show(view, KIND_PICKUP, i, arena->pickup_life[i], &arena->pickup[i], GAME_ALL);
}

const struct game_calls game_calls = {.begin = begin,
                                      .join = join,
                                      .leave = leave,
                                      .input = input,
                                      .call = call,
                                      .tick = tick,
                                      .show = show,
                                      .think = brain_think};
