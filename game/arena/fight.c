/* Fights: who is hurt, who dies, who gets the kill. */
#include "game/arena/fight.h"
#include "game/arena/pickup.h"
#include "game/arena/pilot.h"
#include "game/arena/rock.h"
#include "game/arena/ship.h"

enum {
    HURT_S = 5,      /* for so long whoever hurt a ship last gets the kill that a rock finishes */
    RAM_DAMAGE = 20, /* to a rock */
    HURT_LEAST = 2,  /* health that any bump costs, */
    DROP_OF = 3,     /* one dead ship in three leaves something */
};
#define HURT_ROCK 0.1f  /* and more for each unit/s of closing speed: at a rock, */
#define HURT_SHIP 0.06f /* at a ship */
#define BOUNCE    0.75f /* part of the closing speed that comes back */

static void die(struct arena *arena, struct game_turn *turn, game_player whom, int32_t by) {
    const struct arena_rules *rules = turn->rules;
    struct ship *ship = &arena->ship[whom];
    struct seat *seat = &arena->seat[whom];
    if (by < 0 && turn->tick < seat->hurt_tick) by = seat->hurt_by;
    arena->ship_life[whom] = 0;
    seat->respawn_tick = turn->tick + world_ticks(turn, rules->respawn);
    arena->pilot[whom].deaths++;
    pilot_score(arena, turn, whom, -rules->death_cost);
    if (by >= 0) pilot_killed(arena, turn, (game_player)by);
    struct game_note note = {.what = GAME_EVENT, .record = RECORD_KILL, .to = GAME_ALL};
    game_say(turn, note, &(struct event_kill){by, whom});
    world_tell_near(turn, RECORD_BOOM, ship->x, ship->y, &(struct event_boom){ship->x, ship->y, 4});
    if (dice_below(&arena->dice, DROP_OF) == 0) pickup_drop(arena, ship->x, ship->y);
}

void fight_hurt(struct arena *arena, struct game_turn *turn, game_player whom, int32_t by, int32_t damage) {
    struct ship *ship = &arena->ship[whom];
    struct seat *seat = &arena->seat[whom];
    if (!arena->ship_life[whom] || turn->tick < seat->safe_tick || turn->tick < seat->shield_tick) return;
    ship->health = ship->health > damage ? ship->health - damage : 0;
    if (ship->health == 0) {
        die(arena, turn, whom, by);
    } else if (by >= 0) {
        seat->hurt_by = by;
        seat->hurt_tick = turn->tick + world_ticks(turn, HURT_S);
    }
}

struct touch {
    float x, y;   /* direction from the ship to the other, length 1 */
    float within; /* how far they overlap */
    float speed;  /* how fast they close in; not above 0: they part */
};

/* Whether a ship touches a circle at (x, y) that moves by (vx, vy). */
static bool touches(const struct ship *ship, float x, float y, float vx, float vy, float radius,
                    struct touch *touch) {
    float dx = math_across(ship->x, x, ARENA_SIZE), dy = math_across(ship->y, y, ARENA_SIZE);
    float reach = SHIP_RADIUS + radius, distance2 = dx * dx + dy * dy;
    if (distance2 >= reach * reach) return false;
    float distance = math_sqrt(distance2);
    touch->x = distance > 0 ? dx / distance : 1;
    touch->y = distance > 0 ? dy / distance : 0;
    touch->within = reach - distance;
    touch->speed = (ship->vx - vx) * touch->x + (ship->vy - vy) * touch->y;
    return true;
}

/* Pushes a ship away, out of what it touches and back by `speed`. */
static void push_away(struct ship *ship, const struct touch *touch, float within, float speed) {
    ship_set_place(ship, ship->x - touch->x * within, ship->y - touch->y * within);
    if (speed != 0) ship_set_speed(ship, ship->vx - touch->x * speed, ship->vy - touch->y * speed);
}

static int32_t harm(float speed, float each) {
    return HURT_LEAST + math_floor(speed * each);
}

static void bump_rock(struct arena *arena, struct game_turn *turn, game_player who, uint32_t slot) {
    struct ship *ship = &arena->ship[who];
    const struct rock *rock = &arena->rock[slot];
    struct touch touch;
    if (!touches(ship, rock->x, rock->y, rock->vx, rock->vy, ROCK_RADIUS * (float)rock->size, &touch)) return;
    bool closing = touch.speed > 0;
    push_away(ship, &touch, touch.within, closing ? touch.speed * (1 + BOUNCE) : 0);
    if (!closing) return;
    rock_hurt(arena, turn, slot, who, RAM_DAMAGE);
    fight_hurt(arena, turn, who, -1, harm(touch.speed, HURT_ROCK));
}

static void bump_ship(struct arena *arena, struct game_turn *turn, game_player who, game_player other) {
    struct ship *ship = &arena->ship[who], *that = &arena->ship[other];
    struct touch touch;
    if (!touches(ship, that->x, that->y, that->vx, that->vy, SHIP_RADIUS, &touch)) return;
    float back = touch.speed > 0 ? touch.speed * (1 + BOUNCE) / 2 : 0;
    push_away(ship, &touch, touch.within / 2, back);
    push_away(that, &touch, -touch.within / 2, -back);
    if (touch.speed <= 0) return;
    fight_hurt(arena, turn, who, other, harm(touch.speed, HURT_SHIP));
    fight_hurt(arena, turn, other, who, harm(touch.speed, HURT_SHIP));
}

/* Whatever one ship touches, for as long as it is there. Of two ships the one with the lower number bumps. */
static void bump_near(struct arena *arena, struct game_turn *turn, game_player who) {
    const struct ship *ship = &arena->ship[who];
    uint16_t found[GRID_THINGS];
    float reach = SHIP_RADIUS + ROCK_RADIUS * ROCK_SIZE_MAX;
    uint32_t count = grid_near(&arena->grid, ship->x, ship->y, reach, found);
    for (uint32_t i = 0; i < count && arena->ship_life[who]; i++) {
        if (found[i] >= GRID_ROCKS && arena->rock_life[found[i] - GRID_ROCKS])
            bump_rock(arena, turn, who, found[i] - GRID_ROCKS);
        if (found[i] < GRID_ROCKS && found[i] > who && arena->ship_life[found[i]])
            bump_ship(arena, turn, who, found[i]);
    }
}

void fight_bump(struct arena *arena, struct game_turn *turn) {
    for (uint16_t who = 0; who < PLAYERS_MAX; who++)
        if (arena->ship_life[who]) bump_near(arena, turn, who);
}
