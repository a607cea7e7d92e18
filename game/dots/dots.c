/* Dots: the smallest whole game, to be read from top to bottom. Everyone is a dot in a square, runs for the
 * coin, and hears who got it. docs/game-api.md explains it part by part. */
#include "game/game_api.h"
#include "game/math.h"

enum { DOT, COIN };                               /* kinds of rows, in the order of `kinds` below */
enum { TAKEN };                                   /* records: events, calls, answers */
enum { DOTS_MAX = 64, WIDTH = 1000, REACH = 20 }; /* seats; the square's side; how near takes the coin */

/* Everything that travels is a plain struct of int32_t, float and char[]; one line for each. */
// clang-format off
struct rules { float speed; };
struct push { int32_t x, y; };
struct dot { float x, y, vx, vy; int32_t score; };
struct coin { float x, y; };
struct taken { int32_t by; };

/* The world: one zeroed block without pointers, which the server keeps. A life of 0: nobody is there. */
struct dots {
    struct dot dot[DOTS_MAX]; /* slot and player are the same number */
    struct coin coin;
    uint32_t dot_life[DOTS_MAX], coin_life, lives;
    uint64_t dice;
};

/* ---- How a dot moves: here, in what the server guesses, and in browsers. First the speed, a whole number of its
 * step; against a wall 0. Then the place, by that speed, a whole number of its own. */
#define PLACE_STEP 0.0625f
#define SPEED_STEP 0.5f
static float speed_of(float place, float speed, float dt) {
    speed = math_snap(speed, SPEED_STEP);
    return place + speed * dt < 0 || place + speed * dt > WIDTH ? 0 : speed;
}
static void dot_steer(void *row, const void *rules, const void *input, float dt) {
    struct dot *dot = row;
    const struct push *push = input;
    float most = ((const struct rules *)rules)->speed / 8;
    dot->vx = speed_of(dot->x, (float)push->x * most, dt);
    dot->vy = speed_of(dot->y, (float)push->y * most, dt);
}
static void dot_step(void *row, const void *rules, float dt) {
    struct dot *dot = row;
    (void)rules;
    dot->x = math_snap(dot->x + dot->vx * dt, PLACE_STEP);
    dot->y = math_snap(dot->y + dot->vy * dt, PLACE_STEP);
}

/* ---- What it looks like. A field has a range, and a step: the smallest change worth sending. */
#define PLACE .max = WIDTH, .step = PLACE_STEP, .tolerance = 0.25f
#define SPEED .min = -400, .max = 400, .step = SPEED_STEP
static const struct schema_field rules_fields[] = {
    SCHEMA_FIELD(struct rules, speed, .min = 10, .max = 400, .preset = 200)};
static const struct schema_field push_fields[] = {
    SCHEMA_FIELD(struct push, x, .min = -8, .max = 8), SCHEMA_FIELD(struct push, y, .min = -8, .max = 8)};
static const struct schema_field dot_fields[] = {
    SCHEMA_FIELD(struct dot, x, PLACE, .predicted = true), SCHEMA_FIELD(struct dot, y, PLACE, .predicted = true),
    SCHEMA_FIELD(struct dot, vx, SPEED), SCHEMA_FIELD(struct dot, vy, SPEED),
    SCHEMA_FIELD(struct dot, score)};
static const struct schema_field coin_fields[] = {
    SCHEMA_FIELD(struct coin, x, PLACE), SCHEMA_FIELD(struct coin, y, PLACE)};
static const struct schema_field taken_fields[] = {SCHEMA_FIELD(struct taken, by, .max = DOTS_MAX - 1)};
/* `linear`: fields 2 and 3 are the speed of fields 0 and 1, for clients without this code. Nothing is sent while a
 * dot runs straight on. */
static const struct schema_kind kinds[] = {
    [DOT] = {{SCHEMA_RECORD("dot", struct dot, dot_fields)}, .slots = DOTS_MAX, .placed = true, .linear = true,
             .step = dot_step, .exact = true, .steer = dot_steer},
    [COIN] = {{SCHEMA_RECORD("coin", struct coin, coin_fields)}, .slots = 1, .placed = true}};
static const struct schema_record records[] = {
    [TAKEN] = {SCHEMA_RECORD("taken", struct taken, taken_fields), .use = SCHEMA_MAY_DROP}};
const struct schema game_schema = {
    .name = "dots", .api = GAME_API, .version = 1, .world_size = sizeof(struct dots), .players_max = DOTS_MAX,
    .input = {SCHEMA_RECORD("push", struct push, push_fields)},
    .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
    .kinds = kinds, .kind_count = COUNT_OF(kinds), SCHEMA_RECORDS(records)};
// clang-format on

/* ---- What it does. */
static void drop_coin(struct dots *w) {
    w->coin.x = dice_between(&w->dice, 0, WIDTH);
    w->coin.y = dice_between(&w->dice, 0, WIDTH);
    w->coin_life = ++w->lives; /* a new life: clients see a new coin, not one that slides */
}
static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)turn;
    ((struct dots *)world)->dice = dice_seed(seed);
    drop_coin(world);
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    struct dots *w = world;
    (void)turn, (void)profile;
    w->dot[who] = (struct dot){.x = WIDTH / 2, .y = WIDTH / 2};
    w->dot_life[who] = ++w->lives;
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)turn, (void)why;
    ((struct dots *)world)->dot_life[who] = 0;
}
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    struct dot *dot = &((struct dots *)world)->dot[who];
    dot_steer(dot, turn->rules, input, turn->dt);
    dot_step(dot, turn->rules, turn->dt);
}
static void tick(void *world, struct game_turn *turn) {
    struct dots *w = world;
    for (int32_t i = 0; i < DOTS_MAX; i++) {
        struct dot *dot = &w->dot[i];
        if (!w->dot_life[i] || !math_within(dot->x - w->coin.x, dot->y - w->coin.y, REACH)) continue;
        dot->score++;
        drop_coin(w);
        game_say(turn, (struct game_note){GAME_EVENT, .record = TAKEN, .to = GAME_ALL}, &(struct taken){i});
    }
}
static void show(const void *world, struct game_view *view) {
    const struct dots *w = world;
    game_show(view, COIN, 0, w->coin_life, &w->coin, GAME_ALL);
    for (uint16_t i = 0; i < DOTS_MAX; i++) {
        const struct dot *dot = &w->dot[i];
        if (!w->dot_life[i]) continue;
        game_show(view, DOT, i, w->dot_life[i], dot, GAME_ALL);
        view->seats[i] = (struct game_seat){dot->x, dot->y, 1500, .owns = true, .kind = DOT, .slot = i};
    }
}
static int32_t towards(float way) {
    return math_abs(way) < REACH / 2 ? 0 : way > 0 ? 8 : -8;
}
/* A computer's dot runs for the coin, and dawdles now and then. It knows only what is shown. */
static void think(const struct game_view *view, const struct game_turn *turn, game_player who, uint32_t *mind,
                  void *input) {
    const struct dot *dot = game_row(view, DOT, who);
    const struct coin *coin = game_row(view, COIN, 0);
    bool dawdles = !dot || !coin || (turn->tick / 16 + mind[0] + who) % 4 == 0;
    float x = dawdles ? 0 : coin->x - dot->x, y = dawdles ? 0 : coin->y - dot->y;
    *(struct push *)input = (struct push){towards(x), towards(y)};
}
const struct game_calls game_calls = {begin, join, leave, input, .tick = tick, .show = show, .think = think};
