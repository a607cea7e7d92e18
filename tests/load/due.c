#include "tests/load/due.h"
#include <stdlib.h>

enum { BELOW = 4 /* of a place in the heap */ };

bool due_create(struct due *due, uint32_t most) {
    *due = (struct due){.heap = calloc(most, sizeof *due->heap), .places = calloc(most, sizeof *due->places)};
    return due->heap && due->places;
}

void due_destroy(struct due *due) {
    free(due->heap);
    free(due->places);
    *due = (struct due){0};
}

static void put(struct due *due, uint32_t place, struct due_one one) {
    due->heap[place] = one;
    due->places[one.who] = place + 1;
}

/* The soonest of those below a place; `place` itself if none is sooner than `at_us`. */
static uint32_t soonest_below(const struct due *due, uint32_t place, uint64_t at_us) {
    uint32_t first = place, end = BELOW * place + BELOW + 1;
    for (uint32_t child = BELOW * place + 1; child < end && child < due->count; child++) {
        if (due->heap[child].at_us >= at_us) continue;
        at_us = due->heap[child].at_us;
        first = child;
    }
    return first;
}

/* Puts one where it belongs: at `place`, which is free, or above or below it. */
static void settle(struct due *due, uint32_t place, struct due_one one) {
    for (uint32_t above; place && one.at_us < due->heap[above = (place - 1) / BELOW].at_us; place = above)
        put(due, place, due->heap[above]);
    for (uint32_t below; (below = soonest_below(due, place, one.at_us)) != place; place = below)
        put(due, place, due->heap[below]);
    put(due, place, one);
}

static void take_out(struct due *due, uint32_t place) {
    due->places[due->heap[place].who] = 0;
    if (place != --due->count) settle(due, place, due->heap[due->count]);
}

void due_set(struct due *due, uint32_t who, uint64_t at_us) {
    uint32_t place = due->places[who];
    if (at_us == UINT64_MAX) {
        if (place) take_out(due, place - 1);
    } else if (!place) {
        settle(due, due->count++, (struct due_one){at_us, who});
    } else if (due->heap[place - 1].at_us != at_us) {
        settle(due, place - 1, (struct due_one){at_us, who});
    }
}

uint64_t due_next_us(const struct due *due) {
    return due->count ? due->heap[0].at_us : UINT64_MAX;
}

bool due_take(struct due *due, uint64_t now_us, uint32_t *who) {
    if (due_next_us(due) > now_us) return false;
    *who = due->heap[0].who;
    take_out(due, 0);
    return true;
}
