/* A token bucket that holds a few milliseconds' worth, and a line of pieces with their times of arrival. */
#include "tests/load/way.h"
#include "game/math.h"
#include <stdlib.h>
#include <string.h>

enum {
    BURST_US = 4000, /* of bandwidth may be saved up, while the queue is empty or the process slept */
    LOOK_US = 1000,  /* how often a queue that waits for bandwidth is looked at */
    RING_FIRST = 512,
    PIECES_FIRST = 8
};

/* ---- Rings. */

static size_t ring_used(const struct ring *ring) {
    return (size_t)(ring->end - ring->at);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Bytes from `place` on that lie in one piece. */
static size_t ring_piece(const struct ring *ring, uint64_t place, size_t size) {
    return ring->size ? least(size, ring->size - place % ring->size) : 0;
}

/* Makes room for `more` bytes; each byte keeps its number. */
static bool ring_grow(struct ring *ring, size_t more) {
    struct ring grown = *ring;
    size_t wanted = ring_used(ring) + more;
    if (wanted <= ring->size) return true;
    for (grown.size = ring->size ? ring->size : RING_FIRST; grown.size < wanted;) grown.size *= 2;
    grown.bytes = malloc(grown.size);
    if (!grown.bytes) return false;
    for (uint64_t at = ring->at; at < ring->end;) {
        size_t piece = ring_piece(&grown, at, ring_piece(ring, at, (size_t)(ring->end - at)));
        memcpy(grown.bytes + at % grown.size, ring->bytes + at % ring->size, piece);
        at += piece;
    }
    free(ring->bytes);
    *ring = grown;
    return true;
}

static void ring_put(struct ring *ring, const uint8_t *bytes, size_t size) {
    while (size) {
        size_t piece = ring_piece(ring, ring->end, size);
        memcpy(ring->bytes + ring->end % ring->size, bytes, piece);
        ring->end += piece;
        bytes += piece;
        size -= piece;
    }
}

static void ring_move(struct ring *to, struct ring *from, size_t size) {
    while (size) {
        size_t piece = ring_piece(from, from->at, size);
        ring_put(to, from->bytes + from->at % from->size, piece);
        from->at += piece;
        size -= piece;
    }
}

/* ---- Pieces. */

static struct piece *piece_at(const struct pieces *pieces, uint64_t number) {
    return &pieces->all[number % pieces->size];
}

static bool pieces_grow(struct pieces *pieces) {
    if (pieces->end - pieces->at < pieces->size) return true;
    struct pieces grown = *pieces;
    grown.size = pieces->size ? pieces->size * 2 : PIECES_FIRST;
    grown.all = malloc(grown.size * sizeof *grown.all);
    if (!grown.all) return false;
    for (uint64_t i = pieces->at; i < pieces->end; i++) *piece_at(&grown, i) = *piece_at(pieces, i);
    free(pieces->all);
    *pieces = grown;
    return true;
}

static void pieces_put(struct pieces *pieces, struct piece piece) {
    *piece_at(pieces, pieces->end++) = piece;
}

/* Those that end before byte `place` are over. */
static void pieces_pass(struct pieces *pieces, uint64_t place) {
    while (pieces->at < pieces->end && piece_at(pieces, pieces->at)->end <= place) pieces->at++;
}

/* ---- The way. */

static void plan_stall(struct way *way, uint64_t after_us) {
    uint32_t every_us = way->setup.stall_every_us;
    way->stall_at_us = every_us ? after_us + every_us / 2 + dice_below(&way->dice, every_us) : UINT64_MAX;
}

void way_start(struct way *way, const struct way_setup *setup, uint64_t seed, uint64_t now_us) {
    *way = (struct way){.setup = *setup, .dice = dice_seed(seed), .looked_us = now_us};
    way->queue.most = setup->queue;
    way->flight.most = WAY_FLIGHT;
    plan_stall(way, now_us);
}

void way_finish(struct way *way) {
    free(way->queue.bytes);
    free(way->flight.bytes);
    free(way->came.all);
    free(way->going.all);
    *way = (struct way){0};
}

size_t way_room(const struct way *way) {
    if (way->came.end - way->came.at >= WAY_PIECES) return 0;
    return way->queue.most - ring_used(&way->queue);
}

bool way_put(struct way *way, const uint8_t *bytes, size_t size, uint64_t now_us) {
    if (!ring_grow(&way->queue, size) || !pieces_grow(&way->came)) return false;
    ring_put(&way->queue, bytes, size);
    pieces_put(&way->came, (struct piece){way->queue.end, now_us, 0});
    return true;
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

/* When what leaves now arrives: later than what left before, and not within a stall. */
static uint64_t arrival_us(struct way *way, uint64_t now_us) {
    uint32_t jitter_us = way->setup.jitter_us ? dice_below(&way->dice, way->setup.jitter_us) : 0;
    uint64_t due_us = now_us + way->setup.delay_us + jitter_us;
    if (due_us < way->due_us) due_us = way->due_us;
    while (due_us >= way->stall_at_us) {
        uint64_t end_us = way->stall_at_us + way->setup.stall_us;
        if (due_us < end_us) due_us = end_us;
        plan_stall(way, end_us);
    }
    return due_us;
}

void way_move(struct way *way, uint64_t now_us) {
    if (way->going.end - way->going.at == WAY_PIECES) return;
    size_t goes = least(going(way, now_us), way->flight.most - ring_used(&way->flight));
    if (goes == 0 || !ring_grow(&way->flight, goes) || !pieces_grow(&way->going)) return;
    way->due_us = arrival_us(way, now_us);
    pieces_pass(&way->came, way->queue.at + goes - 1);
    uint64_t taken_us = piece_at(&way->came, way->came.at)->taken_us;
    ring_move(&way->flight, &way->queue, goes);
    pieces_pass(&way->came, way->queue.at);
    pieces_put(&way->going, (struct piece){way->flight.end, taken_us, way->due_us});
}

const uint8_t *way_arrived(const struct way *way, uint64_t now_us, size_t *size, uint64_t *taken_us) {
    uint64_t end = way->flight.at;
    for (uint64_t i = way->going.at; i < way->going.end; i++) {
        const struct piece *piece = piece_at(&way->going, i);
        if (piece->due_us > now_us) break;
        end = piece->end;
        *taken_us = piece->taken_us;
    }
    *size = ring_piece(&way->flight, way->flight.at, (size_t)(end - way->flight.at));
    return *size ? way->flight.bytes + way->flight.at % way->flight.size : NULL;
}

void way_gave(struct way *way, size_t size) {
    way->flight.at += size;
    pieces_pass(&way->going, way->flight.at);
}

uint64_t way_due_us(const struct way *way) {
    uint64_t due_us = UINT64_MAX;
    if (way->going.at < way->going.end) due_us = piece_at(&way->going, way->going.at)->due_us;
    if (ring_used(&way->queue) && way->looked_us + LOOK_US < due_us) due_us = way->looked_us + LOOK_US;
    return due_us;
}

void way_stall(struct way *way, uint64_t until_us) {
    if (way->due_us < until_us) way->due_us = until_us;
    for (uint64_t i = way->going.at; i < way->going.end; i++)
        if (piece_at(&way->going, i)->due_us < until_us) piece_at(&way->going, i)->due_us = until_us;
}

bool way_empty(const struct way *way) {
    return ring_used(&way->queue) == 0 && ring_used(&way->flight) == 0;
}
