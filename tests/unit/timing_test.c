/* A client's sense of time, over ways that a seed makes: how well it knows the server's clock, that no clock
 * ever leaps or goes backwards, and that inputs come in time without waiting long. */
#include "protocol/timing.h"
#include "tests/check.h"
#include "tests/dice.h"

enum { RUNS = 400, RATE = 20, TICK_MS = 50, SERVER_AHEAD_MS = 123456 };

static uint64_t dice;

/* One way: `least` and up to `more` by chance, and seldom a long wait. */
static double way(double least, double more, double seldom) {
    double wait = dice_once_in(&dice, 30) ? seldom : 0;
    return least + (double)dice_between(&dice, 0, 1) * more + wait;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double part_of(double *values, size_t count, double part) {
    qsort(values, count, sizeof *values, by_size);
    return values[(size_t)((double)(count - 1) * part)];
}

/* How far off the clock is two seconds after WELCOME, with a PING every 50 ms. */
static double error_after_2_s(double least, double more, double seldom) {
    struct timing timing = {0};
    double now = (double)dice_between(&dice, 0, 1000000), end = now + 2000;
    timing_welcome(&timing, RATE, now + SERVER_AHEAD_MS - way(least, more, 0), now);
    for (; now < end; now += TICK_MS) {
        double received = now + way(least, more, seldom), answered = received + way(0, TICK_MS, 0);
        double back = answered + way(least, more, seldom);
        uint32_t stamp = timing_ping(&timing, now);
        if (back < end) timing_pong(&timing, stamp, received + SERVER_AHEAD_MS, answered - received, back);
        timing_offset(&timing, now);
    }
    double error = timing_offset(&timing, end) - SERVER_AHEAD_MS;
    return error < 0 ? -error : error;
}

static void the_clock_is_known_within_2_ms_after_2_s(void) {
    static const struct { double least, more, seldom; } ways[] = {{20, 20, 0}, {20, 20, 150}, {90, 20, 100}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        double errors[RUNS];
        for (int run = 0; run < RUNS; run++)
            errors[run] = error_after_2_s(ways[i].least, ways[i].more, ways[i].seldom);
        double half = part_of(errors, RUNS, 0.5), most = part_of(errors, RUNS, 0.95);
        printf("# round trips of %.0f to %.0f ms, one in thirty %.0f more: off by %.2f ms, 95 of 100 by at "
               "most %.2f\n",
               2 * ways[i].least, 2 * (ways[i].least + ways[i].more), ways[i].seldom, half, most);
        EXPECT(most <= 2);
    }
}

/* Whatever PONGs say, what was told goes on at nearly the same speed. */
static void clocks_slew_and_never_leap(void) {
    struct timing timing = {0};
    timing_welcome(&timing, RATE, SERVER_AHEAD_MS, 0);
    double server = timing_offset(&timing, 0), tick = timing_tick(&timing, 0);
    for (double now = 0; now < 60000; now += 4) {
        if (dice_once_in(&dice, 10)) {
            double there = way(10, 80, 300), back = way(10, 80, 300), sent = now - there - back;
            uint32_t stamp = timing_ping(&timing, sent);
            timing_pong(&timing, stamp, sent + there + SERVER_AHEAD_MS, 0, now);
        }
        if (dice_once_in(&dice, 12)) timing_frame(&timing, (uint32_t)(now / TICK_MS), now + way(0, 40, 200));
        double server_now = timing_offset(&timing, now) + now, tick_now = timing_tick(&timing, now);
        if (now > 0) EXPECT(server_now - server > 3 && server_now - server < 5);
        if (now > 0 && timing.frame_count > 1) EXPECT(tick_now > tick && tick_now - tick < 0.1);
        server = server_now;
        tick = tick_now;
    }
}

/* What cannot be is passed over. */
/* A server whose machine stood still, or a client's: not for as long as frames are remembered, which in a
 * quiet room is a minute. */
static void ticks_are_right_again_after_a_standstill(void) {
    struct timing timing = {0};
    double now = 0;
    uint32_t tick = 0;
    timing_welcome(&timing, RATE, SERVER_AHEAD_MS, 0);
    for (; tick < 100; now += TICK_MS) timing_frame(&timing, tick++, now);
    now += 20000;
    timing_frame(&timing, tick++, now); /* one alone may have been held up */
    EXPECT(timing_tick(&timing, now) > tick + 300);
    for (int frames = 0; frames < 7; frames++) timing_frame(&timing, tick++, now += TICK_MS);
    EXPECT(timing_tick(&timing, now) >= tick - 1 && timing_tick(&timing, now) < tick);
}

static void senseless_pongs_change_nothing(void) {
    struct timing timing = {0};
    timing_welcome(&timing, RATE, SERVER_AHEAD_MS, 0);
    uint32_t stamp = timing_ping(&timing, 100), later = timing_ping(&timing, 1e9);
    timing_pong(&timing, stamp, 50, 250, 120);          /* held for longer than it was away */
    timing_pong(&timing, later, 0, 0, 120);             /* from the future */
    timing_pong(&timing, later + 1, 0, 0, 120);         /* never asked */
    timing_pong(&timing, UINT64_C(1) << 53, 0, 0, 120); /* no stamp of ours */
    EXPECT_EQ(timing.pong_count, 0);
    EXPECT(timing_offset(&timing, 1000) == SERVER_AHEAD_MS);
}

/* One input a tick; after a pause no more than one at once. */
static void inputs_are_due_once_a_tick(void) {
    struct timing timing = {0};
    uint32_t made = 0;
    timing_welcome(&timing, RATE, 0, 0);
    for (double now = 0; now < 10000; now += 7) made += timing_due(&timing, now) == 0;
    EXPECT(made >= 199 && made <= 201);
    EXPECT(timing_due(&timing, 60000) == 0);
    EXPECT(timing_due(&timing, 60001) == 49);
    EXPECT(timing_part(&timing, 60001) < 0.1);
}

/* A server that uses one input a tick, `delay` ms away: how long at most inputs wait there from the fourth
 * second on, or more than a tick if one came too late. `phase`: of its ticks to our time. */
static double longest_wait(uint32_t delay, uint32_t phase) {
    double arrived[2 * 10 * RATE], longest = 0;
    uint32_t made = 0, used = 0;
    struct timing timing = {0};
    timing_welcome(&timing, RATE, 0, 0);
    timing_pong(&timing, timing_ping(&timing, 0), delay, 0, 2 * delay);
    for (uint32_t now = 1; now < 10000; now++) {
        if (timing_due(&timing, now) == 0) {
            timing_sent(&timing, ++made, now);
            arrived[made] = now + delay;
        }
        if (now < delay + phase || (now - delay - phase) % TICK_MS) continue;
        double ticked = now - delay, waited = 2 * TICK_MS;
        timing_frame(&timing, (now - delay - phase) / TICK_MS, now);
        if (used < made && arrived[used + 1] <= ticked) {
            waited = ticked - arrived[++used];
            timing_used(&timing, used, now);
        } else if (used) {
            timing_missed(&timing, 1);
        }
        if (now > 3000 && waited > longest) longest = waited;
    }
    return longest;
}

static void inputs_soon_come_just_before_their_tick(void) {
    static const uint32_t delays[] = {0, 1, 30, 120, 250};
    for (size_t i = 0; i < COUNT_OF(delays); i++)
        for (uint32_t phase = 0; phase < TICK_MS; phase++) EXPECT(longest_wait(delays[i], phase) <= 8);
}

int main(void) {
    dice = dice_seed(dice_of_test());
    RUN(the_clock_is_known_within_2_ms_after_2_s);
    RUN(clocks_slew_and_never_leap);
    RUN(ticks_are_right_again_after_a_standstill);
    RUN(senseless_pongs_change_nothing);
    RUN(inputs_are_due_once_a_tick);
    RUN(inputs_soon_come_just_before_their_tick);
    return check_done();
}
