/* Events on their way to players: a numbered ring that every publication carries a copy of, so that a client
 * which missed publications misses no event that must arrive. */
#pragma once
#include "game/game_api.h"
#include "server/world/publication.h"

struct events {
    struct publication_events *kept; /* NULL: there were none so far */
    uint32_t count, last;            /* last: number of the newest ever */
    uint32_t lost;                   /* number of the newest that had to arrive and is gone, */
    uint32_t *lost_by;               /* and, by player, of those that were for one; */
    uint32_t losses;                 /* how many there were, modulo 2³² */
    uint32_t players;
};

/* Numbers that are left when a room is to end: many ticks full of events. */
enum { EVENTS_SPARE = 1 << 20 };
/* Whether its numbers come to their end, after weeks of the most talkative game: begun anew, they would seem
 * old to all who are there. */
static inline bool events_used_up(const struct events *events) {
    return events->last >= UINT32_MAX - EVENTS_SPARE;
}
/* False without memory; events_finish is right even then. */
bool events_init(struct events *events, uint32_t players);
void events_finish(struct events *events);
/* Drops what grew too old by `tick`. */
void events_age(struct events *events, uint32_t tick);
/* Takes the event of a note, whose record has these raw values. What does not fit drives out the oldest,
 * those which may be dropped first. */
void events_take(struct events *events, const struct shape *shape, const struct game_note *note,
                 const int32_t *cells, uint32_t tick);
void events_publish(const struct events *events, struct publication *into);
