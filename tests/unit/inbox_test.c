/* The inbox: order, fullness, and that nothing is lost or doubled between many putting threads and one taker.
 */
#include "server/world/inbox.h"
#include "tests/check.h"
#include <pthread.h>
#include <sched.h>

enum { WRITERS = 3, EACH = 20000 };

static void keeps_order_and_bound(void) {
    struct inbox *inbox = inbox_create(4);
    struct arrival arrival = {.what = ARRIVAL_INPUT};
    size_t count;
    for (uint32_t i = 0; i < 6; i++) {
        arrival.number = i;
        EXPECT(inbox_put(inbox, &arrival) == (i < 4));
    }
    const struct arrival *taken = inbox_take(inbox, &count);
    EXPECT_EQ(count, 4);
    for (uint32_t i = 0; i < 4; i++) EXPECT_EQ(taken[i].number, i);
    EXPECT(inbox_put(inbox, &arrival)); /* while `taken` is still read */
    EXPECT_EQ(taken[0].number, 0);
    taken = inbox_take(inbox, &count);
    EXPECT_EQ(count, 1);
    EXPECT_EQ(taken[0].number, 5);
    inbox_take(inbox, &count);
    EXPECT_EQ(count, 0);
    inbox_destroy(inbox);
    inbox_destroy(NULL);
}

/* However much two of them say at once, the third gets its share. */
static void one_session_leaves_place(void) {
    enum { PLACES = 64 };
    struct inbox *inbox = inbox_create(PLACES);
    size_t count;
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
        inbox_take(inbox, &count);
        EXPECT_EQ(count, PLACES / 2 + 2 * INBOX_SHARE);
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
        size_t count;
        const struct arrival *taken = inbox_take(inbox, &count);
        for (size_t i = 0; i < count; i++) EXPECT_EQ(taken[i].number, next[taken[i].player]++);
        total += (uint32_t)count;
        if (!count) sched_yield();
    }
    for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    EXPECT_EQ(total, WRITERS * EACH);
    inbox_destroy(inbox);
}

int main(void) {
    RUN(keeps_order_and_bound);
    RUN(one_session_leaves_place);
    RUN(threads_lose_nothing);
    return check_done();
}
