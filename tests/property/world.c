#include "tests/property/world.h"
#include "tests/dice.h"
#include <string.h>

enum { SHIP, DRONE, SIGN, SECRET, KINDS };
enum { TEXT_BYTES = 60 };

/* One struct for all kinds; each kind's table shows a part of it. */
struct thing {
    float x, y, vx, vy;
    int32_t count, heading;
    float level;
    char text[TEXT_BYTES];
};
struct news {
    int32_t serial;
    char text[TEXT_BYTES];
};
struct push {
    int32_t x;
};
struct nothing {
    int32_t unused;
};

struct world {
    uint64_t dice;
    uint32_t lives, life[WORLD_THINGS_MAX];
    struct game_to to[WORLD_THINGS_MAX];
    struct thing thing[WORLD_THINGS_MAX];
    uint64_t groups[WORLD_SEATS];
    int32_t pushed[WORLD_SEATS];
};

struct how how;
int32_t world_news_to[WORLD_NEWS_MAX], world_news_count;

/* ---- Tables. */

static struct schema_field ship_fields[8], drone_fields[4], sign_fields[3], secret_fields[6];
struct schema_kind world_kinds[KINDS];
static const struct schema_field push_fields[] = {SCHEMA_FIELD(struct push, x, .min = -8, .max = 8)};
static const struct schema_field rules_fields[] = {SCHEMA_FIELD(struct nothing, unused)};
static const struct schema_field news_fields[] = {SCHEMA_FIELD(struct news, serial),
                                                  SCHEMA_FIELD(struct news, text)};
static const struct schema_record records[WORLD_RECORDS] = {
    [WORLD_NEWS] = {SCHEMA_RECORD("news", struct news, news_fields), .use = SCHEMA_MUST_ARRIVE},
    [WORLD_RUMOUR] = {SCHEMA_RECORD("rumour", struct news, news_fields), .use = SCHEMA_MAY_DROP}};
const struct schema world_schema = {.name = "worlds",
                                    .api = GAME_API,
                                    .version = 3,
                                    .world_size = sizeof(struct world),
                                    .players_max = WORLD_SEATS,
                                    .input = {SCHEMA_RECORD("push", struct push, push_fields)},
                                    .rules = {SCHEMA_RECORD("rules", struct nothing, rules_fields)},
                                    .kinds = world_kinds,
                                    .kind_count = KINDS,
                                    .records = records,
                                    .record_count = WORLD_RECORDS};

static struct schema_field place(size_t offset, const char *name, bool wraps) {
    struct schema_field field = SCHEMA_FIELD(struct thing, x, .max = how.width);
    if (!how.round) field.min = dice_once_in(&how.dice, 2) ? -how.width : 0;
    field.wraps = wraps || how.round;
    field.predicted = true;
    field.step = how.step;
    field.tolerance = how.step * (float)dice_within(&how.dice, 1, 6);
    field.offset = (uint16_t)offset;
    field.name = name;
    return field;
}
static struct schema_field speed(size_t offset, const char *name) {
    struct schema_field field = SCHEMA_FIELD(struct thing, vx, .min = -100, .max = 100, .step = 0.5f);
    field.tolerance = dice_once_in(&how.dice, 2) ? 0 : 1.5f;
    field.offset = (uint16_t)offset;
    field.name = name;
    return field;
}

static void move_fields(struct schema_field *into, bool wraps) {
    into[0] = place(offsetof(struct thing, x), "x", wraps);
    into[1] = place(offsetof(struct thing, y), "y", wraps);
    into[2] = speed(offsetof(struct thing, vx), "vx");
    into[3] = speed(offsetof(struct thing, vy), "vy");
}

static struct schema_kind kind_of(const char *name, struct schema_field *fields, uint16_t count,
                                  uint16_t slots, bool linear) {
    struct schema_record row = {
        .name = name, .fields = fields, .field_count = count, .size = sizeof(struct thing)};
    return (struct schema_kind){.row = row, .slots = slots, .placed = linear, .linear = linear};
}

static void move(struct thing *thing, const struct schema_kind *kind, float dt) {
    float *places[] = {&thing->x, &thing->y}, speeds[] = {thing->vx, thing->vy};
    if (!kind->linear) return;
    for (int axis = 0; axis < 2; axis++) {
        const struct schema_field *field = &kind->row.fields[axis];
        float next = *places[axis] + speeds[axis] * dt;
        if (field->wraps)
            *places[axis] = field->min + math_wrap(next - field->min, field->max - field->min);
        else
            *places[axis] = math_clamp(next, field->min, field->max);
    }
}

/* What a ship does by itself in worlds where it has a predictor of its own. */
static void ship_step(void *row, const void *rules, float dt) {
    struct thing *thing = row;
    (void)rules;
    thing->heading += thing->vx > 0 ? 2 : -3;
    thing->level = thing->level == thing->level ? math_clamp(thing->level, -2, 2) * 0.97f : 0;
    thing->x += thing->level * dt;
    move(thing, &world_kinds[SHIP], dt);
}

static void roll_nature(uint64_t seed) {
    static const float steps[] = {0.0625f, 0.125f, 0.25f, 1, 2};
    how = (struct how){.dice = dice_seed(seed)};
    how.step = steps[dice_below(&how.dice, COUNT_OF(steps))];
    how.width = how.step * (float)dice_within(&how.dice, 20, 4000);
    how.speed = dice_once_in(&how.dice, 3) ? 100 : 12;
    how.calm = (uint32_t)dice_within(&how.dice, 4, 60);
    how.round = dice_once_in(&how.dice, 3);
    how.stepped = dice_once_in(&how.dice, 2);
    how.radius = dice_once_in(&how.dice, 2) ? 0 : how.width * dice_between(&how.dice, 0.05f, 0.6f);
    how.budget = !dice_once_in(&how.dice, 3) ? 0 : (uint32_t)dice_within(&how.dice, 300, 6000);
}

static void make_fields(void) {
    typedef struct schema_field field;
    move_fields(ship_fields, true);
    ship_fields[4] = (field)SCHEMA_FIELD(struct thing, count, .min = 0, .max = 100);
    ship_fields[5] = (field)SCHEMA_FIELD(struct thing, heading, .max = 256, .wraps = true, .tolerance = 3,
                                         .predicted = true);
    ship_fields[6] = (field)SCHEMA_FIELD(struct thing, text);
    ship_fields[7] = (field)SCHEMA_FIELD(struct thing, level, .min = -2, .max = 2, .step = 0.01f,
                                         .tolerance = 0.03f, .predicted = true, .inner = true);
    move_fields(drone_fields, false);
    sign_fields[0] = (field)SCHEMA_FIELD(struct thing, text);
    sign_fields[1] = (field)SCHEMA_FIELD(struct thing, count);
    sign_fields[2] = (field)SCHEMA_FIELD(struct thing, level, .step = 0.3f);
    move_fields(secret_fields, dice_once_in(&how.dice, 2));
    secret_fields[4] = (field)SCHEMA_FIELD(struct thing, level, .min = -1, .max = 1, .step = 0.01f);
    secret_fields[5] = (field)SCHEMA_FIELD(struct thing, text);
}

/* Nothing is predicted where there is no step. */
static void predict(const struct schema_kind *kind, struct schema_field *fields) {
    for (uint16_t i = 0; !kind->step && i < kind->row.field_count; i++) fields[i].predicted = false;
}

void world_make(uint64_t seed, uint16_t slots, uint16_t signs) {
    world_news_count = 0;
    roll_nature(seed);
    make_fields();
    world_kinds[SHIP] = kind_of("ship", ship_fields, COUNT_OF(ship_fields), slots, true);
    if (how.stepped) world_kinds[SHIP].step = ship_step;
    world_kinds[DRONE] = kind_of("drone", drone_fields, COUNT_OF(drone_fields), slots, true);
    world_kinds[SIGN] = kind_of("sign", sign_fields, COUNT_OF(sign_fields), signs, false);
    world_kinds[SECRET] = kind_of("secret", secret_fields, COUNT_OF(secret_fields), slots, true);
    predict(&world_kinds[SHIP], ship_fields);
    predict(&world_kinds[DRONE], drone_fields);
    predict(&world_kinds[SECRET], secret_fields);
}

/* ---- The game. */

static void write_text(uint64_t *dice, char text[TEXT_BYTES]) {
    static const char *const letters[] = {"a", "Z", " ", "é", "ß", "€", "語", "🚀", "\xff"};
    size_t length = 0;
    memset(text, 0, TEXT_BYTES);
    for (uint32_t left = dice_below(dice, TEXT_BYTES); left; left--) {
        const char *letter = letters[dice_below(dice, dice_once_in(dice, 50) ? 9 : 8)];
        if (length + strlen(letter) > TEXT_BYTES) return;
        memcpy(text + length, letter, strlen(letter));
        length += strlen(letter);
    }
}

static struct game_to random_to(uint64_t *dice, bool secret) {
    uint32_t roll = dice_below(dice, 4);
    if (roll == 0 || (secret && roll < 2)) return GAME_ONE(dice_below(dice, WORLD_SEATS));
    if (secret || roll == 1) return GAME_GROUP(dice_below(dice, 4));
    return GAME_ALL;
}

static void begin_thing(struct world *w, uint32_t i, bool secret) {
    uint64_t *dice = &w->dice;
    struct thing *thing = &w->thing[i];
    thing->x = dice_between(dice, -how.width, how.width);
    thing->y = dice_between(dice, -how.width, how.width);
    thing->vx = math_snap(dice_between(dice, -how.speed, how.speed), 0.5f);
    thing->vy = math_snap(dice_between(dice, -how.speed, how.speed), 0.5f);
    thing->count = (int32_t)dice_within(dice, INT32_MIN, INT32_MAX);
    thing->level = dice_between(dice, -2, 2);
    write_text(dice, thing->text);
    w->life[i] = ++w->lives;
    w->to[i] = random_to(dice, secret);
}

/* One of the things that may happen to a living row. */
static void disturb(struct world *w, uint32_t i, bool secret) {
    uint64_t *dice = &w->dice;
    struct thing *thing = &w->thing[i];
    switch (dice_below(dice, 12)) {
    case 0:
        w->life[i] = 0;
        break;
    case 1:
        begin_thing(w, i, secret);
        break;
    case 2: /* a jump that its game forgot to call one */
        thing->x = dice_between(dice, -how.width, how.width);
        break;
    case 3:
        w->to[i] = random_to(dice, secret);
        break;
    case 4:
        write_text(dice, thing->text);
        break;
    case 5:
        thing->count = (int32_t)dice_within(dice, INT32_MIN, INT32_MAX);
        break;
    case 6:
        thing->level = dice_once_in(dice, 9) ? __builtin_nanf("") : dice_between(dice, -2, 2);
        break;
    case 7:
        thing->heading += (int32_t)dice_within(dice, -300, 300);
        break;
    case 8: /* a change that its tolerance may hide */
        thing->vx += 0.5f;
        thing->heading++;
        break;
    case 9:
        thing->x += how.step * dice_between(dice, -2, 2);
        break;
    default:
        thing->vx = dice_between(dice, -how.speed, how.speed);
        thing->vy = math_snap(dice_between(dice, -how.speed, how.speed), 0.5f);
    }
}

static void begin(void *world, struct game_turn *turn, uint64_t seed) {
    (void)turn;
    ((struct world *)world)->dice = dice_seed(seed);
}
static void join(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile) {
    struct world *w = world;
    (void)turn, (void)profile;
    w->groups[who] = dice_next(&w->dice) & 15;
}
static void leave(void *world, struct game_turn *turn, game_player who, enum game_reason why) {
    (void)turn, (void)why;
    ((struct world *)world)->groups[who] = 0;
}
static void input(void *world, struct game_turn *turn, game_player who, const void *input) {
    (void)turn;
    ((struct world *)world)->pushed[who] += ((const struct push *)input)->x;
}

static void tell(struct world *w, struct game_turn *turn) {
    struct news news = {.serial = world_news_count};
    bool must = dice_once_in(&w->dice, 2);
    struct game_to to = dice_once_in(&w->dice, 2) ? GAME_ALL : GAME_ONE(dice_below(&w->dice, WORLD_SEATS));
    write_text(&w->dice, news.text);
    struct game_note note = {GAME_EVENT, .record = must ? WORLD_NEWS : WORLD_RUMOUR, .to = to};
    if (game_say(turn, note, &news) && must)
        world_news_to[world_news_count++] = to.whom == GAME_TO_ALL ? WORLD_EVERYBODY : to.id;
}

static void freeze(struct world *w) {
    for (uint32_t i = 0; i < WORLD_THINGS_MAX; i++) w->thing[i].vx = w->thing[i].vy = 0;
}

static void tick(void *world, struct game_turn *turn) {
    struct world *w = world;
    uint32_t i = 0;
    if (how.frozen) {
        freeze(w);
        return;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        for (uint32_t slot = 0; slot < world_kinds[kind].slots; slot++, i++) {
            bool happens = !how.quiet && dice_once_in(&w->dice, how.calm);
            if (w->life[i] && world_kinds[kind].step)
                world_kinds[kind].step(&w->thing[i], turn->rules, turn->dt);
            else if (w->life[i])
                move(&w->thing[i], &world_kinds[kind], turn->dt);
            if (!happens) continue;
            if (w->life[i])
                disturb(w, i, kind == SECRET);
            else
                begin_thing(w, i, kind == SECRET);
        }
    }
    while (!how.quiet && world_news_count < WORLD_NEWS_MAX - 8 && dice_once_in(&w->dice, 4)) tell(w, turn);
    if (!how.quiet && dice_once_in(&w->dice, 20))
        w->groups[dice_below(&w->dice, WORLD_SEATS)] ^= 1u << dice_below(&w->dice, 4);
}

static void show(const void *world, struct game_view *view) {
    const struct world *w = world;
    uint32_t i = 0;
    for (uint8_t kind = 0; kind < KINDS; kind++)
        for (uint16_t slot = 0; slot < world_kinds[kind].slots; slot++, i++)
            if (w->life[i]) game_show(view, kind, slot, w->life[i], &w->thing[i], w->to[i]);
    for (uint32_t seat = 0; seat < WORLD_SEATS; seat++)
        view->seats[seat] = (struct game_seat){
            .x = w->thing[seat].x, .y = w->thing[seat].y, .radius = how.radius, .groups = w->groups[seat]};
}
const struct game_calls world_calls = {begin, join, leave, input, .tick = tick, .show = show};
