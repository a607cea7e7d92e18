/* Pilots: joining, leaving, spawning, scoring. */
#include "game/arena/pilot.h"
#include "game/arena/ship.h"

enum { HUE_APART = 137 }; /* degrees between neighbouring seats: the golden angle keeps them distinct */
enum { POINTS_MAX = 1000000000 };

static void spawn(struct arena *arena, struct game_turn *turn, game_player who) {
    const struct arena_rules *rules = turn->rules;
    struct ship *ship = &arena->ship[who];
    struct seat *seat = &arena->seat[who];
    arena->ship_life[who] = 0; /* so that its own old place is not held against a new one */
    *ship = (struct ship){.health = HEALTH_MAX};
    world_place(arena, &ship->x, &ship->y);
    ship_set_place(ship, ship->x, ship->y);
    ship->heading = (int32_t)dice_below(&arena->dice, MATH_TURN);
    *seat = (struct seat){.account = seat->account, .best = seat->best, .hurt_by = -1};
    seat->safe_tick = turn->tick + world_ticks(turn, rules->safe);
    arena->ship_life[who] = world_life(arena);
    struct event_spawn event = {ship->x, ship->y, who};
    world_tell_near(turn, RECORD_SPAWN, ship->x, ship->y, &event);
}

static int32_t as_points(int64_t number) {
    return number < 0 ? 0 : number > POINTS_MAX ? POINTS_MAX : (int32_t)number;
}

void pilot_join(struct arena *arena, struct game_turn *turn, game_player who,
                const struct game_profile *profile) {
    struct pilot *pilot = &arena->pilot[who];
    *pilot = (struct pilot){.kept = as_points(profile->kept),
                            .hue = who * HUE_APART % 360,
                            .computer = profile->computer ? 1 : 0};
    strncpy(pilot->name, profile->name, sizeof(pilot->name) - 1);
    arena->pilot_life[who] = world_life(arena);
    arena->seat[who] = (struct seat){.account = profile->account, .best = profile->best};
    spawn(arena, turn, who);
}

/* Who was hurt by the one who left owes it nothing. */
void pilot_leave(struct arena *arena, struct game_turn *turn, game_player who) {
    pilot_best(arena, turn, who);
    for (uint32_t i = 0; i < PLAYERS_MAX; i++)
        if (arena->seat[i].hurt_by == who) arena->seat[i].hurt_by = -1;
    arena->pilot_life[who] = arena->ship_life[who] = 0;
    arena->seat[who] = (struct seat){0};
}

void pilot_respawn(struct arena *arena, struct game_turn *turn) {
    for (uint32_t i = 0; i < PLAYERS_MAX; i++)
        if (arena->pilot_life[i] && !arena->ship_life[i] && turn->tick >= arena->seat[i].respawn_tick)
            spawn(arena, turn, (game_player)i);
}

void pilot_score(struct arena *arena, struct game_turn *turn, game_player who, int32_t points) {
    struct pilot *pilot = &arena->pilot[who];
    if (points < 0) pilot_best(arena, turn, who);
    pilot->score = as_points((int64_t)pilot->score + points);
}

void pilot_best(struct arena *arena, struct game_turn *turn, game_player who) {
    struct seat *seat = &arena->seat[who];
    int32_t score = arena->pilot[who].score;
    if (!seat->account || score <= seat->best) return;
    seat->best = score;
    struct game_note note = {.what = GAME_SCORE, .account = seat->account, .number = score};
    game_say(turn, note, NULL);
}

void pilot_killed(struct arena *arena, struct game_turn *turn, game_player who) {
    const struct arena_rules *rules = turn->rules;
    struct pilot *pilot = &arena->pilot[who];
    pilot->kills = as_points((int64_t)pilot->kills + 1);
    pilot->kept = as_points((int64_t)pilot->kept + 1);
    pilot_score(arena, turn, who, rules->kill_score);
    pilot_best(arena, turn, who);
    struct game_note note = {.what = GAME_ADD, .account = arena->seat[who].account, .number = 1};
    if (note.account) game_say(turn, note, NULL);
}
