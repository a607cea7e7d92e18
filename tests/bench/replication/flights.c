#include "flights.h"
#include "game/math.h"
#include "tests/idle.h"

enum { WAYS = 8, SPEED_STEP = 8, TURN_MAX = 8 /* 256ths of a turn in a tick */ };

struct press {
    int32_t keys;
};
struct nothing {
    int32_t unused;
};

static struct flight flight;
static const struct flight_world *shown;

/* ---- Motion: what a client can do by itself. */

/* Whole steps of speed, so that the linear lane moves a row exactly as the game does. */
static void set_speed(struct mover *mover, int32_t heading, float step) {
    mover->vx = math_snap(heading_cos(heading) * flight.speed, step);
    mover->vy = math_snap(heading_sin(heading) * flight.speed, step);
}

static void move(struct mover *mover, float dt) {
    mover->x = math_wrap(mover->x + mover->vx * dt, FLIGHT_WORLD);
    mover->y = math_wrap(mover->y + mover->vy * dt, FLIGHT_WORLD);
}

static void step_wasd(void *row, const void *rules, float dt) {
    struct mover *mover = row;
    (void)rules;
    set_speed(mover, mover->way * (MATH_TURN / WAYS), SPEED_STEP);
    move(mover, dt);
}

static void step_heading(void *row, const void *rules, float dt) {
    struct mover *mover = row;
    (void)rules;
    set_speed(mover, mover->heading, SPEED_STEP / 4);
    move(mover, dt);
}

static void step_turning(void *row, const void *rules, float dt) {
    struct mover *mover = row;
    mover->heading = heading_of(mover->heading + mover->turn);
    step_heading(row, rules, dt);
}

/* ---- Tables. Places may be off by three steps: a client then errs by less than 0.25 units. */

#define PLACE(member, stepped)                                                                               \
    SCHEMA_FIELD(struct mover, member, .max = FLIGHT_WORLD, .wraps = true, .predicted = stepped,             \
                 .step = FLIGHT_STEP, .tolerance = 3 * FLIGHT_STEP)
#define SPEED(member, size) SCHEMA_FIELD(struct mover, member, .min = -256, .max = 256, .step = size)

static const struct schema_field wasd_fields[] = {PLACE(x, true), PLACE(y, true),
                                                  SCHEMA_FIELD(struct mover, way, .min = 0, .max = WAYS - 1)};
static const struct schema_field waypoint_fields[] = {
    PLACE(x, true), PLACE(y, true), SCHEMA_FIELD(struct mover, heading, .max = MATH_TURN, .wraps = true)};
static const struct schema_field mouse_fields[] = {
    PLACE(x, true), PLACE(y, true),
    SCHEMA_FIELD(struct mover, heading, .max = MATH_TURN, .wraps = true, .predicted = true, .tolerance = 1),
    SCHEMA_FIELD(struct mover, turn, .min = -TURN_MAX, .max = TURN_MAX)};
static const struct schema_field coarse_fields[] = {PLACE(x, false), PLACE(y, false), SPEED(vx, SPEED_STEP),
                                                    SPEED(vy, SPEED_STEP)};
static const struct schema_field linear_fields[] = {PLACE(x, false), PLACE(y, false),
                                                    SPEED(vx, SPEED_STEP / 4), SPEED(vy, SPEED_STEP / 4)};
static const struct schema_field press_fields[] = {SCHEMA_FIELD(struct press, keys, .max = 15)};
static const struct schema_field rules_fields[] = {SCHEMA_FIELD(struct nothing, unused)};

#define ROWS(fields)                                                                                         \
    { SCHEMA_RECORD("mover", struct mover, fields) }
static const struct schema_kind predicting[] = {
    [STEER_WASD] = {.row = ROWS(wasd_fields), .placed = true, .step = step_wasd},
    [STEER_WAYPOINTS] = {.row = ROWS(waypoint_fields), .placed = true, .step = step_heading},
    [STEER_MOUSE] = {.row = ROWS(mouse_fields), .placed = true, .step = step_turning}};
static const struct schema_kind linear[] = {
    [STEER_WASD] = {.row = ROWS(coarse_fields), .placed = true, .linear = true},
    [STEER_WAYPOINTS] = {.row = ROWS(linear_fields), .placed = true, .linear = true},
    [STEER_MOUSE] = {.row = ROWS(linear_fields), .placed = true, .linear = true}};

const struct schema *flight_schema(const struct flight *like) {
    static struct schema_kind kind;
    static struct schema schema;
    flight = *like;
    kind = like->linear ? linear[like->steering] : predicting[like->steering];
    kind.slots = (uint16_t)like->movers;
    schema = (struct schema){.name = "flights",
                             .api = GAME_API,
                             .version = 1,
                             .world_size = sizeof(struct flight_world),
                             .input = {SCHEMA_RECORD("press", struct press, press_fields)},
                             .rules = {SCHEMA_RECORD("rules", struct nothing, rules_fields)},
                             .kinds = &kind,
                             .players_max = (uint16_t)like->movers,
                             .kind_count = 1};
    return &schema;
}

/* ---- Steering. */

/* Other keys 1.6 times a second, each time another of the eight ways; at the edge of the spot back inside. */
static void steer_wasd(uint64_t *dice, struct mover *mover) {
    if (dice_below(dice, 100) < 8) mover->way = (mover->way + 1 + (int32_t)dice_below(dice, WAYS - 1)) % WAYS;
    if (flight.spot <= 0) return;
    float dx = mover->x - FLIGHT_WORLD / 2, dy = mover->y - FLIGHT_WORLD / 2, half = flight.spot / 2;
    int32_t heading = mover->way * (MATH_TURN / WAYS);
    if ((math_abs(dx) > half && dx * heading_cos(heading) > 0) ||
        (math_abs(dy) > half && dy * heading_sin(heading) > 0))
        mover->way = heading_towards(-dx, -dy) / (MATH_TURN / WAYS);
}

/* Straight to a place 300 to 1,500 units away, then to the next. */
static void steer_to_waypoints(uint64_t *dice, struct mover *mover, struct hand *hand) {
    if (hand->age++ < hand->whole) return;
    mover->heading = (int32_t)dice_below(dice, MATH_TURN);
    hand->whole = (int32_t)(dice_between(dice, 300, 1500) / flight.speed * 20);
    hand->age = 0;
}

/* A hand moves in strokes that begin and end gently (least jerk: Flash and Hogan 1985): 0.2 to 0.6 s, up to a
 * quarter turn either way, then a rest of up to 0.6 s. */
static void move_hand(uint64_t *dice, struct hand *hand) {
    if (hand->age >= hand->whole) {
        hand->stroke = 4 + (int32_t)dice_below(dice, 9);
        hand->whole = hand->stroke + (int32_t)dice_below(dice, 13);
        hand->age = 0;
        hand->from = math_wrap(hand->at, MATH_TURN);
        hand->to = hand->from + dice_between(dice, -MATH_TURN / 4, MATH_TURN / 4);
    }
    float t = math_clamp((float)++hand->age / (float)hand->stroke, 0, 1);
    hand->at = hand->from + (hand->to - hand->from) * t * t * t * (10 - t * (15 - t * 6));
}

/* The heading follows the hand at a bounded rate. It turns on as it did as long as that leads to within four
 * degrees of where the hand points: this keeps a ship quiet in play, and its turning foreseeable. */
static void steer_by_mouse(uint64_t *dice, struct mover *mover, struct hand *hand) {
    move_hand(dice, hand);
    float off = math_across((float)mover->heading, math_wrap(hand->at, MATH_TURN), MATH_TURN);
    if (math_abs(off - (float)mover->turn) <= 3) return;
    mover->turn = math_round(math_clamp(off / 2, -TURN_MAX, TURN_MAX));
}

/* ---- Calls. */

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    struct flight_world *w = world;
    float side = flight.spot > 0 ? flight.spot : FLIGHT_WORLD, low = (FLIGHT_WORLD - side) / 2;
    (void)turn;
    w->dice = dice_seed(seed);
    for (uint32_t i = 0; i < flight.movers; i++) {
        struct mover *mover = &w->movers[i];
        mover->x = dice_between(&w->dice, low, low + side);
        mover->y = dice_between(&w->dice, low, low + side);
        mover->way = (int32_t)dice_below(&w->dice, WAYS);
        mover->heading = (int32_t)dice_below(&w->dice, MATH_TURN);
        w->hands[i].at = (float)mover->heading;
    }
}

static void tick(void *world, struct game_turn *turn) {
    struct flight_world *w = world;
    for (uint32_t i = 0; i < flight.movers; i++) {
        struct mover *mover = &w->movers[i];
        switch (flight.steering) {
        case STEER_WASD:
            steer_wasd(&w->dice, mover);
            step_wasd(mover, turn->rules, turn->dt);
            break;
        case STEER_WAYPOINTS:
            steer_to_waypoints(&w->dice, mover, &w->hands[i]);
            step_heading(mover, turn->rules, turn->dt);
            break;
        case STEER_MOUSE:
            steer_by_mouse(&w->dice, mover, &w->hands[i]);
            step_turning(mover, turn->rules, turn->dt);
        }
    }
}

static void show(const void *world, struct game_view *view) {
    const struct flight_world *w = shown = world;
    for (uint16_t i = 0; i < flight.movers; i++) {
        const struct mover *mover = &w->movers[i];
        game_show(view, 0, i, 1, mover, GAME_ALL);
        view->seats[i] = (struct game_seat){
            .x = mover->x, .y = mover->y, .radius = flight.radius, .owns = true, .slot = i};
    }
}

/* Traces are seeded: what clients press changes nothing. */
const struct game_calls flight_calls = {begin, idle_join, idle_leave, idle_input, .tick = tick, .show = show};

const struct flight_world *flight_truth(void) {
    return shown;
}
