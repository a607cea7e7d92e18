/* What a room has shown lately: how far it reaches back, and that it tells one thing from another. */
#include "server/world/past.h"
#include "tests/check.h"

enum { SLOTS = 3, RATE = 20, REACH = 4 };

struct thing {
    int32_t where;
};
static const struct schema_field fields[] = {SCHEMA_FIELD(struct thing, where)};
static const struct schema_kind kinds[] = {
    {{SCHEMA_RECORD("plain", struct thing, fields)}, .slots = SLOTS},
    {{SCHEMA_RECORD("kept", struct thing, fields)}, .slots = SLOTS, .remembered = true}};
static const struct schema schema = {.name = "things", .kinds = kinds, .kind_count = 2, .past_ms = 200};

static const uint32_t used[2] = {SLOTS, SLOTS};
static struct past past;
static struct game_turn turn;
static struct thing rows[2][SLOTS];
static uint32_t lives[2][SLOTS];
static struct game_rows of[2] = {
    {.rows = (uint8_t *)rows[0], .life = lives[0], .slots = SLOTS, .size = sizeof(struct thing)},
    {.rows = (uint8_t *)rows[1], .life = lives[1], .slots = SLOTS, .size = sizeof(struct thing)}};

/* A tick in which slot 1 of both kinds is shown at its number; 0: not shown. */
static void show(uint32_t life) {
    for (int kind = 0; kind < 2; kind++) {
        rows[kind][1].where = (int32_t)++turn.tick;
        lives[kind][1] = life;
        if (kind == 0) turn.tick--;
    }
    past_take(&past, &(struct game_view){.kinds = of}, used);
    turn.past = past.views;
    turn.past_count = past.known;
}

static int32_t seen(uint32_t ago) { /* −1: nothing */
    const struct thing *thing = game_past(&turn, 1, 1, 7, ago);
    return thing ? thing->where : -1;
}

static void begin(void) {
    turn = (struct game_turn){.schema = &schema};
    EXPECT(past_init(&past, &schema, RATE));
    EXPECT_EQ(past_reach(&past), REACH);
}

static void it_reaches_back_as_far_as_the_game_asks(void) {
    begin();
    EXPECT_EQ(seen(1), -1);
    for (int i = 0; i < 10; i++) show(7);
    for (uint32_t ago = 1; ago <= REACH; ago++) EXPECT_EQ(seen(ago), 11 - (int32_t)ago);
    EXPECT_EQ(seen(0), -1);
    EXPECT_EQ(seen(REACH + 1), -1);
    past_finish(&past);
}

static void another_life_is_another_thing(void) {
    begin();
    show(6), show(0), show(7);
    EXPECT_EQ(seen(1), 3);
    EXPECT_EQ(seen(2), -1);
    EXPECT_EQ(seen(3), -1);
    past_finish(&past);
}

static void a_game_that_does_not_look_back_keeps_nothing(void) {
    struct schema blind = schema;
    blind.past_ms = 0;
    EXPECT(past_init(&past, &blind, RATE));
    past_take(&past, &(struct game_view){.kinds = of}, used);
    EXPECT_EQ(past.known, 0);
    past_finish(&past);
}

int main(void) {
    RUN(it_reaches_back_as_far_as_the_game_asks);
    RUN(another_life_is_another_thing);
    RUN(a_game_that_does_not_look_back_keeps_nothing);
    return check_done();
}
