/* One direction of a bad road, without I/O: bytes wait in a bounded queue until the bandwidth lets them
 * through, then travel for a while, in order. Time is an argument. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WAY_FLIGHT = 1 << 20, /* bytes that may travel at once: a second of 1 MB/s */
    WAY_SLICES = 8192     /* pieces that may: as many milliseconds, or writes on a road without a cap */
};

struct way_setup {
    uint32_t bandwidth;           /* bytes a second; 0: no cap */
    uint32_t queue;               /* bytes that wait for it before no more are taken */
    uint32_t delay_us, jitter_us; /* each piece travels for delay … delay + jitter, none overtakes another */
};

struct ring { /* of bytes; `at` and `end` only grow */
    uint8_t *bytes;
    size_t size;
    uint64_t at, end;
};

struct way {
    struct way_setup setup;
    struct ring queue, flight;
    struct {
        uint64_t end, due_us; /* the piece that ends there in `flight` arrives then */
    } slices[WAY_SLICES];
    uint64_t slices_at, slices_end;
    uint64_t dice, looked_us, due_us;
    double credit; /* bytes that may go through now */
};

/* False: no memory. */
bool way_start(struct way *way, const struct way_setup *setup, uint64_t seed, uint64_t now_us);
void way_finish(struct way *way);
/* Where bytes can be put, at most *room of them; way_took says how many were. */
uint8_t *way_room(struct way *way, size_t *room);
void way_took(struct way *way, size_t size);
/* Lets time pass. */
void way_move(struct way *way, uint64_t now_us);
/* What has arrived and lies in one piece; way_gave says how much of it was taken away. */
const uint8_t *way_arrived(const struct way *way, uint64_t now_us, size_t *size);
void way_gave(struct way *way, size_t size);
/* Whether anything is still on the way. */
bool way_empty(const struct way *way);
