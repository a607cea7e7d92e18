/* Arrivals waiting for the next tick, in the order in which they came. I/O threads and the store's thread
 * put, main takes all of them at once. Fixed size; nothing is allocated after inbox_create. Each lies there
 * with as many cells as it has, so that a tick's arrivals are few pages. */
#pragma once
#include "protocol/base.h"
#include "protocol/limits.h"

enum arrival_what { ARRIVAL_JOIN, ARRIVAL_INPUT, ARRIVAL_CALL, ARRIVAL_LEAVE, ARRIVAL_HASH };
enum { ARRIVAL_CELLS = LIMIT_CALL_CELLS }; /* of a call, or of an input: schema_check refuses larger ones */

struct arrival {
    uint8_t what, reason; /* reason: enum game_reason, of LEAVE */
    uint8_t lane;         /* of JOIN */
    uint8_t cell_count;   /* of INPUT and CALL */
    uint16_t player;
    uint16_t record;   /* of CALL */
    uint32_t session;  /* who: a session's id; 0: a computer player */
    uint32_t instance; /* of the room; not of JOIN */
    uint32_t number;   /* sequence of INPUT, ticket of CALL */
    uint32_t seen;     /* of INPUT: the tick that its player saw, times LIMIT_SEEN_PARTS, modulo 2³² */
    union {
        int32_t cells[ARRIVAL_CELLS]; /* raw values of INPUT and CALL, already in range */
        struct {
            char game[LIMIT_LABEL], room[LIMIT_LABEL], name[LIMIT_NAME];
            uint64_t account;
            int64_t kept, best;
            uint64_t predictor; /* digest of what the client can run */
        } join;
    };
};

enum { INBOX_SHARE = 8 /* arrivals of a session that fill any place that is free: a queue of inputs */ };

struct inbox;

/* Room for `capacity` arrivals between two ticks. */
struct inbox *inbox_create(size_t capacity);
void inbox_destroy(struct inbox *inbox);
/* Any thread. False: full, or half full and its session has put more than its share since the last take; the
 * caller ends the conversation that brought it, or counts it. */
bool inbox_put(struct inbox *inbox, const struct arrival *arrival);
/* Main only: what came since the last call is taken, for inbox_next. */
void inbox_take(struct inbox *inbox);
/* Main only: the next of those that were taken, or NULL; valid until the next take. Of its cells only
 * cell_count may be looked at. */
const struct arrival *inbox_next(struct inbox *inbox);
/* Main only: sleeps until an arrival lies in it, at most until then (steady clock, ns), or until a signal
 * comes.
 */
void inbox_await(struct inbox *inbox, uint64_t until_ns);
