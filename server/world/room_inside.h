/* What room.c (a room's making, its arrivals and its tick) shares with room_seats.c, room_inputs.c,
 * room_publish.c and room_outcome.c; for nobody else. */
#pragma once
#include "server/memory.h"
#include "server/world/events.h"
#include "server/world/past.h"
#include "server/world/room.h"
#include "server/world/shown.h"

enum {
    ROOM_HASH_TICKS = 64,     /* how often publications state hashes, and the journal */
    ROOM_OUTCOME_BYTES = 512, /* of one REPLY */
    ROOM_MIND_WORDS = 16
};

struct player {
    bool seated : 1, computer : 1;
    bool kept : 1;  /* `known` says who it is */
    uint8_t queued; /* inputs that wait */
    uint16_t ago;   /* how old was what it saw when it made its last input: LIMIT_SEEN_PARTS a tick */
    uint32_t session;
};

struct mind { /* what a computer's `think` keeps in mind */
    uint32_t words[ROOM_MIND_WORDS];
};

struct known { /* a player for whom something may be kept: no guest */
    uint64_t account;
    char name[LIMIT_NAME];
};

struct room {
    struct room_setup setup;
    const struct schema *schema;
    const struct game_calls *calls;
    char name[LIMIT_LABEL];
    void *world;
    void *rules;          /* a plain struct, */
    int32_t *rules_cells; /* and as raw values */
    struct game_turn turn;
    struct player *players; /* by seat, as the next three; with `since` one piece, which this begins */
    struct publication_player *told; /* what publications say of its inputs */
    uint64_t *active;                /* bits: it has an input for each tick, a new one or its last */
    uint64_t *changed;               /* bits: `told` is not as it was published, or it came or left since */
    uint32_t *since;    /* by PUBLICATION_BLOCK of seats: when any of them was last published anew; a tick */
    struct mind *minds; /* by player, of computers: they have the first seats */
    uint8_t *waiting;   /* layers: of each player the oldest input, behind them the next ones */
    uint64_t *inputs;   /* by player: the newest used input as a plain struct */

    void *seldom;          /* memory_seldom, and what lies there, with the notes of `turn`: */
    uint8_t *waiting_more; /* the layers behind the usual ones */
    struct known *known;   /* by player */
    struct known *gone;    /* who left in this tick: what is to be kept for them is read after it */
    uint8_t *outcome_bytes;

    uint32_t people, empty_since, gone_count;
    uint32_t next_note, next_event;   /* of the turn's: as an outcome, or as an event, to be taken next */
    const struct publication *newest; /* on the board; NULL: none yet */
    uint16_t seats_full;              /* so many of the first seats are all taken */
    uint16_t seats_used;              /* nobody ever sat beyond so many */

    struct shown shown;
    struct past past;
    struct lane *lanes[LANE_COUNT]; /* NULL: nobody has wanted it yet */
    bool hash_asked;                /* somebody wants the next publication to state hashes */

    struct events events;
};

/* ---- room.c */
/* The raw values of what a note says, and their shape. */
const struct shape *room_read_note(const struct room *room, const struct game_note *note,
                                   int32_t cells[LIMIT_CELLS]);
/* Takes the events among the notes that were said since the last call. */
void room_take_events(struct room *room);

/* ---- room_seats.c */
/* Memory for the seats; false without. */
bool room_make_seats(struct room *room);
/* How many seats computers may have at most. */
uint32_t room_computers_most(const struct room *room);
/* The first seats are theirs until people want them. */
void room_seat_computers(struct room *room);
/* Whoever sits there leaves, if anybody does. */
void room_leave(struct room *room, uint16_t player, enum game_reason why);

/* ---- room_inputs.c */
/* Memory for inputs; false without. What is seldom needed of it lies among the other parts that are. */
bool room_make_inputs(struct room *room);
void room_lay_inputs(struct room *room, struct memory_parts *parts);
/* An INPUT of a seated player: it waits. */
void room_queue_input(struct room *room, const struct arrival *arrival);
/* Who sits there next begins without any. */
void room_forget_input(struct room *room, uint16_t player);
/* One input of each player, as the game's contract says. */
void room_use_inputs(struct room *room);

/* ---- room_publish.c */
/* Puts what the tick made visible on the board. */
void room_publish(struct room *room);
