/* Pace: the grid of deadlines, catching up, slipping, and waking for signals. Stalls are made by moving the
 * start back, so that nothing here depends on how busy the machine is. */
#include "server/pace.h"
#include "server/clock.h"
#include "tests/check.h"
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static const uint64_t second_ns = 1000000000;

static void keeps_the_grid(void) {
    struct pace pace;
    pace_start(&pace, 100);
    uint64_t start_ns = pace.start_ns, late_us, ticks = 0;
    while (ticks < 20) {
        uint32_t slipped;
        EXPECT(pace_wait(&pace, &late_us, &slipped));
        ticks += 1 + slipped;
        EXPECT(clock_ns() >= start_ns + ticks * second_ns / 100);
        EXPECT_EQ(pace.next, ticks + 1);
        EXPECT_EQ(pace.start_ns, start_ns);
    }
}

/* A month of deadlines later one is exactly where it belongs. */
static void rounding_does_not_add_up(void) {
    struct pace pace;
    pace_start(&pace, 7); /* 1/7 s is no whole number of nanoseconds */
    uint64_t due_ns = clock_ns(), month = 7 * 3600 * 24 * 30, late_us;
    uint32_t slipped;
    pace.start_ns = due_ns - month / 7 * second_ns;
    pace.next = month;
    uint64_t before_ns = clock_ns();
    EXPECT(pace_wait(&pace, &late_us, &slipped));
    EXPECT(late_us >= (before_ns - due_ns) / 1000 && late_us <= (clock_ns() - due_ns) / 1000);
}

/* All of 100,000 deadlines gone by in an instant: each is exactly where it belongs, and the last one not a
 * nanosecond beside. */
static void does_not_drift(void) {
    struct pace pace;
    uint64_t late_us, ticks = 100000;
    uint32_t slipped;
    pace_start(&pace, 60); /* 1/60 s is no whole number of nanoseconds */
    uint64_t began_ns = pace.start_ns -= ticks / 60 * second_ns + ticks % 60 * second_ns / 60;
    pace.catch_up_max = UINT32_MAX; /* none is given up */
    for (uint64_t tick = 1; tick <= ticks; tick++) {
        uint64_t before_ns = clock_ns();
        EXPECT(pace_wait(&pace, &late_us, &slipped));
        EXPECT_EQ(slipped, 0);
        uint64_t due_ns = began_ns + tick / 60 * second_ns + tick % 60 * second_ns / 60;
        EXPECT(late_us >= (before_ns - due_ns) / 1000 && late_us <= (clock_ns() - due_ns) / 1000);
    }
    EXPECT_EQ(pace.next, ticks + 1);
    EXPECT_EQ(pace.start_ns, began_ns);
}

static void catches_up_a_little(void) {
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped;
    pace_start(&pace, 1);
    pace.start_ns -= 4 * second_ns + second_ns / 2; /* deadlines 1 to 4 have gone by */
    for (int i = 0; i < 4; i++) {
        EXPECT(pace_wait(&pace, &late_us, &slipped));
        EXPECT_EQ(slipped, 0);
    }
    EXPECT_EQ(pace.next, 5);
}

static void gives_up_the_rest(void) {
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped;
    pace_start(&pace, 1);
    pace.start_ns -= 100 * second_ns + second_ns / 2;
    EXPECT(pace_wait(&pace, &late_us, &slipped));
    EXPECT_EQ(slipped, 99 - pace.catch_up_max);
    EXPECT(late_us >= 99 * 1000000);
    for (uint32_t i = 0; i < pace.catch_up_max; i++) {
        EXPECT(pace_wait(&pace, &late_us, &slipped));
        EXPECT_EQ(slipped, 0);
    }
    EXPECT_EQ(pace.next, 101); /* back on the grid */
}

/* Ticks that fell due in a rest come at once and are not late; the one after them has its own time again. */
static void rests_a_few_ticks(void) {
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped, due = 0;
    pace_start(&pace, 1);
    uint64_t until_ns = pace_rest_until(&pace);
    EXPECT_EQ(until_ns % second_ns, pace.start_ns % second_ns);
    due = (uint32_t)((until_ns - pace.start_ns) / second_ns);
    EXPECT(due > 1);
    pace.start_ns -= due * second_ns + second_ns / 2; /* all of them, and half a second more */
    pace_rested(&pace);
    for (uint32_t i = 0; i < due; i++) {
        EXPECT_EQ(pace_rest_until(&pace), 0); /* not before all are turned */
        EXPECT(pace_wait(&pace, &late_us, &slipped));
        EXPECT_EQ(late_us, 0);
        EXPECT_EQ(slipped, 0);
    }
    EXPECT_EQ(pace.next, due + 1);
    EXPECT_EQ(pace_rest_until(&pace), pace.start_ns + 2 * due * second_ns);
}

/* Broken off before anything was due: the next tick has its own time, and only after it is there a rest
 * again. */
static void a_broken_rest_moves_nothing(void) {
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped;
    pace_start(&pace, 50);
    pace_rested(&pace);
    EXPECT_EQ(pace_rest_until(&pace), 0);
    EXPECT(pace_wait(&pace, &late_us, &slipped));
    EXPECT(clock_ns() >= pace.start_ns + second_ns / 50);
    EXPECT(pace.next >= 2);
    EXPECT(pace_rest_until(&pace) > clock_ns());
}

/* A rest that a stall made longer gives up what any stall does. */
static void a_rest_too_long_slips(void) {
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped;
    pace_start(&pace, 1);
    uint64_t due = (pace_rest_until(&pace) - pace.start_ns) / second_ns;
    pace.start_ns -= 100 * second_ns + second_ns / 2;
    pace_rested(&pace);
    EXPECT(pace_wait(&pace, &late_us, &slipped));
    EXPECT_EQ(slipped, 100 - due - pace.catch_up_max);
    EXPECT(late_us >= (100 - due) * 1000000);
}

static void note_signal(int number) {
    (void)number;
}

static void signals_wake(void) {
    struct sigaction action = {.sa_handler = note_signal};
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};
    struct pace pace;
    uint64_t late_us;
    uint32_t slipped;
    pace_start(&pace, 1);
    setitimer(ITIMER_REAL, &often, NULL);
    EXPECT(!pace_wait(&pace, &late_us, &slipped));
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    EXPECT_EQ(pace.next, 1); /* the deadline still stands */
}

static void clocks(void) {
    uint64_t before_us = clock_us(), before_ns = clock_ns();
    EXPECT(before_us >= 1000000);
    EXPECT(before_us < 1000000 * 600);
    EXPECT(clock_us() >= before_us);
    EXPECT(clock_ns() >= before_ns);
    EXPECT(clock_wall_s() > 1700000000);
    EXPECT(clock_wall_us() / 1000000 - clock_wall_s() <= 1);
}

int main(void) {
    RUN(clocks);
    RUN(keeps_the_grid);
    RUN(rounding_does_not_add_up);
    RUN(does_not_drift);
    RUN(catches_up_a_little);
    RUN(gives_up_the_rest);
    RUN(rests_a_few_ticks);
    RUN(a_broken_rest_moves_nothing);
    RUN(a_rest_too_long_slips);
    RUN(signals_wake);
    return check_done();
}
