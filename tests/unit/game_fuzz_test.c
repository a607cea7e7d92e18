/* Any game under a storm: random rules, tick rates, joins, leaves, calls and inputs in any order. Nothing may
 * crash (run it under ASan and UBSan), and every row shown lies in its range: built with GAME_STRICT, the
 * game stops where it shows one that does not. Also: the schema passes its check, and a copied world goes on
 * like the one it was copied from. Built with one game at a time. */
#include "tests/check.h"
#include "tests/unit/game_host.h"

enum { WORLDS = 40, TICKS = 250 };

static void the_schema_passes(void) {
    char why[160];
    EXPECT(schema_check(&game_schema, why, sizeof(why)));
    EXPECT_EQ(game_schema.api, GAME_API);
}

static bool in_range(const struct schema_field *f, const uint8_t *row) {
    if (f->type == SCHEMA_TEXT) return memchr(row + f->offset, 0, f->size) != NULL;
    float v = game_value(f, row);
    bool any = f->min == 0 && f->max == 0;
    return v - v == 0 && (any || (v >= f->min && (f->wraps ? v < f->max : v <= f->max)));
}

/* Nobody looks from an empty seat. */
static void look(const struct host *host) {
    for (uint16_t i = 0; i < game_schema.players_max; i++)
        EXPECT(host->seated[i] || !(host->view.seats[i].radius > 0));
}

static void storm_tick(struct host *host) {
    uint32_t seats = game_schema.players_max;
    host->turn.tick++;
    for (uint32_t i = dice_below(&host->dice, 12); i > 0; i--) {
        game_player who = (game_player)dice_below(&host->dice, seats);
        if (!host->seated[who])
            host_join(host, who, dice_below(&host->dice, 2));
        else if (dice_below(&host->dice, 3) == 0)
            host_leave(host, who);
        else
            host_call(host, who);
    }
    for (uint32_t i = 0; i < seats; i++) {
        if (!host->seated[i]) continue;
        game_player who = (game_player)i;
        uint32_t roll = dice_below(&host->dice, 8);
        if (roll == 0) host_random(host, &game_schema.input, host->input[i]);
        if (roll > 4) host_think(host, who);
        for (uint16_t f = 0; f < game_schema.input.field_count; f++)
            EXPECT(in_range(&game_schema.input.fields[f], host->input[i]));
        for (uint32_t times = roll == 1 ? LIMIT_INPUTS : 1; times > 0; times--)
            game_calls.input(host->world, &host->turn, who, host->input[i]);
    }
    game_calls.tick(host->world, &host->turn);
    host_show(host);
}

static void storms_are_weathered(void) {
    static const float rates[] = {1, 10, 20, 60, 128};
    for (uint32_t world = 0; world < WORLDS; world++) {
        struct host *host = host_create(1.0f / rates[world % COUNT_OF(rates)], world);
        if (world % 4) host_random(host, &game_schema.rules, host->rules);
        if (world % 3 == 0) host->turn.note_max = 3; /* notes may run out */
        game_calls.begin(host->world, &host->turn, world);
        for (uint32_t i = 0; i < TICKS; i++) {
            storm_tick(host);
            if (i % 8 == 0) look(host);
            host_forget_notes(host);
        }
        host_destroy(host);
    }
}

/* Rules at either end of their ranges. */
static void extreme_rules_are_weathered(void) {
    for (uint32_t side = 0; side < 2; side++) {
        struct host *host = host_create(0.05f, 9);
        for (uint16_t i = 0; i < game_schema.rules.field_count; i++) {
            const struct schema_field *f = &game_schema.rules.fields[i];
            host_write(host->rules, f, side ? f->max : f->min);
        }
        game_calls.begin(host->world, &host->turn, 9);
        for (uint32_t i = 0; i < game_schema.players_max; i++) host_join(host, (game_player)i, true);
        for (uint32_t i = 0; i < TICKS; i++) {
            storm_tick(host);
            look(host);
            host_forget_notes(host);
        }
        host_destroy(host);
    }
}

static void copies_go_on_alike(void) {
    struct host *one = host_create(0.05f, 11), *two = host_create(0.05f, 11);
    game_calls.begin(one->world, &one->turn, 4);
    for (uint32_t i = 0; i < TICKS; i++) storm_tick(one), host_forget_notes(one);
    memcpy(two->world, one->world, game_schema.world_size);
    memcpy(two->seated, one->seated, sizeof(two->seated));
    memcpy(two->mind, one->mind, sizeof(two->mind));
    memcpy(two->input, one->input, sizeof(two->input));
    two->dice = one->dice, two->accounts = one->accounts, two->turn.tick = one->turn.tick;
    host_show(two);
    for (uint32_t i = 0; i < TICKS; i++) {
        storm_tick(one), host_forget_notes(one);
        storm_tick(two), host_forget_notes(two);
    }
    EXPECT(memcmp(one->world, two->world, game_schema.world_size) == 0);
    host_destroy(one);
    host_destroy(two);
}

int main(void) {
    RUN(the_schema_passes);
    RUN(storms_are_weathered);
    RUN(extreme_rules_are_weathered);
    RUN(copies_go_on_alike);
    return check_done();
}
