/* Two arrays that change places: many put into one under a lock held for one copy, main reads the other. */
#include "server/world/inbox.h"
#include <pthread.h>
#include <stdlib.h>

struct inbox {
    pthread_mutex_t lock; /* guards all but the array that main reads */
    size_t capacity, count;
    struct arrival *filling, *reading;
};

struct inbox *inbox_create(size_t capacity) {
    struct inbox *inbox = calloc(1, sizeof(*inbox));
    if (!inbox) return NULL;
    inbox->capacity = capacity;
    inbox->filling = calloc(capacity, sizeof(struct arrival));
    inbox->reading = calloc(capacity, sizeof(struct arrival));
    pthread_mutex_init(&inbox->lock, NULL);
    if (inbox->filling && inbox->reading) return inbox;
    inbox_destroy(inbox);
    return NULL;
}

void inbox_destroy(struct inbox *inbox) {
    if (!inbox) return;
    pthread_mutex_destroy(&inbox->lock);
    free(inbox->filling);
    free(inbox->reading);
    free(inbox);
}

bool inbox_put(struct inbox *inbox, const struct arrival *arrival) {
    pthread_mutex_lock(&inbox->lock);
    bool fits = inbox->count < inbox->capacity;
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
    pthread_mutex_unlock(&inbox->lock);
    return taken;
}
