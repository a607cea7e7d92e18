/* The store's queue and thread. What waits goes into one transaction, so that a burst costs one fsync; what
 * fails is tried again until it is on the disk. SQL is store_file's. */
#include "server/keep/store.h"
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/keep/store_file.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BATCH = 1024, /* requests of one transaction, which then takes a few ms: LOOKs never wait long */
    BACK_OFF_FIRST_MS = 20, /* after a failure; doubles with each one */
    BACK_OFF_MAX_MS = 1000,
    CLOSE_WAIT_US = 10 * 1000000, /* store_close gives a failing disk so long */
};

struct top { /* one game's list */
    char game[LIMIT_LABEL];
    bool changed; /* of the store's thread alone */
    char json[STORE_TOP_BYTES];
};

struct store {
    pthread_mutex_t lock; /* guards the queue */
    pthread_cond_t wake;
    struct store_request queue[STORE_QUEUE];
    size_t first, count;
    bool closing;
    uint64_t give_up_us;

    pthread_mutex_t top_lock; /* guards names and lists; the store's thread alone writes them */
    struct top tops[STORE_GAMES];
    size_t top_count;

    pthread_t thread; /* all below is its own */
    struct store_file file;
    struct store_request batch[BATCH];
    size_t batch_count;
    struct store_answer answers[BATCH];
    size_t answer_count;
    uint32_t back_off_ms;
    store_listener *listener;
    void *context;
};

/* ---- The top lists. */

static struct top *find_top(struct store *store, const char *game) {
    for (size_t i = 0; i < store->top_count; i++)
        if (!strncmp(store->tops[i].game, game, LIMIT_LABEL)) return &store->tops[i];
    return NULL;
}

static void mark_changed(struct store *store, const char *game) {
    struct top *top = find_top(store, game);
    if (!top && store->top_count == STORE_GAMES) {
        log_limited(LOG_WARN, "top_unlisted", "games_max=%d", STORE_GAMES);
        return;
    }
    if (!top) {
        pthread_mutex_lock(&store->top_lock);
        top = &store->tops[store->top_count++];
        snprintf(top->game, sizeof(top->game), "%.*s", LIMIT_LABEL - 1, game);
        snprintf(top->json, sizeof(top->json), "[]");
        pthread_mutex_unlock(&store->top_lock);
    }
    top->changed = true;
}

/* Makes the changed lists anew; one that can't be read now is made after the next commit. */
static void refresh_tops(struct store *store) {
    for (size_t i = 0; i < store->top_count; i++) {
        struct top *top = &store->tops[i];
        char json[STORE_TOP_BYTES];
        if (!top->changed || !store_file_top(&store->file, top->game, json)) continue;
        pthread_mutex_lock(&store->top_lock);
        memcpy(top->json, json, sizeof(json));
        pthread_mutex_unlock(&store->top_lock);
        top->changed = false;
    }
}

size_t store_top(struct store *store, const char *game, char *into, size_t size) {
    pthread_mutex_lock(&store->top_lock);
    const struct top *top = find_top(store, game);
    bool fits = top && strlen(top->json) < size;
    int length = snprintf(into, size, "%s", fits ? top->json : "[]");
    pthread_mutex_unlock(&store->top_lock);
    return (size_t)length < size ? (size_t)length : size ? size - 1 : 0;
}

/* ---- The queue. */

bool store_ask(struct store *store, const struct store_request *request) {
    pthread_mutex_lock(&store->lock);
    bool fits = store->count < STORE_QUEUE && !store->closing;
    if (fits) store->queue[(store->first + store->count++) % STORE_QUEUE] = *request;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->lock);
    return fits;
}

/* Waits for requests and takes up to a batch. False: closing, and nothing is left. */
static bool take_batch(struct store *store) {
    pthread_mutex_lock(&store->lock);
    while (!store->count && !store->closing) pthread_cond_wait(&store->wake, &store->lock);
    while (store->count && store->batch_count < BATCH) {
        store->batch[store->batch_count++] = store->queue[store->first];
        store->first = (store->first + 1) % STORE_QUEUE;
        store->count--;
    }
    pthread_mutex_unlock(&store->lock);
    return store->batch_count > 0;
}

/* Takes the oldest LOOK out of the queue from among waiting writes, which keep their order. */
static bool take_look(struct store *store, struct store_request *look) {
    size_t at = 0;
    while (at < store->count && store->queue[(store->first + at) % STORE_QUEUE].what != STORE_LOOK) at++;
    if (at == store->count) return false;
    *look = store->queue[(store->first + at) % STORE_QUEUE];
    for (store->count--; at < store->count; at++)
        store->queue[(store->first + at) % STORE_QUEUE] = store->queue[(store->first + at + 1) % STORE_QUEUE];
    return true;
}

/* ---- The work. */

static bool has_writes(const struct store *store) {
    for (size_t i = 0; i < store->batch_count; i++)
        if (store->batch[i].what != STORE_LOOK) return true;
    return false;
}

static bool carry_out(struct store *store) {
    store->answer_count = 0;
    for (size_t i = 0; i < store->batch_count; i++) {
        const struct store_request *request = &store->batch[i];
        if (request->what == STORE_LOOK) {
            if (!store_file_look(&store->file, request, &store->answers[store->answer_count])) return false;
            store->answer_count++;
        } else {
            if (!store_file_write(&store->file, request)) return false;
            mark_changed(store, request->game);
        }
    }
    return true;
}

/* The whole batch in one transaction. False: nothing of it happened. */
static bool commit_batch(struct store *store) {
    bool writes = has_writes(store);
    if (!store_file_begin(&store->file, writes)) return false;
    if (!carry_out(store) || !store_file_commit(&store->file)) return false;
    metrics_add(METRIC_store_commits, writes);
    return true;
}

/* An answer without a transaction; who can't be read now is not known. */
static void answer_at_once(struct store *store, const struct store_request *look) {
    struct store_answer answer;
    if (!store_file_look(&store->file, look, &answer)) answer.known = false;
    store->listener(store->context, &answer);
}

static void say_failed(struct store *store) {
    metrics_add(METRIC_store_failures, 1);
    log_limited(LOG_ERROR, "store_failed", "why=%s waiting=%zu", LOG_QUOTE(store_file_error(&store->file)),
                store->batch_count);
}

/* After a failure: nobody who wants to play waits for the disk. Only writes stay in the batch. */
static void answer_looks(struct store *store) {
    size_t writes = 0;
    for (size_t i = 0; i < store->batch_count; i++) {
        if (store->batch[i].what == STORE_LOOK)
            answer_at_once(store, &store->batch[i]);
        else
            store->batch[writes++] = store->batch[i];
    }
    store->batch_count = writes;
}

/* Waits before the next try, and answers the LOOKs that come meanwhile. */
static void back_off(struct store *store) {
    store->back_off_ms = store->back_off_ms ? store->back_off_ms * 2 : BACK_OFF_FIRST_MS;
    if (store->back_off_ms > BACK_OFF_MAX_MS) store->back_off_ms = BACK_OFF_MAX_MS;
    uint64_t until_ns = clock_ns() + store->back_off_ms * UINT64_C(1000000);
    struct timespec until = clock_timespec(until_ns);
    pthread_mutex_lock(&store->lock);
    while (clock_ns() < until_ns) {
        struct store_request look;
        if (!take_look(store, &look)) {
            pthread_cond_timedwait(&store->wake, &store->lock, &until);
            continue;
        }
        pthread_mutex_unlock(&store->lock);
        answer_at_once(store, &look);
        pthread_mutex_lock(&store->lock);
    }
    pthread_mutex_unlock(&store->lock);
}

/* Whether closing has waited long enough for a failing disk; says then what is lost. */
static bool gives_up(struct store *store) {
    pthread_mutex_lock(&store->lock);
    bool over = store->closing && clock_us() > store->give_up_us;
    size_t lost = store->batch_count + store->count;
    pthread_mutex_unlock(&store->lock);
    if (over) log_write(LOG_ERROR, "store_lost", "requests=%zu", lost);
    return over;
}

static void *store_run(void *context) {
    struct store *store = context;
    while (store->batch_count || take_batch(store)) {
        if (commit_batch(store)) {
            store->batch_count = 0;
            store->back_off_ms = 0;
            refresh_tops(store);
            for (size_t i = 0; i < store->answer_count; i++)
                store->listener(store->context, &store->answers[i]);
            continue;
        }
        say_failed(store);
        store_file_rollback(&store->file);
        answer_looks(store);
        if (gives_up(store)) break;
        back_off(store);
    }
    return NULL;
}

/* ---- Its life. */

static bool read_tops(struct store *store) {
    char games[STORE_GAMES][LIMIT_LABEL];
    size_t count = 0;
    if (!store_file_games(&store->file, games, &count)) return false;
    for (size_t i = 0; i < count; i++) mark_changed(store, games[i]);
    refresh_tops(store);
    return true;
}

static void store_free(struct store *store) {
    store_file_close(&store->file);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->lock);
    pthread_mutex_destroy(&store->top_lock);
    free(store);
}

struct store *store_open(const char *path, store_listener *listener, void *context) {
    struct store *store = calloc(1, sizeof(*store));
    if (!store) return NULL;
    store->listener = listener;
    store->context = context;
    if (!store_file_open(&store->file, path)) {
        free(store);
        return NULL;
    }
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&store->wake, &steady);
    pthread_condattr_destroy(&steady);
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->top_lock, NULL);
    if (read_tops(store) && !pthread_create(&store->thread, NULL, store_run, store)) return store;
    log_write(LOG_ERROR, "store_refused", "why=\"cannot read, or no thread\"");
    store_free(store);
    return NULL;
}

void store_close(struct store *store) {
    if (!store) return;
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    store->give_up_us = clock_us() + CLOSE_WAIT_US;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    store_free(store);
}
