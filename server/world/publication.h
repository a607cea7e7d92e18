/* What one tick made visible: immutable once it is on the board. The board has a pool of publications for
 * each room: the newest and one that main writes next, and one more for each I/O thread that was found to
 * read an older one meanwhile. No lock: an I/O thread names what it reads (a hazard pointer, after Michael
 * 2004), and main leaves that alone. */
#pragma once
#include "game/game_api.h"
#include "server/world/grid.h"
#include "server/world/lane.h"

struct publication_event {
    uint32_t number, tick;
    struct game_to to;
    uint8_t record, elements;
    uint8_t use;       /* enum schema_use */
    uint16_t size, at; /* where its values lie in `bytes` of publication_events */
};

enum {
    PUBLICATION_EVENT_BYTES = 16384,
    PUBLICATION_BLOCK = 64,         /* so many seats are looked at together: as bits they are one word */
    PUBLICATION_MAY_DROP_TICKS = 16 /* events that may be dropped are of no use after that */
};

/* As many events as there can be, with their values. It is not cleared: of what no event ever needed there
 * are no pages. */
struct publication_events {
    struct publication_event all[LIMIT_EVENTS]; /* oldest first */
    uint8_t bytes[PUBLICATION_EVENT_BYTES];
};

struct publication_player {    /* what became of its inputs */
    uint32_t used, used_tick;  /* newest used input and the tick that used it */
    uint16_t repeated, unused; /* ticks in which its last input was used again, inputs passed over: so far,
                                  modulo 2¹⁶ */
};

_Static_assert(sizeof(struct game_seat) == 24, "seats are compared byte by byte: no gaps");

struct publication_lane {
    bool active, still; /* as of the lane */
    struct lane_row *rows;
    uint8_t *blobs;
    uint64_t *changed;
    uint64_t *hashes; /* valid if the publication states hashes */
};

struct publication {
    uint32_t tick, instance;
    uint32_t news; /* tick of the newest publication of its room that said something new to anybody */
    uint32_t rows_max, seats_max; /* so many there is memory for: it grows with those that were ever there */
    size_t words;                 /* of all bits over row numbers, up to the last row that was ever shown */
    struct grid grid;             /* where placed rows are */
    bool hashed, scheduled;       /* hashes are stated: to those who asked; scheduled: to everyone */
    const struct shape_set *shapes[LANE_COUNT];
    const struct lane_blobs *blobs_of[LANE_COUNT];
    const int32_t *rules;        /* raw values, fixed as long as the room stands */
    uint32_t *born;              /* by row number */
    uint64_t *alive, *newborn;   /* rows that are there; those that began in this tick */
    bool begins;                 /* some row began in this tick */
    uint64_t *everyone;          /* living rows that everyone may hold */
    uint32_t *reserved;          /* numbers of living rows that not everyone may hold, */
    struct game_to *reserved_to; /* and who may */
    uint32_t reserved_count;
    uint32_t seat_count;                /* those that were ever taken, */
    struct publication_player *players; /* what became of their inputs, */
    struct game_seat *seats;            /* and what the game showed of them: radius 0 looks everywhere */
    uint32_t *seats_since;              /* by PUBLICATION_BLOCK of both: since which tick it is as it is */
    struct publication_events *events;  /* NULL: there were none so far */
    uint32_t event_count, event_last;   /* event_last: number of the newest event ever */
    uint32_t event_lost;                /* as of events.h: the newest that had to arrive and is gone, */
    uint32_t *event_lost_by;            /* and, by player, of those that were for one; */
    uint32_t event_losses;              /* how many there were */
    struct publication_lane lanes[LANE_COUNT];
};

/* Whether a row or event that is `to` somebody is for this player. */
static inline bool publication_may_hold(const struct publication *from, uint16_t player, struct game_to to) {
    if (to.whom == GAME_TO_ONE) return to.id == player;
    if (to.whom == GAME_TO_GROUP) return from->seats[player].groups >> (to.id & 63) & 1;
    return true;
}

/* The row that this player steers, and always holds: its number + 1; 0: none. `shapes`: of any lane. */
static inline uint32_t publication_own(const struct publication *from, const struct shape_set *shapes,
                                       uint16_t player) {
    const struct game_seat *seat = &from->seats[player];
    return seat->owns ? shapes->kinds[seat->kind].first + seat->slot + 1u : 0;
}

/* Number of the newest event that this player had to get and can't any more. */
static inline uint32_t publication_event_lost(const struct publication *from, uint16_t player) {
    uint32_t alone = from->event_lost_by[player];
    return alone > from->event_lost ? alone : from->event_lost;
}

struct board;

/* A board for so many rooms, read by so many I/O threads. */
struct board *board_create(uint32_t rooms, uint32_t threads);
void board_destroy(struct board *board);

/* ---- Main. */

/* Begins the pool of a room with these rows and seats. `placed` (bits of the rows of placed kinds) outlives
 * it. */
void board_open(struct board *board, uint32_t room, const struct shape_set *shapes, const uint64_t *placed,
                uint32_t seats);
/* From now on its publications can take this lane, which outlives them. */
void board_open_lane(struct board *board, uint32_t room, enum shape_lane which, const struct lane *lane);
/* Takes a room's publications off the board and frees them once no thread reads them any more (it waits for
 * that: a thread pins for one message at a time). */
void board_close(struct board *board, uint32_t room);
/* A publication that nobody reads, for rows whose bits take so many words, and the first so many seats. It is
 * as it was when it was published last, or empty. NULL without memory. */
struct publication *board_next(struct board *board, uint32_t room, size_t words, uint32_t seats);
/* Brings what the lanes hold into it: only rows touched since it was written last. */
void publication_take_lane(struct publication *publication, enum shape_lane which, const struct lane *lane);
/* Whether anybody may have to be told something by `after` that `before`, the publication of the tick before
 * it, did not say, or would find something else nearby. */
bool publication_says_new(const struct publication *before, const struct publication *after);
/* From now on this is the newest. */
void board_publish(struct board *board, uint32_t room, struct publication *publication);

/* How many publications of any room said something new, so far and modulo 2³². */
uint32_t board_news_count(const struct board *board);

/* ---- I/O threads. */

/* `news` of the newest publication of a room; 0: there is none. */
uint32_t board_news(const struct board *board, uint32_t room);
/* The newest publication of a room, which stays as it is until this thread's next pin or unpin; NULL: none.
 */
const struct publication *board_pin(struct board *board, uint32_t thread, uint32_t room);
void board_unpin(struct board *board, uint32_t thread);
