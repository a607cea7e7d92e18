/* A lock of four bytes, for what there are many of: a mutex of pthread has forty. Zeroed: free. After
 * Drepper, "Futexes Are Tricky" (2011), the second mutex. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

enum lock_state { LOCK_FREE, LOCK_TAKEN, LOCK_AWAITED /* taken, and somebody may wait for it */ };

struct lock {
    _Atomic uint32_t state;
};

/* The slow ways: somebody else has it, or may wait for it. */
void lock_await(struct lock *lock);
void lock_pass_on(struct lock *lock);

/* Not by who has it already. */
static inline void lock_take(struct lock *lock) {
    uint32_t expected = LOCK_FREE;
    if (!atomic_compare_exchange_strong(&lock->state, &expected, LOCK_TAKEN)) lock_await(lock);
}
static inline void lock_give(struct lock *lock) {
    if (atomic_exchange(&lock->state, LOCK_FREE) == LOCK_AWAITED) lock_pass_on(lock);
}
