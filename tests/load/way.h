/* One direction of a bad road, without I/O: bytes wait in a bounded queue until the bandwidth lets them
 * through, then travel for a while, in order. Time is an argument. The same seed and the same bytes at the
 * same times give the same road. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WAY_FLIGHT = 1 << 20, /* bytes that may travel at once: a second of 1 MB/s */
    WAY_PIECES = 8192     /* pieces that may: as many milliseconds, or writes on a road without a cap */
};

struct way_setup {
    uint32_t bandwidth;           /* bytes a second; 0: no cap */
    uint32_t queue;               /* bytes that wait for it before no more are taken */
    uint32_t delay_us, jitter_us; /* each piece travels for delay … delay + jitter, none overtakes another */
    uint32_t stall_us, stall_every_us; /* now and then, every … on average, nothing arrives for so long: what
                                          loss looks like over TCP. 0: never */
};

struct ring { /* of bytes; `at` and `end` only grow; its memory grows when it must */
    uint8_t *bytes;
    size_t size, most;
    uint64_t at, end;
};
struct pieces { /* of a ring: each ends at a byte, and has two times */
    struct piece {
        uint64_t end, taken_us, due_us;
    } * all;
    size_t size;
    uint64_t at, end;
};

struct way {
    struct way_setup setup;
    struct ring queue, flight;
    struct pieces came, going; /* of queue and flight */
    uint64_t dice, looked_us, due_us, stall_at_us;
    double credit; /* bytes that may go through now */
};

void way_start(struct way *way, const struct way_setup *setup, uint64_t seed, uint64_t now_us);
/* Any number of times. */
void way_finish(struct way *way);
/* How many bytes it takes just now. */
size_t way_room(const struct way *way);
/* Takes bytes, at most way_room of them. False: no memory. */
bool way_put(struct way *way, const uint8_t *bytes, size_t size, uint64_t now_us);
/* Lets time pass. */
void way_move(struct way *way, uint64_t now_us);
/* What has arrived and lies in one piece; *taken_us: when its last byte was put in. way_gave says how much of
 * it was taken away. */
const uint8_t *way_arrived(const struct way *way, uint64_t now_us, size_t *size, uint64_t *taken_us);
void way_gave(struct way *way, size_t size);
/* When it should be looked at again; UINT64_MAX: nothing is on the way. */
uint64_t way_due_us(const struct way *way);
/* Nothing arrives before `until_us`. */
void way_stall(struct way *way, uint64_t until_us);
/* Whether nothing is on the way. */
bool way_empty(const struct way *way);
