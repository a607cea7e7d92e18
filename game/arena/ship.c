/* How a ship moves: heading first, then speed, then place. */
#include "game/arena/ship.h"

static void turn(struct ship *ship, const struct arena_rules *rules, const struct arena_input *input,
                 float dt) {
    int32_t most = math_round(rules->turn_rate * MATH_TURN * dt);
    if (most < 1) most = 1;
    int32_t way = math_round((float)(input->turn * most) / 8);
    if (input->aim >= 0) {
        way = heading_across(ship->heading, input->aim);
        way = way > most ? most : way < -most ? -most : way;
    }
    ship->heading = heading_of(ship->heading + way);
}

/* Drag alone rounds towards 0, so that a drifting ship comes to rest. */
static float slower(float v, float kept) {
    float steps = math_abs(v) * kept / SPEED_STEP;
    float left = (float)math_floor(steps) * SPEED_STEP;
    return v < 0 ? -left : left;
}

static void drift(struct ship *ship, float kept) {
    ship->vx = slower(ship->vx, kept) + 0.0f; /* + 0: no negative zero */
    ship->vy = slower(ship->vy, kept) + 0.0f;
}

static void push(struct ship *ship, const struct arena_rules *rules, float thrust, float kept) {
    float vx = ship->vx * kept + heading_cos(ship->heading) * thrust;
    float vy = ship->vy * kept + heading_sin(ship->heading) * thrust;
    float speed = math_length(vx, vy);
    float scale = speed > rules->ship_speed ? rules->ship_speed / speed : 1;
    ship->vx = math_snap(vx * scale, SPEED_STEP);
    ship->vy = math_snap(vy * scale, SPEED_STEP);
}

void ship_steer(struct ship *ship, const struct arena_rules *rules, const struct arena_input *input,
                float dt) {
    float kept = math_clamp(1 - rules->drag * dt, 0, 1);
    turn(ship, rules, input, dt);
    if (input->thrust > 0)
        push(ship, rules, rules->thrust * dt * (float)input->thrust / 8, kept);
    else
        drift(ship, kept);
    ship->flags &= ~(SHIP_THRUST | SHIP_FIRE);
    if (input->thrust > 0) ship->flags |= SHIP_THRUST;
    if (input->fire) ship->flags |= SHIP_FIRE;
}

void ship_step(struct ship *ship, float dt) {
    ship->x = math_wrap(ship->x + ship->vx * dt, ARENA_SIZE);
    ship->y = math_wrap(ship->y + ship->vy * dt, ARENA_SIZE);
}

void ship_set_speed(struct ship *ship, float vx, float vy) {
    ship->vx = math_clamp(math_snap(vx, SPEED_STEP), -500, 500);
    ship->vy = math_clamp(math_snap(vy, SPEED_STEP), -500, 500);
}
