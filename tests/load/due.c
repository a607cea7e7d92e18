#include "tests/load/due.h"
#include <stdlib.h>
#include <string.h>

bool due_create(struct due *due, uint32_t most) {
    *due = (struct due){.most = most};
    due->at_us = calloc(most, sizeof *due->at_us);
    due->heap = calloc(most, sizeof *due->heap);
    due->places = calloc(most, sizeof *due->places);
    return due->at_us && due->heap && due->places;
}

void due_destroy(struct due *due) {
    free(due->at_us);
    free(due->heap);
    free(due->places);
    *due = (struct due){0};
}

static void put(struct due *due, uint32_t place, uint32_t who) {
    due->heap[place] = who;
    due->places[who] = place + 1;
}

static bool sooner(const struct due *due, uint32_t a, uint32_t b) {
    return due->at_us[due->heap[a]] < due->at_us[due->heap[b]];
}

static void swap(struct due *due, uint32_t a, uint32_t b) {
    uint32_t who = due->heap[a];
    put(due, a, due->heap[b]);
    put(due, b, who);
}

/* Brings what stands at `place` to where it belongs. */
static void settle(struct due *due, uint32_t place) {
    for (; place && sooner(due, place, (place - 1) / 2); place = (place - 1) / 2)
        swap(due, place, (place - 1) / 2);
    for (;;) {
        uint32_t first = place;
        for (uint32_t child = 2 * place + 1; child <= 2 * place + 2 && child < due->count; child++)
            if (sooner(due, child, first)) first = child;
        if (first == place) return;
        swap(due, place, first);
        place = first;
    }
}

static void take_out(struct due *due, uint32_t place) {
    due->places[due->heap[place]] = 0;
    if (place == --due->count) return;
    put(due, place, due->heap[due->count]);
    settle(due, place);
}

void due_set(struct due *due, uint32_t who, uint64_t at_us) {
    uint32_t place = due->places[who];
    if (at_us == UINT64_MAX) {
        if (place) take_out(due, place - 1);
        return;
    }
    if (place && due->at_us[who] == at_us) return;
    due->at_us[who] = at_us;
    if (!place) {
        put(due, due->count, who);
        place = ++due->count;
    }
    settle(due, place - 1);
}

uint64_t due_next_us(const struct due *due) {
    return due->count ? due->at_us[due->heap[0]] : UINT64_MAX;
}

bool due_take(struct due *due, uint64_t now_us, uint32_t *who) {
    if (due_next_us(due) > now_us) return false;
    *who = due->heap[0];
    take_out(due, 0);
    return true;
}
