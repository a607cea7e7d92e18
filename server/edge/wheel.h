/* A timer wheel: one per I/O thread, thousands of timers, every operation O(1). Resolution one slot; a timer
 * due beyond the wheel's turn is looked at once a turn. After Varghese and Lauck, "Hashed and Hierarchical
 * Timing Wheels" (1987), scheme 6. */
#pragma once
#include "protocol/base.h"

/* A slot is half a turn of its owner, so that few timers are looked at before they are due. */
enum { WHEEL_SLOTS = 512, WHEEL_SLOT_US = 125000 };

struct wheel_timer { /* lies inside its owner; zeroed: not armed */
    struct wheel_timer *next, **from;
    uint64_t due_us;
};
struct wheel {
    struct wheel_timer *slots[WHEEL_SLOTS];
    struct wheel_timer *due; /* found due by the last turn, not yet handed out */
    uint64_t turned_us;      /* time up to which the wheel has turned */
};

/* An empty wheel that has turned up to now. */
void wheel_start(struct wheel *wheel, uint64_t now_us);
/* Arms or moves a timer. */
void wheel_arm(struct wheel *wheel, struct wheel_timer *timer, uint64_t due_us);
/* Disarms; a timer that is not armed is fine. */
void wheel_disarm(struct wheel_timer *timer);
/* The next timer that is due by `now_us`, disarmed; NULL: none. Call until NULL, a few times a second. Never
 * early; a timer armed meanwhile for a time gone by comes with the next later `now_us`, so the calls end. */
struct wheel_timer *wheel_turn(struct wheel *wheel, uint64_t now_us);
