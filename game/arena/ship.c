/* How a ship moves: heading first, then speed, then place. All that a step needs is in the row's table:
 * clients run it, too. */
#include "game/arena/ship.h"

#define SPEED_LEAP  15.0f /* units/s: how far the shown speed may be off while the wish changes */
#define SPEED_LEAST 3.0f  /* slower than this without thrust is at rest */

/* By how much the heading turns in this tick, in whole units. */
static int32_t turn_of(const struct ship *ship, const struct arena_rules *rules,
                       const struct arena_input *input, float dt) {
    int32_t most = math_round(rules->turn_rate * MATH_TURN * dt);
    if (most < 1) most = 1;
    if (most > MATH_TURN / 2) most = MATH_TURN / 2;
    int32_t way = (input->turn * most + (input->turn < 0 ? -4 : 4)) / 8; /* rounded, alike to both sides */
    if (input->aim < 0) return way;
    way = heading_across(ship->heading, input->aim);
    return way > most ? most : way < -most ? -most : way;
}

static void drag(struct ship *ship, float kept) {
    ship->wish_vx *= kept;
    ship->wish_vy *= kept;
    if (math_within(ship->wish_vx, ship->wish_vy, SPEED_LEAST)) ship->wish_vx = ship->wish_vy = 0;
}

static void push(struct ship *ship, const struct arena_rules *rules, float thrust) {
    ship->wish_vx += heading_cos(ship->heading) * thrust;
    ship->wish_vy += heading_sin(ship->heading) * thrust;
    if (math_within(ship->wish_vx, ship->wish_vy, rules->ship_speed)) return;
    float scale = rules->ship_speed / math_length(ship->wish_vx, ship->wish_vy);
    ship->wish_vx *= scale;
    ship->wish_vy *= scale;
}

/* Each change of vx or vy has to be sent to everyone near. So a ship does not take on every shade of speed:
 * it moves by vx, vy, and these leap to the wished speed once they are off by SPEED_LEAP, by SPEED_LEAST if
 * the wish is `steady` (hardly changed in this tick), by anything if the wish is to stand still. */
static void follow(struct ship *ship, bool steady) {
    bool stands = ship->wish_vx == 0 && ship->wish_vy == 0;
    float leap = stands ? 0 : steady ? SPEED_LEAST : SPEED_LEAP;
    if (math_within(ship->wish_vx - ship->vx, ship->wish_vy - ship->vy, leap)) return;
    ship->vx = math_snap(ship->wish_vx, SPEED_STEP);
    ship->vy = math_snap(ship->wish_vy, SPEED_STEP);
}

void ship_steer(void *row, const void *rules, const void *input, float dt) {
    struct ship *ship = row;
    const struct arena_input *pressed = input;
    ship->turn = turn_of(ship, rules, pressed, dt);
    ship->thrust = pressed->thrust;
    ship->flags &= ~(SHIP_THRUST | SHIP_FIRE);
    if (pressed->thrust > 0) ship->flags |= SHIP_THRUST;
    if (pressed->fire) ship->flags |= SHIP_FIRE;
}

void ship_set_place(struct ship *ship, float x, float y) {
    ship->x = math_wrap(math_snap(x, PLACE_STEP), ARENA_SIZE);
    ship->y = math_wrap(math_snap(y, PLACE_STEP), ARENA_SIZE);
}

void ship_step(void *row, const void *rules, float dt) {
    struct ship *ship = row;
    const struct arena_rules *by = rules;
    float before_x = ship->wish_vx, before_y = ship->wish_vy;
    ship->heading = heading_of(ship->heading + ship->turn);
    drag(ship, math_clamp(1 - by->drag * dt, 0, 1));
    if (ship->thrust > 0) push(ship, by, by->thrust * dt * (float)ship->thrust / 8);
    ship->wish_vx = math_snap(ship->wish_vx, WISH_STEP);
    ship->wish_vy = math_snap(ship->wish_vy, WISH_STEP);
    follow(ship, math_within(ship->wish_vx - before_x, ship->wish_vy - before_y, SPEED_STEP / 2));
    ship_set_place(ship, ship->x + ship->vx * dt, ship->y + ship->vy * dt);
}

void ship_set_speed(struct ship *ship, float vx, float vy) {
    ship->vx = ship->wish_vx = math_clamp(math_snap(vx, SPEED_STEP), -SPEED_MOST, SPEED_MOST);
    ship->vy = ship->wish_vy = math_clamp(math_snap(vy, SPEED_STEP), -SPEED_MOST, SPEED_MOST);
}
