/* The slots are unsorted lists, hashed by due time. A turn looks through the slots that time has passed since
 * the last one, and moves what is due into a list of its own: so handing out never searches twice, and owners
 * may arm and disarm freely in between. */
#include "server/edge/wheel.h"

static void link_into(struct wheel_timer **list, struct wheel_timer *timer) {
    timer->next = *list;
    timer->from = list;
    if (timer->next) timer->next->from = &timer->next;
    *list = timer;
}

void wheel_start(struct wheel *wheel, uint64_t now_us) {
    *wheel = (struct wheel){.turned_us = now_us};
}

void wheel_disarm(struct wheel_timer *timer) {
    if (!timer->from) return;
    *timer->from = timer->next;
    if (timer->next) timer->next->from = timer->from;
    timer->next = NULL;
    timer->from = NULL;
}

void wheel_arm(struct wheel *wheel, struct wheel_timer *timer, uint64_t due_us) {
    wheel_disarm(timer);
    timer->due_us = due_us;
    /* What is due already lies where the next turn begins. */
    uint64_t at_us = due_us > wheel->turned_us ? due_us : wheel->turned_us;
    link_into(&wheel->slots[at_us / WHEEL_SLOT_US % WHEEL_SLOTS], timer);
}

static void collect(struct wheel *wheel, struct wheel_timer *timer, uint64_t now_us) {
    while (timer) {
        struct wheel_timer *next = timer->next;
        if (timer->due_us <= now_us) {
            wheel_disarm(timer);
            link_into(&wheel->due, timer);
        }
        timer = next;
    }
}

struct wheel_timer *wheel_turn(struct wheel *wheel, uint64_t now_us) {
    if (!wheel->due && now_us > wheel->turned_us) {
        uint64_t first = wheel->turned_us / WHEEL_SLOT_US, last = now_us / WHEEL_SLOT_US;
        if (last - first >= WHEEL_SLOTS) last = first + WHEEL_SLOTS - 1; /* once around is everything */
        for (uint64_t slot = first; slot <= last; slot++)
            collect(wheel, wheel->slots[slot % WHEEL_SLOTS], now_us);
        wheel->turned_us = now_us;
    }
    struct wheel_timer *timer = wheel->due;
    if (timer) wheel_disarm(timer);
    return timer;
}
