/* Players over a bad way: 64 pilots fly the arena's ships through a real room, session and broadcaster, by
 * inputs that arrive late and uneven, and frames that do (flight.h). Nothing else is in their world
 * (fleet.h), so that whatever the server says of a pilot's ship must be what the pilot predicted, bit for
 * bit, if its inputs were in time; and if they were not, no more than one correction for each that was late.
 * Where they see one another, each is drawn near to where it was at the time that is shown, without leaps,
 * and exactly there once no news of it has come for as long as easing takes. */
#include "game/arena/rows.h"
#include "tests/check.h"
#include "tests/dice.h"
#include "tests/property/flight.h"
#include <inttypes.h>

enum {
    TICK_US = FLEET_TICK_MS * 1000,
    STEP_US = 2000,   /* how finely time passes between two ticks */
    WAY_MOST = 5,     /* units that a ship flies from picture to picture, and a little */
    WARM_TICKS = 200, /* until clocks and paces have settled */
    TICKS = 1500,
    CALM_TICKS = 40, /* after which the last gust has been heard of */
    LOOK_TICKS = 600,
    OFF_MOST = 100,      /* units: news may wait for 0.2 s where a link is taken for slow */
    OTHERS_WAY_MOST = 8, /* as WAY_MOST, and an eighth of what is eased */
    EASED_TICKS = 40,    /* half a turn towards an aim, news of its end, and easing */
};

struct flight flight;

static uint64_t test_seed;

/* ---- Flights. */

struct sums {
    float own_way, ago_ticks; /* the longest from picture to picture; how old was what pilots saw, mean */
    uint64_t made, mispredicted, corrections, missed, hashes, hashes_wrong;
};

static struct sums sums_now(void) {
    struct sums sums = {.ago_ticks = (float)(fleet.ago_sum / fleet.ago_count)};
    for (int i = 0; i < FLEET_SHIPS; i++) {
        const struct flier *flier = &flight.fliers[i];
        sums.made += flier->own.made;
        sums.mispredicted += flier->own.mispredicted;
        sums.corrections += flier->own.corrections;
        sums.missed += flier_missed(flier);
        sums.hashes += flier->rig.client.hashes;
        sums.hashes_wrong += flier->rig.client.hashes_wrong;
        sums.own_way = flight_larger(sums.own_way, flier->picture.own_way);
    }
    return sums;
}

static void turn_all(void) {
    for (uint32_t passed = 0; passed < TICK_US; passed += STEP_US) {
        flight.now_us += STEP_US;
        for (int i = 0; i < FLEET_SHIPS; i++) flier_turn(&flight.fliers[i]);
    }
    flight.rig->now_us = flight.now_us - 1000000 / flight.rig->config.rate;
    rig_turn(flight.rig);
    picture_compare_all();
    for (int i = 0; i < FLEET_SHIPS; i++) flier_write(&flight.fliers[i]);
    broadcaster_end(flight.rig->broadcaster);
}

static void fly(uint32_t ticks) {
    for (uint32_t i = 0; i < ticks; i++) turn_all();
}

/* All come, and fly until they are used to it. */
static void take_off(const struct schema *schema, struct weather weather, uint64_t seed) {
    flight.rig = rig_create(schema, &fleet_calls, seed);
    flight.weather = weather;
    flight.dice = dice_seed(seed);
    flight.still = false;
    flight.now_us = flight.rig->now_us;
    picture_forget_all();
    for (int i = 0; i < FLEET_SHIPS; i++)
        flier_begin(&flight.fliers[i], (double)dice_below(&flight.dice, 100000));
    fly(WARM_TICKS);
}

static struct sums land(const struct sums *settled) {
    struct sums sums = sums_now();
    for (int i = 0; i < FLEET_SHIPS; i++) {
        EXPECT_EQ(flight.fliers[i].rig.client.state, CLIENT_PLAYING);
        flier_finish(&flight.fliers[i]);
    }
    rig_destroy(flight.rig);
    printf("# delay %u ms, jitter %u ms, stalls %u ms: %" PRIu64 " inputs, %" PRIu64 " mispredicted, %" PRIu64
           " corrections, %" PRIu64 " missed (%" PRIu64 " of %" PRIu64
           " once settled), %.1f units at most from "
           "picture to picture, seen %.1f ticks ago\n",
           flight.weather.delay_us / 1000, flight.weather.jitter_us / 1000, flight.weather.stall_us / 1000,
           sums.made, sums.mispredicted, sums.corrections, sums.missed, sums.missed - settled->missed,
           sums.made - settled->made, (double)sums.own_way, (double)sums.ago_ticks);
    EXPECT_EQ(sums.hashes_wrong, 0);
    return sums;
}

/* ---- The own ship. The tables are the arena's, all but its world. */

static void in_free_flight_nothing_is_mispredicted(void) {
    static const struct weather weathers[] = {
        {0, 0, 0}, {100000, 20000, 0}, {30000, 20000, 0}, {100000, 40000, 400000}, {5000, 60000, 150000}};
    struct schema schema = fleet_schema();
    for (size_t i = 0; i < COUNT_OF(weathers); i++) {
        take_off(&schema, weathers[i], test_seed + i);
        struct sums settled = sums_now();
        fly(TICKS - WARM_TICKS);
        struct sums sums = land(&settled);
        EXPECT_EQ(sums.mispredicted, 0);
        EXPECT(sums.made > FLEET_SHIPS * (TICKS - 50));
        EXPECT(sums.hashes > FLEET_SHIPS * 10);
        if (weathers[i].stall_us > 0) continue;
        EXPECT(sums.own_way < WAY_MOST);
        float way_ticks = (float)(2 * weathers[i].delay_us + weathers[i].jitter_us) / TICK_US;
        EXPECT(sums.ago_ticks > way_ticks - 0.5f && sums.ago_ticks < way_ticks + 1.5f);
        EXPECT((sums.missed - settled.missed) * 1000 <= sums.made - settled.made);
    }
}

static void gusts_are_corrections_and_soon_forgotten(void) {
    struct schema schema = fleet_schema();
    fleet.winds = true;
    take_off(&schema, (struct weather){50000, 20000, 0}, test_seed);
    struct sums settled = sums_now();
    fly(TICKS - WARM_TICKS);
    fleet.winds = false;
    fly(CALM_TICKS);
    uint64_t gusts = sums_now().mispredicted;
    fly(CALM_TICKS);
    EXPECT_EQ(sums_now().mispredicted, gusts);
    struct sums sums = land(&settled);
    EXPECT(sums.mispredicted > 0 && sums.mispredicted <= sums.made / 30);
    EXPECT(sums.own_way < 6 * WAY_MOST); /* it leaps by up to 80 units: eased over eight pictures */
}

/* ---- The others. */

/* How they were drawn since the last time this was asked. */
static struct view view_since(void) {
    struct view sum = {0};
    for (int i = 0; i < LOOKERS; i++) {
        struct view *view = &flight.fliers[i].picture.others;
        sum.way = flight_larger(sum.way, view->way);
        sum.off = flight_larger(sum.off, view->off);
        sum.compared += view->compared;
        sum.near += view->near;
        *view = (struct view){0};
    }
    return sum;
}

static struct view view_of(uint32_t ticks) {
    view_since();
    fly(ticks);
    return view_since();
}

static void others_are_drawn_where_they_are(void) {
    static const struct weather weathers[] = {
        {0, 0, 0}, {30000, 20000, 0}, {100000, 20000, 0}, {5000, 40000, 0}};
    struct schema schema = fleet_schema();
    fleet.crowded = true;
    for (size_t i = 0; i < COUNT_OF(weathers); i++) {
        take_off(&schema, weathers[i], test_seed + i);
        struct sums settled = sums_now();
        struct view flying = view_of(LOOK_TICKS);
        flight.still = true; /* they go on turning and thrusting as they did: there is no news of them */
        fly(EASED_TICKS);
        struct view still = view_of(CALM_TICKS);
        printf("# others, %u + 0 to %u ms: drawn %.1f units off at most, %" PRIu64 " of %" PRIu64
               " by less than %d; %.1f from picture to picture; %.3f off without news\n",
               weathers[i].delay_us / 1000, weathers[i].jitter_us / 1000, (double)flying.off, flying.near,
               flying.compared, OFF_SELDOM, (double)flying.way, (double)still.off);
        EXPECT(flying.compared > LOOKERS * LOOK_TICKS * (FLEET_SHIPS / 2) && still.compared > 0);
        EXPECT(flying.off < OFF_MOST && (flying.compared - flying.near) * 500 <= flying.compared);
        EXPECT(flying.way < OTHERS_WAY_MOST);
        EXPECT(still.off < PLACE_STEP && still.way < OTHERS_WAY_MOST);
        land(&settled);
    }
    fleet.crowded = false;
}

int main(void) {
    test_seed = dice_of_test();
    RUN(in_free_flight_nothing_is_mispredicted);
    RUN(gusts_are_corrections_and_soon_forgotten);
    RUN(others_are_drawn_where_they_are);
    return check_done();
}
