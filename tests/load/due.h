/* Who has to be looked at when: a heap of numbers by their times. Each number stands in it once at most. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct due_one {
    uint64_t at_us;
    uint32_t who;
};
struct due {
    struct due_one *heap; /* soonest first; each has four below it, which lie side by side */
    uint32_t *places;     /* where each number stands, + 1; 0: nowhere */
    uint32_t count;
};

/* For numbers 0 … most − 1. False: no memory. */
bool due_create(struct due *due, uint32_t most);
void due_destroy(struct due *due);
/* UINT64_MAX: not at all. */
void due_set(struct due *due, uint32_t who, uint64_t at_us);
/* When the first is due; UINT64_MAX: nobody is. */
uint64_t due_next_us(const struct due *due);
/* Takes the first one out, if it is due. */
bool due_take(struct due *due, uint64_t now_us, uint32_t *who);
