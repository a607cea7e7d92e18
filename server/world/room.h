/* One running world of one game: its seats, the inputs that wait, its tick, and what it publishes. It knows
 * neither sessions (to it they are numbers to give back) nor I/O. Main alone calls it, one call at a time. */
#pragma once
#include "protocol/codes.h"
#include "server/world/inbox.h"
#include "server/world/journal.h"
#include "server/world/module.h"
#include "server/world/publication.h"

struct room_setup {
    const struct module *module;
    const struct shape_set *shapes[LANE_COUNT]; /* of the module, at `rate` */
    const char *name;
    uint32_t instance, rate, computers; /* computers: seats flown by the game's `think` */
    uint32_t tick;                      /* the tick before its first */
    uint64_t seed;
    const void *rules; /* a plain struct as the schema's rules; copied */
    struct board *board;
    uint32_t slot;           /* of the board */
    struct journal *journal; /* NULL: none; owned by the room from now on */
};

enum room_what {
    ROOM_REPLY,  /* `bytes`, an encoded REPLY, to `session` */
    ROOM_KICKED, /* `session` lost its seat */
    ROOM_ENDED,  /* the game ended the room */
    ROOM_ADD,    /* `number` is to be added to what is kept for `account` */
    ROOM_SCORE   /* `number` competes with the best of `account` */
};
struct room_outcome {
    enum room_what what;
    uint32_t session;
    uint16_t player; /* of KICKED: the seat that it had */
    uint64_t account;
    int64_t number;
    char name[LIMIT_NAME]; /* of the account's player, if it is there or left in this tick */
    const uint8_t *bytes;  /* valid until the next call */
    size_t size;
};

struct room;

/* Begins a world. What its ticks will need is allocated here, but for lanes (with their first client) and
 * publications (as many and as large as is needed). NULL without memory. */
struct room *room_create(const struct room_setup *setup);
/* Ends it; takes its publications off the board. NULL is fine. */
void room_destroy(struct room *room);

/* One tick: first room_begin, then its arrivals in order, then room_turn, then room_outcome until it is
 * false. What the game said before the first one, as the room began, is read with the first. */
void room_begin(struct room *room, uint32_t tick);
/* A JOIN. CODE_NONE and the seat, or why not (ROOM_FULL; SERVER_FULL without memory). */
enum code room_join(struct room *room, const struct arrival *arrival, uint16_t *player);
/* INPUT, CALL or LEAVE of a seated player; one of a player who is gone or of another instance is passed over.
 */
void room_arrive(struct room *room, const struct arrival *arrival);
/* Inputs, tick, show, and the publication of it all. */
void room_turn(struct room *room);
bool room_outcome(struct room *room, struct room_outcome *outcome);
/* Before its end: all people leave, and what is to be kept for them are outcomes. */
void room_clear(struct room *room);

/* The names stand for as long as the room. */
const char *room_name(const struct room *room);
const char *room_game(const struct room *room);
uint32_t room_instance(const struct room *room);
/* Seated people (computers do not count), and the tick in which the last of them left (or the room was made).
 */
uint32_t room_people(const struct room *room);
uint32_t room_empty_since(const struct room *room);
/* The session that sits there; 0: none, or a computer. For ending a room: player 0 … players_max − 1. */
uint32_t room_session(const struct room *room, uint16_t player);
uint32_t room_players_max(const struct room *room);
/* The hash over all shown rows, for golden runs and the journal. */
uint64_t room_hash(const struct room *room);
/* How often one field was sent in a lane, and why: rows of the table that `tell_prediction` of the lobby
 * logs. */
struct room_field {
    const char *kind, *field;
    uint8_t lane;
    uint64_t intents, corrections;
};
/* The next field that was ever sent, from `cursor` on (0 at first); false: no more. */
bool room_next_field(const struct room *room, uint32_t *cursor, struct room_field *field);
/* Writes the journal out, if there is one. */
void room_flush(struct room *room);
