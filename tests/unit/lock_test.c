/* The lock: threads that all add to one number, which would lose some of it without. */
#include "server/lock.h"
#include "tests/check.h"
#include <pthread.h>
#include <sched.h>

enum { THREADS = 4, EACH = 50000, YIELD_EVERY = 100 };

struct shared {
    struct lock lock;
    uint64_t sum;
};

/* Now and then it goes to sleep with the lock, so that others have to. */
static void *add(void *context) {
    struct shared *shared = context;
    for (int i = 0; i < EACH; i++) {
        lock_take(&shared->lock);
        uint64_t sum = shared->sum;
        if (i % YIELD_EVERY == 0) sched_yield();
        shared->sum = sum + 1;
        lock_give(&shared->lock);
    }
    return NULL;
}

static void one_at_a_time(void) {
    struct shared shared = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, add, &shared);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    EXPECT_EQ(shared.sum, THREADS * EACH);
    lock_take(&shared.lock); /* nobody has it any more */
    lock_give(&shared.lock);
}

int main(void) {
    RUN(one_at_a_time);
    return check_done();
}
