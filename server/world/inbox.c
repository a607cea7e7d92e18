/* Two stores that change places: many put into one under a lock held for one copy, main reads the other. */
#include "server/world/inbox.h"
#include "server/clock.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct inbox {
    pthread_mutex_t lock; /* guards all but what main reads */
    size_t capacity, count;
    uint8_t *filling, *reading;       /* arrivals of different sizes behind one another */
    size_t filled, taken, taken_read; /* bytes: of `filling`; of `reading`, and how far main has come */
    uint8_t *puts; /* of each session since the last take, up to INBOX_SHARE; some are counted together */
    size_t puts_count;
    bool awaited; /* main sleeps until there is something: the bell is to be rung */
    int bell;
};

struct inbox *inbox_create(size_t capacity) {
    struct inbox *inbox = calloc(1, sizeof(*inbox));
    if (!inbox) return NULL;
    inbox->capacity = capacity;
    inbox->puts_count = capacity / INBOX_SHARE + 1;
    inbox->puts = calloc(inbox->puts_count, sizeof *inbox->puts);
    inbox->filling = calloc(capacity, sizeof(struct arrival));
    inbox->reading = calloc(capacity, sizeof(struct arrival));
    inbox->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&inbox->lock, NULL);
    if (inbox->filling && inbox->reading && inbox->puts && inbox->bell >= 0) return inbox;
    inbox_destroy(inbox);
    return NULL;
}

void inbox_destroy(struct inbox *inbox) {
    if (!inbox) return;
    pthread_mutex_destroy(&inbox->lock);
    if (inbox->bell >= 0) close(inbox->bell);
    free(inbox->filling);
    free(inbox->reading);
    free(inbox->puts);
    free(inbox);
}

/* Where the puts of this session are counted: ids are scattered. */
static uint8_t *puts_of(struct inbox *inbox, uint32_t session) {
    return &inbox->puts[(uint64_t)(session * 2654435769u) * inbox->puts_count >> 32];
}

/* What goes beyond a session's share fills half of the places at most: so nobody takes all from the others.
 */
static bool has_place(struct inbox *inbox, uint32_t session) {
    uint8_t *puts = puts_of(inbox, session);
    bool beyond = *puts == INBOX_SHARE;
    if (inbox->count >= (beyond ? inbox->capacity / 2 : inbox->capacity)) return false;
    if (!beyond) ++*puts;
    return true;
}

/* Of an arrival, up to its last cell; a multiple of its alignment. */
static size_t bytes_of(const struct arrival *arrival) {
    if (arrival->what == ARRIVAL_JOIN) return sizeof *arrival;
    size_t bytes = offsetof(struct arrival, cells) + arrival->cell_count * sizeof *arrival->cells;
    return (bytes + _Alignof(struct arrival) - 1) & ~(_Alignof(struct arrival) - 1);
}

bool inbox_put(struct inbox *inbox, const struct arrival *arrival) {
    size_t bytes = bytes_of(arrival);
    CHECK(bytes <= sizeof *arrival);
    pthread_mutex_lock(&inbox->lock);
    bool fits = has_place(inbox, arrival->session);
    if (fits) {
        memcpy(inbox->filling + inbox->filled, arrival, bytes);
        inbox->filled += bytes;
        inbox->count++;
    }
    bool awaited = inbox->awaited;
    inbox->awaited = false;
    pthread_mutex_unlock(&inbox->lock);
    if (awaited) eventfd_write(inbox->bell, 1);
    return fits;
}

/* Whether it is to be waited: from now on the bell is rung for the first that comes. */
static bool listen_for_bell(struct inbox *inbox) {
    pthread_mutex_lock(&inbox->lock);
    bool empty = inbox->count == 0;
    inbox->awaited = empty;
    pthread_mutex_unlock(&inbox->lock);
    return empty;
}

void inbox_await(struct inbox *inbox, uint64_t until_ns) {
    eventfd_t rung;
    uint64_t now_ns = clock_ns();
    if (now_ns >= until_ns || !listen_for_bell(inbox)) return;
    struct timespec left = clock_timespec(until_ns - now_ns);
    ppoll(&(struct pollfd){.fd = inbox->bell, .events = POLLIN}, 1, &left, NULL);
    eventfd_read(inbox->bell, &rung);
}

void inbox_take(struct inbox *inbox) {
    pthread_mutex_lock(&inbox->lock);
    uint8_t *reading = inbox->filling;
    inbox->filling = inbox->reading;
    inbox->reading = reading;
    inbox->taken = inbox->filled;
    if (inbox->count) memset(inbox->puts, 0, inbox->puts_count);
    inbox->taken_read = inbox->filled = inbox->count = 0;
    pthread_mutex_unlock(&inbox->lock);
}

const struct arrival *inbox_next(struct inbox *inbox) {
    if (inbox->taken_read == inbox->taken) return NULL;
    const struct arrival *next = (const void *)(inbox->reading + inbox->taken_read);
    inbox->taken_read += bytes_of(next);
    return next;
}
