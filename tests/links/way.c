/* A token bucket that holds a few milliseconds' worth, and a line of pieces with their times of arrival. */
#include "tests/links/way.h"
#include "game/math.h"
#include <stdlib.h>
#include <string.h>

enum { BURST_US = 4000 /* of bandwidth may be saved up, while the queue is empty or the process slept */ };

/* ---- Rings. */

static bool ring_start(struct ring *ring, size_t size) {
    *ring = (struct ring){.bytes = malloc(size), .size = size};
    return ring->bytes != NULL;
}

static size_t ring_used(const struct ring *ring) {
    return (size_t)(ring->end - ring->at);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Bytes from `place` on that lie in one piece. */
static size_t ring_piece(const struct ring *ring, uint64_t place, size_t size) {
    return least(size, ring->size - place % ring->size);
}

static void ring_move(struct ring *to, struct ring *from, size_t size) {
    while (size) {
        size_t piece = ring_piece(to, to->end, ring_piece(from, from->at, size));
        memcpy(to->bytes + to->end % to->size, from->bytes + from->at % from->size, piece);
        to->end += piece;
        from->at += piece;
        size -= piece;
    }
}

/* ---- The way. */

bool way_start(struct way *way, const struct way_setup *setup, uint64_t seed, uint64_t now_us) {
    memset(way, 0, sizeof *way);
    way->setup = *setup;
    way->dice = dice_seed(seed);
    way->looked_us = now_us;
    return ring_start(&way->queue, setup->queue) && ring_start(&way->flight, WAY_FLIGHT);
}

void way_finish(struct way *way) {
    free(way->queue.bytes);
    free(way->flight.bytes);
    way->queue.bytes = way->flight.bytes = NULL;
}

uint8_t *way_room(struct way *way, size_t *room) {
    struct ring *queue = &way->queue;
    *room = ring_piece(queue, queue->end, queue->size - ring_used(queue));
    return queue->bytes + queue->end % queue->size;
}

void way_took(struct way *way, size_t size) {
    way->queue.end += size;
}

/* How many of the waiting bytes go through now. */
static size_t going(struct way *way, uint64_t now_us) {
    size_t waiting = ring_used(&way->queue);
    uint64_t passed_us = now_us - way->looked_us;
    double bandwidth = way->setup.bandwidth;
    way->looked_us = now_us;
    if (way->setup.bandwidth == 0) return waiting;
    way->credit += (double)passed_us * bandwidth / 1e6;
    double most = bandwidth * BURST_US / 1e6 + 1;
    if (way->credit > most) way->credit = most;
    size_t goes = least(waiting, (size_t)way->credit);
    way->credit -= (double)goes;
    return goes;
}

void way_move(struct way *way, uint64_t now_us) {
    if (way->slices_end - way->slices_at == WAY_SLICES) return;
    size_t goes = least(going(way, now_us), way->flight.size - ring_used(&way->flight));
    if (goes == 0) return;
    uint32_t jitter_us = way->setup.jitter_us ? dice_below(&way->dice, way->setup.jitter_us) : 0;
    uint64_t due_us = now_us + way->setup.delay_us + jitter_us;
    ring_move(&way->flight, &way->queue, goes);
    if (due_us > way->due_us) way->due_us = due_us;
    way->slices[way->slices_end % WAY_SLICES].end = way->flight.end;
    way->slices[way->slices_end++ % WAY_SLICES].due_us = way->due_us;
}

const uint8_t *way_arrived(const struct way *way, uint64_t now_us, size_t *size) {
    uint64_t end = way->flight.at;
    for (uint64_t i = way->slices_at; i < way->slices_end; i++) {
        if (way->slices[i % WAY_SLICES].due_us > now_us) break;
        end = way->slices[i % WAY_SLICES].end;
    }
    *size = ring_piece(&way->flight, way->flight.at, (size_t)(end - way->flight.at));
    return way->flight.bytes + way->flight.at % way->flight.size;
}

void way_gave(struct way *way, size_t size) {
    way->flight.at += size;
    while (way->slices_at < way->slices_end && way->slices[way->slices_at % WAY_SLICES].end <= way->flight.at)
        way->slices_at++;
}

bool way_empty(const struct way *way) {
    return ring_used(&way->queue) == 0 && ring_used(&way->flight) == 0;
}
