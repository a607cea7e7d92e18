/* Sleeps to absolute deadlines, so a late tick does not push the ones after it. */
#include "server/pace.h"
#include "server/clock.h"
#include <errno.h>
#include <sys/prctl.h>
#include <time.h>

enum {
    CATCH_UP_MAX = 5, /* a quarter of a second at 20 Hz: longer stalls are seen anyway */
    REST = 10 /* ticks with one waking: nine wakings of ten are saved; who comes first waits until those that
                 are due, as many at most, are turned */
};

/* Whole seconds and the rest apart: exact, and no overflow in any server's life. */
static uint64_t deadline_ns(const struct pace *pace, uint64_t number) {
    return pace->start_ns + number / pace->rate * 1000000000u +
           number % pace->rate * 1000000000u / pace->rate;
}

void pace_start(struct pace *pace, uint32_t rate) {
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* the default of 50 µs only costs precision here */
    *pace = (struct pace){.start_ns = clock_ns(), .next = 1, .rate = rate, .catch_up_max = CATCH_UP_MAX};
}

static uint64_t later(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static bool sleep_until(uint64_t due_ns) {
    struct timespec due = clock_timespec(due_ns);
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) != EINTR;
}

bool pace_wait(struct pace *pace, uint64_t *late_us, uint32_t *slipped) {
    uint64_t due_ns = deadline_ns(pace, later(pace->next, pace->rested)), now_ns = clock_ns();
    if (now_ns < due_ns) { /* else a timer would be set all the same: some 20 us on a virtual machine */
        if (!sleep_until(due_ns)) return false;
        now_ns = clock_ns();
    }
    uint64_t late_ns = now_ns > due_ns ? now_ns - due_ns : 0;
    uint64_t overdue = late_ns * pace->rate / 1000000000u; /* deadlines gone by since this one */
    *late_us = !overdue && pace->next <= pace->rested ? 0 : late_ns / 1000;
    *slipped = overdue > pace->catch_up_max ? (uint32_t)(overdue - pace->catch_up_max) : 0;
    pace->next += 1 + *slipped;
    return true;
}

uint64_t pace_rest_until(const struct pace *pace) {
    return pace->next > pace->rested ? deadline_ns(pace, pace->next + REST - 1) : 0;
}

void pace_rested(struct pace *pace) {
    uint64_t now_ns = clock_ns();
    pace->rested = pace->next;
    while (pace->rested < pace->next + REST - 1 && deadline_ns(pace, pace->rested + 1) <= now_ns)
        pace->rested++;
}
