/* The inbox: order, fullness, and that nothing is lost or doubled between many putting threads and one taker.
 */
#include "server/world/inbox.h"
#include "server/clock.h"
#include "tests/check.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { WRITERS = 3, EACH = 20000, NONE = 99999 };

/* The number of the next that was taken; NONE: there is none. */
static uint32_t next_number(struct inbox *inbox) {
    const struct arrival *next = inbox_next(inbox);
    return next ? next->number : NONE;
}

static void keeps_order_and_bound(void) {
    struct inbox *inbox = inbox_create(4);
    struct arrival arrival = {.what = ARRIVAL_INPUT};
    for (uint32_t i = 0; i < 6; i++) {
        arrival.number = i;
        EXPECT(inbox_put(inbox, &arrival) == (i < 4));
    }
    inbox_take(inbox);
    EXPECT(inbox_put(inbox, &arrival)); /* while those are still read */
    for (uint32_t i = 0; i < 4; i++) EXPECT_EQ(next_number(inbox), i);
    EXPECT_EQ(next_number(inbox), NONE);
    inbox_take(inbox);
    EXPECT_EQ(next_number(inbox), 5);
    EXPECT_EQ(next_number(inbox), NONE);
    inbox_take(inbox);
    EXPECT_EQ(next_number(inbox), NONE);
    inbox_destroy(inbox);
    inbox_destroy(NULL);
}

/* Each with its own number of cells, or a JOIN's names: nothing of one is the next one's. */
static void keeps_what_each_says(void) {
    enum { ROUNDS = 100 };
    struct inbox *inbox = inbox_create(4 * ROUNDS);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct arrival call = {.what = ARRIVAL_CALL, .cell_count = (uint8_t)(i % (ARRIVAL_CELLS + 1))};
        struct arrival join = {.what = ARRIVAL_JOIN, .join = {.name = "Ada", .predictor = i}};
        for (int32_t cell = 0; cell < call.cell_count; cell++) call.cells[cell] = (int32_t)i + cell;
        EXPECT(inbox_put(inbox, &call) && inbox_put(inbox, &join));
    }
    inbox_take(inbox);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const struct arrival *call = inbox_next(inbox), *join = inbox_next(inbox);
        EXPECT_EQ(call->cell_count, i % (ARRIVAL_CELLS + 1));
        for (int32_t cell = 0; cell < call->cell_count; cell++)
            EXPECT_EQ(call->cells[cell], (int32_t)i + cell);
        EXPECT(strcmp(join->join.name, "Ada") == 0 && join->join.predictor == i);
    }
    inbox_destroy(inbox);
}

/* However much two of them say at once, the third gets its share. */
static void one_session_leaves_place(void) {
    enum { PLACES = 64 };
    struct inbox *inbox = inbox_create(PLACES);
    for (int turn = 0; turn < 2; turn++) {
        uint32_t puts[3] = {0};
        for (uint32_t session = 0; session < 3; session++) {
            for (uint32_t i = 0; i < 100; i++) {
                struct arrival arrival = {.what = ARRIVAL_INPUT, .session = session + 1};
                puts[session] += inbox_put(inbox, &arrival);
            }
        }
        EXPECT_EQ(puts[0], PLACES / 2);
        EXPECT_EQ(puts[1], INBOX_SHARE);
        EXPECT_EQ(puts[2], INBOX_SHARE);
        inbox_take(inbox);
        for (uint32_t i = 0; i < PLACES / 2 + 2 * INBOX_SHARE; i++) EXPECT(inbox_next(inbox));
        EXPECT(!inbox_next(inbox));
    }
    inbox_destroy(inbox);
}

struct writer {
    struct inbox *inbox;
    uint16_t number;
};

static void *write_all(void *context) {
    const struct writer *writer = context;
    for (uint32_t i = 0; i < EACH; i++) {
        struct arrival arrival = {.what = ARRIVAL_CALL, .player = writer->number, .number = i};
        while (!inbox_put(writer->inbox, &arrival)) sched_yield();
    }
    return NULL;
}

static void threads_lose_nothing(void) {
    struct inbox *inbox = inbox_create(256);
    struct writer writers[WRITERS];
    pthread_t threads[WRITERS];
    uint32_t next[WRITERS] = {0}, total = 0;
    for (uint16_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){inbox, i};
        pthread_create(&threads[i], NULL, write_all, &writers[i]);
    }
    while (total < WRITERS * EACH) {
        uint32_t before = total;
        inbox_take(inbox);
        for (const struct arrival *taken; (taken = inbox_next(inbox)); total++) {
            EXPECT_EQ(taken->number, next[taken->player]);
            next[taken->player]++;
        }
        if (total == before) sched_yield();
    }
    for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    EXPECT_EQ(total, WRITERS * EACH);
    inbox_destroy(inbox);
}

enum { ROUNDS = 2000 };

/* Puts the next once the last was taken: each time the taker has begun to wait, or is about to. */
struct caller {
    struct inbox *inbox;
    _Atomic uint32_t taken;
};

static void *call_one_by_one(void *context) {
    struct caller *caller = context;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct arrival arrival = {.what = ARRIVAL_CALL, .number = i};
        while (atomic_load(&caller->taken) < i) sched_yield();
        EXPECT(inbox_put(caller->inbox, &arrival));
    }
    return NULL;
}

/* A waker that is lost would hold this for an hour. */
static void who_waits_is_woken(void) {
    struct caller caller = {.inbox = inbox_create(4)};
    uint64_t in_an_hour_ns = clock_ns() + 3600 * UINT64_C(1000000000);
    pthread_t thread;
    inbox_await(caller.inbox, clock_ns()); /* over at once */
    inbox_await(caller.inbox, clock_ns() + 1000000);
    pthread_create(&thread, NULL, call_one_by_one, &caller);
    for (uint32_t i = 0; i < ROUNDS;) {
        inbox_await(caller.inbox, in_an_hour_ns);
        inbox_take(caller.inbox);
        for (const struct arrival *taken; (taken = inbox_next(caller.inbox));
             atomic_store(&caller.taken, ++i))
            EXPECT_EQ(taken->number, i);
    }
    pthread_join(thread, NULL);
    inbox_destroy(caller.inbox);
}

int main(void) {
    RUN(keeps_order_and_bound);
    RUN(keeps_what_each_says);
    RUN(one_session_leaves_place);
    RUN(threads_lose_nothing);
    RUN(who_waits_is_woken);
    return check_done();
}
