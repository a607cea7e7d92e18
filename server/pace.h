/* Paces the tick: absolute deadlines, catching up at most a few ticks after a stall and saying how many were
 * lost. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t start_ns; /* deadline n lies n / rate seconds after it (steady clock): no rounding adds up */
    uint64_t next;     /* number of the next deadline, 1 … */
    uint64_t rested;   /* the last deadline that went by in a rest or, if none did, the next one. Until it is
                          met nobody rests again */
    uint32_t rate;     /* ticks a second */
    uint32_t catch_up_max; /* ticks that may follow an overdue one without a wait */
};

/* `rate` ticks a second (1 … 128). The first deadline is one period from now. Also asks the kernel for
 * precise wake-ups. */
void pace_start(struct pace *pace, uint32_t rate);
/* Sleeps until the next deadline or until a signal comes. Returns false if a signal woke it (call again after
 * looking at it). On true, `*late_us` says how late that deadline was met, and `*slipped` how many ticks were
 * given up because more than catch_up_max were overdue (they never happen: the world slows down instead). */
bool pace_wait(struct pace *pace, uint64_t *late_us, uint32_t *slipped);
/* For times when nobody is there: until when a rest may last (steady clock, ns), which is when the last of a
 * few ticks falls due; 0 while ticks of the last rest are left to turn. */
uint64_t pace_rest_until(const struct pace *pace);
/* The rest is over, or was broken off. pace_wait then returns at once for each deadline that went by in it,
 * and does not call it late. */
void pace_rested(struct pace *pace);
