/* The computer pilots. Every few ticks a pilot makes a plan (whom to fight, what to fetch, which rock to
 * mind), as slowly as people do; in between it flies and shoots by that plan, with a hand that is never quite
 * steady. Its character comes from its seed. It sees what a player sees: rows, within the radius of sight. */
#include "game/arena/brain.h"

enum plan { PLAN_ROAM, PLAN_FIGHT, PLAN_FLEE, PLAN_FETCH, PLAN_MINE };
enum { NOBODY = -1, HAND_TICKS = 5, HAND_SLACK = 4 };

struct character {
    float keep;        /* the distance that it likes to fight from */
    float range;       /* fires from nearer than this */
    float rock_taste;  /* how near a rock must be to be worth shots */
    float greed;       /* how far it goes for a pick-up */
    int32_t courage;   /* flees below this health */
    int32_t aim_error; /* headings, to either side */
    int32_t patience;  /* ticks between plans: slow to see what changed */
    int32_t trigger;   /* of 16 ticks, how many it holds the trigger */
};

static const struct character characters[] = {
    /* hunter */ {160, 420, 0, 250, 25, 5, 6, 12},
    /* brawler */ {40, 320, 0, 150, 10, 9, 8, 16},
    /* sniper */ {380, 560, 150, 200, 40, 3, 9, 8},
    /* miner */ {260, 360, 450, 600, 55, 7, 8, 11},
    /* novice */ {200, 380, 250, 350, 30, 14, 12, 9},
};

/* What a pilot remembers: laid over the 16 words of its mind. */
struct brain {
    uint32_t seed; /* the server's */
    uint32_t dice_low, dice_high;
    uint32_t plan_tick;   /* when it looks around again */
    int32_t plan, target; /* enum plan, and the slot that it is about */
    int32_t rock;         /* the rock to mind, or NOBODY */
    int32_t error;        /* how far off it aims just now */
    int32_t heading;      /* where it roams to */
    int32_t held;         /* the heading that the hand holds */
    int32_t side;         /* −1, 1: which way it circles */
};
_Static_assert(sizeof(struct brain) <= 16 * sizeof(uint32_t), "a mind has 16 words");

/* One look: what `think` was given, taken together. */
struct look {
    const struct game_view *view;
    const struct arena_rules *rules;
    const struct character *character;
    const struct ship *ship;
    struct brain *brain;
    uint64_t dice;
    game_player who;
    uint32_t tick;
};

struct way {
    float x, y, distance;
};

static inline struct way way_to(const struct look *look, float x, float y) {
    struct way way = {math_across(look->ship->x, x, ARENA_SIZE), math_across(look->ship->y, y, ARENA_SIZE),
                      0};
    way.distance = math_length(way.x, way.y);
    return way;
}

/* ---- Plans. */

/* The ship most worth fighting: near, hurt, and rather the one it is fighting already. */
static int32_t find_ship(const struct look *look, float *distance) {
    int32_t found = NOBODY;
    float best = look->rules->sight;
    for (uint16_t i = 0; i < PLAYERS_MAX; i++) {
        const struct ship *ship = game_row(look->view, KIND_SHIP, i);
        if (!ship || i == look->who || (ship->flags & SHIP_SAFE)) continue;
        float away = way_to(look, ship->x, ship->y).distance;
        float cost = away * (0.6f + 0.004f * (float)ship->health);
        if (look->brain->plan == PLAN_FIGHT && look->brain->target == i) cost *= 0.7f;
        if (away < look->rules->sight && cost < best) best = cost, found = i, *distance = away;
    }
    return found;
}

/* The nearest row of a placed kind within `reach`, and within sight. */
static int32_t find_nearest(const struct look *look, uint8_t kind, float reach) {
    int32_t found = NOBODY;
    if (reach > look->rules->sight) reach = look->rules->sight;
    for (uint16_t i = 0; i < look->view->kinds[kind].slots; i++) {
        const float *place = game_row(look->view, kind, i); /* all placed rows begin with x, y */
        float away = place ? way_to(look, place[0], place[1]).distance : reach;
        if (away < reach) reach = away, found = i;
    }
    return found;
}

static void choose(const struct look *look) {
    const struct character *character = look->character;
    struct brain *brain = look->brain;
    float away = look->rules->sight;
    bool hurt = look->ship->health < character->courage;
    int32_t enemy = find_ship(look, &away);
    int32_t pickup = find_nearest(look, KIND_PICKUP, hurt ? character->greed * 2 : character->greed);
    int32_t ore = find_nearest(look, KIND_ROCK, character->rock_taste);
    brain->plan = PLAN_ROAM, brain->target = NOBODY;
    if (ore != NOBODY) brain->plan = PLAN_MINE, brain->target = ore;
    if (enemy != NOBODY && (ore == NOBODY || away < character->range))
        brain->plan = PLAN_FIGHT, brain->target = enemy;
    if (enemy != NOBODY && hurt && away < 500) brain->plan = PLAN_FLEE, brain->target = enemy;
    if (pickup != NOBODY && (brain->plan != PLAN_FIGHT || away > character->keep))
        brain->plan = PLAN_FETCH, brain->target = pickup;
}

/* Looks around: at people's pace, and each time the hand shakes another way. */
static void plan(struct look *look) {
    struct brain *brain = look->brain;
    const struct character *character = look->character;
    uint32_t patience = (uint32_t)character->patience, width = (uint32_t)(2 * character->aim_error + 1);
    brain->plan_tick = look->tick + patience / 2 + dice_below(&look->dice, patience);
    brain->error = (int32_t)dice_below(&look->dice, width) - character->aim_error;
    if (dice_below(&look->dice, 8) == 0) brain->heading = (int32_t)dice_below(&look->dice, MATH_TURN);
    if (dice_below(&look->dice, 12) == 0 || brain->side == 0)
        brain->side = dice_below(&look->dice, 2) ? 1 : -1;
    brain->rock = find_nearest(look, KIND_ROCK, 260);
    choose(look);
}

/* ---- Flying. */
static void go(struct arena_input *input, int32_t heading, int32_t thrust) {
    input->aim = heading_of(heading);
    input->thrust = thrust;
}

/* Where to aim so that a shot fired now meets something that flies on as it does. */
static int32_t lead(const struct look *look, struct way way, float vx, float vy) {
    float ahead = (look->ship->vx * way.x + look->ship->vy * way.y) / (way.distance + 1);
    float speed = look->rules->shot_speed + (ahead > 0 ? ahead : 0), distance = way.distance;
    float x = way.x, y = way.y;
    for (int32_t i = 0; i < 2; i++) {
        float time = distance / speed;
        x = way.x + vx * time, y = way.y + vy * time;
        distance = math_length(x, y);
    }
    return heading_of(heading_towards(x, y) + look->brain->error);
}

/* Pulls the trigger if the nose is near enough to where the shot should go: in bursts, not like a machine. */
static bool shoots(const struct look *look, int32_t heading, float distance) {
    const struct character *character = look->character;
    int32_t off = heading_across(look->ship->heading, heading);
    bool aimed = off >= -6 && off <= 6 && distance < character->range;
    uint32_t beat = (look->tick + look->brain->seed) % 16;
    return aimed && beat < (uint32_t)character->trigger;
}

static void fight(const struct look *look, struct arena_input *input) {
    const struct ship *enemy = game_row(look->view, KIND_SHIP, (uint16_t)look->brain->target);
    if (!enemy) return;
    struct way way = way_to(look, enemy->x, enemy->y);
    int32_t heading = lead(look, way, enemy->vx, enemy->vy);
    float keep = look->character->keep;
    go(input, heading, way.distance > keep * 1.3f ? 8 : 0);
    input->fire = shoots(look, heading, way.distance);
    /* Too near, or hanging still: slip sideways between two bursts. */
    float speed = math_length(look->ship->vx, look->ship->vy);
    bool slip = (look->tick / 16 + look->brain->seed) % 3 == 0;
    if (slip && !input->fire && (way.distance < keep || speed < 60))
        go(input, heading + look->brain->side * 56, 8);
}

/* The hand moves only every few ticks, and lets a small error be: as people do, and so that a ship
 * that flies on is silent. */
static void steady(const struct look *look, struct arena_input *input) {
    bool moves = (look->tick + look->brain->seed) % (uint32_t)HAND_TICKS == 0;
    if (moves && math_abs((float)heading_across(look->brain->held, input->aim)) > HAND_SLACK)
        look->brain->held = input->aim;
    input->aim = look->brain->held;
}

static void flee(const struct look *look, struct arena_input *input) {
    const struct ship *enemy = game_row(look->view, KIND_SHIP, (uint16_t)look->brain->target);
    if (!enemy) return;
    struct way way = way_to(look, enemy->x, enemy->y);
    go(input, heading_towards(-way.x, -way.y) + look->brain->side * 16, 8);
}

/* Flies to a place as a pilot does who drifts: against its own sideways speed. */
static void fetch(const struct look *look, struct arena_input *input) {
    const struct pickup *pickup = game_row(look->view, KIND_PICKUP, (uint16_t)look->brain->target);
    if (!pickup) return;
    struct way way = way_to(look, pickup->x, pickup->y);
    float time = way.distance / look->rules->ship_speed;
    float x = way.x - look->ship->vx * time, y = way.y - look->ship->vy * time;
    go(input, heading_towards(x, y), 8);
}

static void mine(const struct look *look, struct arena_input *input) {
    const struct rock *rock = game_row(look->view, KIND_ROCK, (uint16_t)look->brain->target);
    if (!rock) return;
    struct way way = way_to(look, rock->x, rock->y);
    int32_t heading = lead(look, way, rock->vx, rock->vy);
    go(input, heading, way.distance > 250 ? 6 : 0);
    input->fire = shoots(look, heading, way.distance);
}

/* A rock that would be hit within a second is more urgent than any plan: out of its way, and shoot if it is
 * in front of the nose. */
static void dodge(const struct look *look, struct arena_input *input) {
    const struct rock *rock =
        look->brain->rock == NOBODY ? NULL : game_row(look->view, KIND_ROCK, (uint16_t)look->brain->rock);
    if (!rock) return;
    struct way way = way_to(look, rock->x, rock->y);
    float vx = look->ship->vx - rock->vx, vy = look->ship->vy - rock->vy, speed2 = vx * vx + vy * vy;
    float time = speed2 > 1 ? (way.x * vx + way.y * vy) / speed2 : 0;
    float miss_x = way.x - vx * time, miss_y = way.y - vy * time;
    float clear = ROCK_RADIUS * (float)rock->size + SHIP_RADIUS * 2;
    bool near = way.distance < clear + 10;
    if (!near && (time <= 0 || time > 1 || math_length(miss_x, miss_y) > clear)) return;
    int32_t towards = heading_towards(way.x, way.y), off = heading_across(look->ship->heading, towards);
    int32_t side = way.x * vy - way.y * vx < 0 ? -1 : 1; /* the side on which it passes already */
    go(input, towards + (near ? 128 : side * 72), 8);
    if (off > -5 && off < 5) input->fire = 1;
}

static void fly(const struct look *look, struct arena_input *input) {
    go(input, look->brain->heading, 5);
    if (look->brain->plan == PLAN_FIGHT) fight(look, input);
    if (look->brain->plan == PLAN_FLEE) flee(look, input);
    if (look->brain->plan == PLAN_FETCH) fetch(look, input);
    if (look->brain->plan == PLAN_MINE) mine(look, input);
    dodge(look, input);
    steady(look, input);
}

void brain_think(const struct game_view *view, const struct game_turn *turn, game_player who, uint32_t *mind,
                 void *input) {
    struct brain brain;
    memcpy(&brain, mind, sizeof(brain));
    struct look look = {.view = view,
                        .rules = turn->rules,
                        .character = &characters[brain.seed % COUNT_OF(characters)],
                        .ship = game_row(view, KIND_SHIP, who),
                        .brain = &brain,
                        .dice = (uint64_t)brain.dice_high << 32 | brain.dice_low,
                        .who = who,
                        .tick = turn->tick};
    *(struct arena_input *)input = (struct arena_input){.aim = -1};
    if (!look.ship) return;
    if (look.dice == 0) look.dice = dice_seed(brain.seed);
    if (turn->tick >= brain.plan_tick) plan(&look);
    fly(&look, input);
    brain.dice_low = (uint32_t)look.dice, brain.dice_high = (uint32_t)(look.dice >> 32);
    memcpy(mind, &brain, sizeof(brain));
}
