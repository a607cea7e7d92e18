/* trial_pass: a game's steer and step that keep their rules pass; each rule broken is named. */
#include "server/world/trial.h"
#include "game/math.h"
#include "tests/check.h"

struct thing {
    float x, y, push;
    int32_t heading;
    char name[8];
    int32_t untabled;
};
struct keys {
    float push;
    int32_t heading;
};
struct rules {
    float speed;
};

static enum fault {
    NONE,
    STEP_INTENT,
    STEP_NAME,
    STEP_UNTABLED,
    STEP_UNEVEN,
    STEP_REMEMBERS,
    STEER_PREDICTED,
    STEER_UNTABLED,
    STEER_UNEVEN,
    STEER_REMEMBERS
} fault;
static int32_t remembered;

static void thing_steer(void *row, const void *rules, const void *input, float dt) {
    struct thing *thing = row;
    const struct keys *keys = input;
    (void)rules, (void)dt;
    thing->push = keys->push;
    thing->heading = heading_of(keys->heading + (fault == STEER_REMEMBERS ? ++remembered : 0));
    if (fault == STEER_PREDICTED) thing->y += 1;
    if (fault == STEER_UNTABLED) thing->untabled++;
    if (fault == STEER_UNEVEN) thing->push /= 3;
}
static void thing_step(void *row, const void *rules, float dt) {
    struct thing *thing = row;
    thing->x = math_snap(thing->x + thing->push * ((const struct rules *)rules)->speed * dt, 0.25f);
    if (fault == STEP_INTENT) thing->push *= 0.5f;
    if (fault == STEP_NAME) thing->name[0] = 'a';
    if (fault == STEP_UNTABLED) thing->untabled++;
    if (fault == STEP_UNEVEN) thing->x += 0.1f;
    if (fault == STEP_REMEMBERS) thing->x += (float)++remembered;
}

static const struct schema_field thing_fields[] = {
    SCHEMA_FIELD(struct thing, x, .max = 100, .step = 0.25f, .predicted = true),
    SCHEMA_FIELD(struct thing, y, .step = 0.25f, .predicted = true),
    SCHEMA_FIELD(struct thing, push, .min = -1, .max = 1, .step = 0.125f),
    SCHEMA_FIELD(struct thing, heading, .max = 256, .wraps = true), SCHEMA_FIELD(struct thing, name)};
static const struct schema_field keys_fields[] = {
    SCHEMA_FIELD(struct keys, push, .min = -1, .max = 1, .step = 0.125f),
    SCHEMA_FIELD(struct keys, heading, .max = 256, .wraps = true)};
static const struct schema_field rules_fields[] = {
    SCHEMA_FIELD(struct rules, speed, .max = 100, .preset = 33)};
static struct schema_kind kinds[] = {{{SCHEMA_RECORD("thing", struct thing, thing_fields)},
                                      .slots = 4,
                                      .placed = true,
                                      .step = thing_step,
                                      .exact = true,
                                      .steer = thing_steer}};
static const struct schema schema = {.name = "things",
                                     .world_size = 1,
                                     .players_max = 4,
                                     .input = {SCHEMA_RECORD("keys", struct keys, keys_fields)},
                                     .rules = {SCHEMA_RECORD("rules", struct rules, rules_fields)},
                                     .kinds = kinds,
                                     .kind_count = COUNT_OF(kinds)};

static char why[160];

static bool refused(enum fault with, const char *words) {
    fault = with;
    bool good = !trial_pass(&schema, why, sizeof why) && !strcmp(why, words);
    if (!good) printf("# it said: %s\n", why);
    fault = NONE;
    return good;
}

static void who_keeps_the_rules_passes(void) {
    EXPECT(schema_check(&schema, why, sizeof why));
    EXPECT(trial_pass(&schema, why, sizeof why));
}

static void a_step_that_breaks_them_is_named(void) {
    EXPECT(refused(STEP_INTENT, "thing.push: step changes it, but it is not predicted"));
    EXPECT(refused(STEP_NAME, "thing.name: step changes it, but it is not predicted"));
    EXPECT(
        refused(STEP_UNTABLED, "thing: step changes what has no field in the table: clients have it as 0"));
    EXPECT(refused(STEP_UNEVEN, "thing.x: step leaves it between two steps, but the kind is exact"));
    EXPECT(refused(STEP_REMEMBERS, "thing: step gives two results for one row: it has to be pure"));
}

static void a_steer_that_breaks_them_is_named(void) {
    EXPECT(refused(STEER_PREDICTED, "thing.y: steer changes it, but it is predicted: that is for step"));
    EXPECT(
        refused(STEER_UNTABLED, "thing: steer changes what has no field in the table: clients have it as 0"));
    EXPECT(refused(STEER_UNEVEN, "thing.push: steer leaves it between two steps: math_snap"));
    EXPECT(refused(STEER_REMEMBERS, "thing: steer gives two results for one row: it has to be pure"));
}

static void only_exact_kinds_end_whole(void) {
    kinds[0].exact = false;
    fault = STEP_UNEVEN;
    EXPECT(trial_pass(&schema, why, sizeof why));
    fault = NONE;
    kinds[0].exact = true;
}

int main(void) {
    RUN(who_keeps_the_rules_passes);
    RUN(a_step_that_breaks_them_is_named);
    RUN(a_steer_that_breaks_them_is_named);
    RUN(only_exact_kinds_end_whole);
    return check_done();
}
