/* What reached a room, as text: enough to turn the same ticks again and to come to the same hash. One line an
 * arrival; tests/golden/match replays it. Written through a buffer, flushed once a second by main and at the
 * end. */
#pragma once
#include "server/world/inbox.h"

struct journal;

struct journal_head { /* what a world begins with */
    const char *game, *room;
    uint32_t instance, rate, computers, tick; /* tick: the one before its first */
    uint64_t seed;
    const uint8_t *rules; /* the plain struct */
    size_t rules_size;
};

/* Opens DIR/GAME-INSTANCE.journal and writes its head; one that is there gets the end .before. NULL after a
 * log line: the room goes on without. When it can't be written any more, or those of all rooms have taken the
 * bytes that are `left`, a log line says so, and it ends there: without its beginning it would be worth
 * nothing. `left` outlives it, and is looked at with each flush. */
struct journal *journal_open(const char *dir, const struct journal_head *head, uint64_t *left);
/* An arrival that the room took in this tick; `player`: the seat (of JOIN the one that was given). */
void journal_arrival(struct journal *journal, uint32_t tick, const struct arrival *arrival, uint16_t player,
                     uint32_t cells);
/* The hash after a tick; written every 64 ticks and at the end. */
void journal_hash(struct journal *journal, uint32_t tick, uint64_t hash);
void journal_flush(struct journal *journal);
void journal_close(struct journal *journal);
