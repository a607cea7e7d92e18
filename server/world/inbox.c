/* Two arrays that change places: many put into one under a lock held for one copy, main reads the other. */
#include "server/world/inbox.h"
#include <pthread.h>
#include <stdlib.h>

struct inbox {
    pthread_mutex_t lock; /* guards all but the array that main reads */
    size_t capacity, count;
    struct arrival *filling, *reading;
    uint8_t *puts; /* of each session since the last take, up to INBOX_SHARE; some are counted together */
    size_t puts_count;
};

struct inbox *inbox_create(size_t capacity) {
    struct inbox *inbox = calloc(1, sizeof(*inbox));
    if (!inbox) return NULL;
    inbox->capacity = capacity;
    inbox->puts_count = capacity / INBOX_SHARE + 1;
    inbox->puts = calloc(inbox->puts_count, sizeof *inbox->puts);
    inbox->filling = calloc(capacity, sizeof(struct arrival));
    inbox->reading = calloc(capacity, sizeof(struct arrival));
    pthread_mutex_init(&inbox->lock, NULL);
    if (inbox->filling && inbox->reading && inbox->puts) return inbox;
    inbox_destroy(inbox);
    return NULL;
}

void inbox_destroy(struct inbox *inbox) {
    if (!inbox) return;
    pthread_mutex_destroy(&inbox->lock);
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

bool inbox_put(struct inbox *inbox, const struct arrival *arrival) {
    pthread_mutex_lock(&inbox->lock);
    bool fits = has_place(inbox, arrival->session);
    if (fits) inbox->filling[inbox->count++] = *arrival;
    pthread_mutex_unlock(&inbox->lock);
    return fits;
}

const struct arrival *inbox_take(struct inbox *inbox, size_t *count) {
    pthread_mutex_lock(&inbox->lock);
    struct arrival *taken = inbox->filling;
    inbox->filling = inbox->reading;
    inbox->reading = taken;
    *count = inbox->count;
    inbox->count = 0;
    memset(inbox->puts, 0, inbox->puts_count);
    pthread_mutex_unlock(&inbox->lock);
    return taken;
}
