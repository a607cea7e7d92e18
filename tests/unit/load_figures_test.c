/* What the bots count: histograms within their error, what a player feels (the age of its state, gaps, how
 * soon its inputs show), complaints, and whether a run went well. */
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/chair.h"
#include <string.h>

/* ---- Histograms. */

static void percentiles_are_near(void) {
    static struct histogram histogram;
    for (uint64_t value = 1; value <= 100000; value++) histogram_add(&histogram, value);
    for (int i = 1; i <= 99; i++) {
        double wanted = 1000.0 * i, got = (double)histogram_at(&histogram, i / 100.0);
        EXPECT(got > wanted * 0.96 && got < wanted * 1.04);
    }
    EXPECT_EQ(histogram.max, 100000);
    histogram_add(&histogram, UINT64_MAX);
    EXPECT_EQ(histogram.count, 100001);
    EXPECT_EQ(histogram_at(&(struct histogram){0}, 0.5), 0);
}

/* The one slow among few is beyond what 99 % of them lie at. */
static void few_values_hide_none(void) {
    static const uint64_t counts[] = {1, 2, 10, 60, 99};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct histogram histogram = {0};
        histogram_add_many(&histogram, 10, counts[i]);
        EXPECT_EQ(histogram_at(&histogram, 0.99), 10);
        histogram_add(&histogram, 5000000);
        EXPECT_EQ(histogram_at(&histogram, 0.99), counts[i] < 99 ? histogram.max : 10);
    }
}

static void a_ramp_is_seen_on_schedule(void) {
    static struct histogram histogram, more;
    histogram_add_many(&histogram, 0, 900);
    histogram_add_ramp(&histogram, 1000, 100000, 1000);
    EXPECT_EQ(histogram.count, 1000);
    EXPECT_EQ(histogram.max, 100000);
    EXPECT_EQ(histogram_at(&histogram, 0.5), 0);
    double p99 = (double)histogram_at(&histogram, 0.99);
    EXPECT(p99 > 86000 && p99 < 94000);
    histogram_merge(&more, &histogram);
    histogram_merge(&more, &histogram);
    EXPECT_EQ(more.count, 2000);
    EXPECT_EQ(histogram_at(&more, 0.99), histogram_at(&histogram, 0.99));
}

/* ---- What is felt. */

enum { TICK_US = 50000 };

static struct figures figures;
static struct rooms rooms;

/* A player in a room of 20 ticks a second, of which tick 100 was published at second 10. */
static struct chair sit_down(uint32_t instance) {
    struct chair chair = {.room = rooms_get(&rooms, instance, 100, 20, 10000000)};
    memset(&figures, 0, sizeof figures);
    figures_begin(&figures);
    chair_begin(&chair, 10000000);
    return chair;
}

static void frame(struct chair *chair, uint32_t base, uint32_t tick, uint32_t late, bool says, uint64_t at_us,
                  uint32_t used) {
    struct chair_frame came = {base, tick, late, says, used, tick, at_us, at_us};
    chair_frame(chair, &figures, &came);
}

static void who_has_everything_feels_no_age(void) {
    struct chair chair = sit_down(1);
    for (uint32_t i = 1; i <= 100; i++) frame(&chair, 99 + i, 100 + i, 0, true, 10000000 + i * TICK_US, 0);
    EXPECT_EQ(figures.second[TIME_AGE].count, 5000);
    EXPECT_EQ(figures.second[TIME_AGE].max, 0);
    EXPECT_EQ(figures.second[TIME_GAP].count, 99);
    EXPECT_EQ(figures.now.missed_ticks, 0);
}

static void a_stall_is_felt_as_long_as_it_lasts(void) {
    struct chair chair = sit_down(2);
    for (uint32_t i = 1; i <= 40; i++)
        rooms_saw(chair.room, 100 + i, 10000000 + i * TICK_US); /* by another */
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    frame(&chair, 101, 141, 39, true, 12050000, 0); /* 2 s later, with all that happened */
    const struct histogram *age = &figures.second[TIME_AGE];
    EXPECT_EQ(age->count, 2050);
    EXPECT(age->max >= 1940000 && age->max <= 1951000); /* the oldest was published one tick after the last */
    double p50 = (double)histogram_at(age, 0.5);
    EXPECT(p50 > 880000 && p50 < 970000);
    EXPECT_EQ(figures.now.missed_ticks, 39);
    EXPECT_EQ(figures.second[TIME_GAP].count, 40); /* the frames that were due would have waited, too */
}

static void silence_is_no_age(void) {
    struct chair chair = sit_down(3);
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    frame(&chair, 101, 121, 0, false, 11050000, 0); /* a keep-alive */
    frame(&chair, 121, 122, 0, true, 11100000, 0);
    EXPECT_EQ(figures.second[TIME_AGE].max, 0);
    EXPECT_EQ(figures.second[TIME_GAP].count, 2);
    EXPECT_EQ(figures.second[TIME_GAP].max, 50000); /* nor a gap: no frame was due */
}

static void what_never_comes_is_told_at_the_end(void) {
    struct chair chair = sit_down(4);
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    for (uint32_t i = 1; i <= 100; i++) rooms_saw(chair.room, 100 + i, 10000000 + i * TICK_US);
    figures_end(&figures, 15000000);
    chair_end(&chair, &figures, 15000000);
    EXPECT_EQ(figures.second[TIME_AGE].count, 5000);
    EXPECT(figures.second[TIME_AGE].max > 4800000);
}

static void who_got_up_feels_nothing(void) {
    struct chair chair = sit_down(6);
    frame(&chair, 100, 101, 0, true, 10050000, 0);
    chair_leave(&chair);
    for (uint32_t i = 1; i <= 100; i++)
        rooms_saw(rooms_get(&rooms, 6, 100, 20, 0), 100 + i, 10000000 + i * TICK_US);
    frame(&chair, 101, 200, 98, true, 15000000, 0); /* was under way */
    figures_end(&figures, 15000000);
    chair_end(&chair, &figures, 15000000);
    EXPECT_EQ(figures.second[TIME_AGE].count, 50);
    EXPECT_EQ(figures.second[TIME_AGE].max, 0);
}

static void inputs_show_with_their_tick(void) {
    struct chair chair = sit_down(5);
    chair_input(&chair, &figures, 7, 10010000);
    chair_input(&chair, &figures, 8, 10060000);
    frame(&chair, 100, 101, 0, true, 10050000, 7);
    EXPECT_EQ(figures.second[TIME_EFFECT].max, 40000);
    frame(&chair, 101, 110, 0, false, 10500000, 8); /* used, but nothing was to be seen of it */
    EXPECT_EQ(figures.second[TIME_EFFECT].count, 1);
    for (uint32_t i = 0; i < CHAIR_INPUTS + 1; i++)
        chair_input(&chair, &figures, 9 + i, 11000000 + i * TICK_US);
    EXPECT_EQ(figures.second[TIME_EFFECT].count, 2); /* more cannot wait: it took at least so long */
    EXPECT(figures.second[TIME_EFFECT].max >= CHAIR_INPUTS * TICK_US);
}

static void what_shows_too_late_is_told_at_the_end(void) {
    struct chair chair = sit_down(7);
    chair_input(&chair, &figures, 7, 10010000);
    frame(&chair, 100, 101, 0, true, 10050000, 7);
    chair_input(&chair, &figures, 8, 11000000);
    chair_input(&chair, &figures, 9, 12100000);
    figures_end(&figures, 12000000);
    chair_give_up(&chair, &figures, 15000000);
    EXPECT_EQ(figures.second[TIME_EFFECT].count, 2); /* the last was made too late to be measured */
    EXPECT_EQ(figures.second[TIME_EFFECT].max, 4000000);
}

/* ---- A run. */

static void complaints_are_counted_by_their_words(void) {
    static struct figures told;
    figures_complain(&told, "a");
    figures_complain(&told, "b");
    figures_complain(&told, "a");
    EXPECT_EQ(told.complaints[0].count, 2);
    EXPECT_EQ(told.complaints[1].count, 1);
    for (unsigned i = 0; i < 100; i++) figures_closed(&told, 4000 + i);
    figures_closed(&told, 4001);
    EXPECT_EQ(told.closed[1].count, 2);
}

static void one_failing_is_enough(void) {
    static const struct figures good = {.joined = 3, .now = {.frames = 10, .hashes = 2}};
    struct figures *bad = calloc(10, sizeof *bad);
    if (!bad) abort();
    for (int i = 0; i < 10; i++) bad[i] = good;
    bad[0].joined = 2;
    bad[1].dropped = 1;
    bad[2].silent = 1;
    bad[3].now.hashes_wrong = 1;
    bad[4].now.hashes = 0;
    bad[5].now.frames = 0;
    bad[6].now.private_seen = 1;
    bad[7].now.inputs_misacknowledged = 1;
    bad[8].now.inputs_unacknowledged = 1;
    bad[9].now.ticks_disordered = 1;
    EXPECT(figures_fine(&good, 3));
    for (int i = 0; i < 10; i++) EXPECT(!figures_fine(&bad[i], 3));
    free(bad);
}

int main(void) {
    RUN(percentiles_are_near);
    RUN(few_values_hide_none);
    RUN(a_ramp_is_seen_on_schedule);
    RUN(who_has_everything_feels_no_age);
    RUN(a_stall_is_felt_as_long_as_it_lasts);
    RUN(silence_is_no_age);
    RUN(what_never_comes_is_told_at_the_end);
    RUN(who_got_up_feels_nothing);
    RUN(inputs_show_with_their_tick);
    RUN(what_shows_too_late_is_told_at_the_end);
    RUN(complaints_are_counted_by_their_words);
    RUN(one_failing_is_enough);
    rooms_free(&rooms);
    return check_done();
}
