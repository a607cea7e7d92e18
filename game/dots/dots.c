/* Dots: the smallest whole game, to be read from top to bottom as the tutorial. Everyone is a dot in a
 * square, runs for the coin, and hears who got it. Two halves: tables that say what the world looks like, and
 * calls that say what it does. docs/game-api.md goes through it line by line. */
#include "game/game_api.h"
#include "game/math.h"

enum { DOT, COIN };            /* kinds of rows, in the order of `kinds` below */
enum { TAKEN };                /* records: events, calls, answers */
enum { DOTS_MAX = 64 };        /* one dot for each seat: slot and player are the same number */
static const float REACH = 20; /* a dot takes the coin from this far */

/* Everything that travels is a plain struct of int32_t, float and char[]. */
struct rules {
    float width, speed;
};
struct push {
    int32_t x, y;
};
struct dot {
    float x, y, vx, vy;
    int32_t score, hue;
};
struct coin {
    float x, y;
};
struct taken {
    int32_t by;
};

/* The world: one zeroed block without pointers, which the server keeps. */
struct dots {
    uint64_t dice;
    struct dot dot[DOTS_MAX];
    uint32_t dot_life[DOTS_MAX]; /* 0: nobody sits here */
    struct coin coin;
    uint32_t coin_life, lives; /* lives: the newest life number given */
};

/* ---- What it looks like. A field has a range, and a step: the smallest change worth sending. */
#define PLACE .max = 1000, .step = 0.0625f, .tolerance = 0.25f
#define SPEED .min = -400, .max = 400, .step = 0.5f
static const struct schema_field rules_fields[] = {
    SCHEMA_FIELD(struct rules, width, .min = 100, .max = 1000, .preset = 600),
    SCHEMA_FIELD(struct rules, speed, .min = 10, .max = 400, .preset = 200)};
static const struct schema_field push_fields[] = {SCHEMA_FIELD(struct push, x, .min = -8, .max = 8),
                                                  SCHEMA_FIELD(struct push, y, .min = -8, .max = 8)};
static const struct schema_field dot_fields[] = {
    SCHEMA_FIELD(struct dot, x, PLACE),  SCHEMA_FIELD(struct dot, y, PLACE),
    SCHEMA_FIELD(struct dot, vx, SPEED), SCHEMA_FIELD(struct dot, vy, SPEED),
    SCHEMA_FIELD(struct dot, score),     SCHEMA_FIELD(struct dot, hue, .max = 360, .wraps = true)};
static const struct schema_field coin_fields[] = {SCHEMA_FIELD(struct coin, x, PLACE),
                                                  SCHEMA_FIELD(struct coin, y, PLACE)};
static const struct schema_field taken_fields[] = {SCHEMA_FIELD(struct taken, by, .max = DOTS_MAX - 1)};

/* `linear`: fields 2 and 3 are the speed of fields 0 and 1. Clients then move a dot by themselves, and
 * nothing is sent while it runs straight on. */
static const struct schema_kind kinds[] = {
    [DOT] = {{SCHEMA_RECORD("dot", struct dot, dot_fields)},
             .slots = DOTS_MAX,
             .placed = true,
             .linear = true},
    [COIN] = {{SCHEMA_RECORD("coin", struct coin, coin_fields)}, .slots = 1, .placed = true}};
static const struct schema_record records[] = {
    [TAKEN] = {SCHEMA_RECORD("taken", struct taken, taken_fields), .use = SCHEMA_MAY_DROP}};
const struct schema game_schema = {.name = "dots",
                                   .api = GAME_API,
                                   .version = 1,
                                   .world_size = sizeof(struct dots),
                                   .players_max = DOTS_MAX,
                                   .input = {SCHEMA_RECORD("push", struct push, push_fields)},
                                   .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
                                   .kinds = kinds,
                                   .kind_count = COUNT_OF(kinds),
                                   .records = records,
                                   .record_count = COUNT_OF(records)};

/* ---- What it does. */
static void drop_coin(struct dots *w, const struct rules *rules) {
    w->coin.x = dice_between(&w->dice, 0, rules->width);
    w->coin.y = dice_between(&w->dice, 0, rules->width);
    w->coin_life = ++w->lives; /* a new life: clients see a new coin, not one that slides */
}

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    struct dots *w = world;
    w->dice = dice_seed(seed);
    drop_coin(w, turn->rules);
}

static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    struct dots *w = world;
    const struct rules *rules = turn->rules;
    (void)profile;
    w->dot[who] = (struct dot){.x = rules->width / 2, .y = rules->width / 2, .hue = who * 137 % 360};
    w->dot_life[who] = ++w->lives;
}

static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)turn, (void)why;
    ((struct dots *)world)->dot_life[who] = 0;
}

/* One axis of one input: first the speed, a whole number of its step (what clients are told); then the move
 * by that speed (what clients do themselves). At a wall the speed is 0. */
static void run(float *place, float *speed, int32_t push, const struct rules *rules, float dt) {
    *speed = math_snap((float)push * rules->speed / 8, 0.5f);
    if (*place + *speed * dt < 0 || *place + *speed * dt > rules->width) *speed = 0;
    *place += *speed * dt;
}

static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    struct dot *dot = &((struct dots *)world)->dot[who];
    const struct push *push = input;
    run(&dot->x, &dot->vx, push->x, turn->rules, turn->dt);
    run(&dot->y, &dot->vy, push->y, turn->rules, turn->dt);
}

static void tick(void *world, struct game_turn *turn) {
    struct dots *w = world;
    for (int32_t i = 0; i < DOTS_MAX; i++) {
        if (!w->dot_life[i] || math_length(w->dot[i].x - w->coin.x, w->dot[i].y - w->coin.y) > REACH)
            continue;
        w->dot[i].score++;
        drop_coin(w, turn->rules);
        struct game_note note = {.what = GAME_EVENT, .record = TAKEN, .to = GAME_ALL};
        game_say(turn, note, &(struct taken){.by = i});
    }
}

static void show(const void *world, struct game_view *view) {
    const struct dots *w = world;
    game_show(view, COIN, 0, w->coin_life, &w->coin, GAME_ALL);
    for (uint16_t i = 0; i < DOTS_MAX; i++) {
        if (!w->dot_life[i]) continue;
        game_show(view, DOT, i, w->dot_life[i], &w->dot[i], GAME_ALL);
        view->seats[i] = (struct game_seat){w->dot[i].x,  w->dot[i].y, .radius = 1500,
                                            .owns = true, .kind = DOT, .slot = i};
    }
}

/* A computer's dot runs for the coin, and dawdles now and then. It knows only what is shown. */
static void think(const struct game_view *view, const struct game_turn *turn, game_player who, uint32_t *mind,
                  void *input) {
    const struct dot *dot = game_row(view, DOT, who);
    const struct coin *coin = game_row(view, COIN, 0);
    struct push *push = input;
    *push = (struct push){0};
    if (!dot || !coin || (turn->tick / 16 + mind[0] + who) % 4 == 0) return;
    push->x = math_abs(coin->x - dot->x) < REACH / 2 ? 0 : coin->x > dot->x ? 8 : -8;
    push->y = math_abs(coin->y - dot->y) < REACH / 2 ? 0 : coin->y > dot->y ? 8 : -8;
}

const struct game_calls game_calls = {
    .begin = begin, .join = join, .leave = leave, .input = input, .tick = tick, .show = show, .think = think};
