/* The contract between the server and one game: eight calls in, none out.
 * A game fills two tables. `game_schema` says what its world looks like (protocol/schema.h); `game_calls`
 * says what the world does. The world is one zeroed block without pointers that the server owns. All that
 * reaches a game comes through these calls, in one order: same seed and arrivals, same world, bit for bit.
 * So: no clock, no libm, no static variables; nothing handed in outlives the call. One room's calls come one
 * at a time. `call` and `think` may be NULL. */
#pragma once
#include "game/game_check.h"

enum { GAME_API = 4 };

/* The two symbols of a game's shared object; everything else in it is built hidden. */
__attribute__((visibility("default"))) extern const struct schema game_schema;
__attribute__((visibility("default"))) extern const struct game_calls game_calls;

/* ---- People. */
/* A seat, 0 … players_max − 1: kept through dropped connections, until `leave`. */
typedef uint16_t game_player;
struct game_profile {
    const char *name;   /* never empty; valid UTF-8 without control characters, under LIMIT_NAME bytes */
    uint64_t account;   /* 0: a guest, nothing is kept */
    int64_t kept, best; /* what GAME_ADD and GAME_SCORE stored for this account so far */
    bool computer;      /* flown by `think` */
};
enum game_reason { GAME_LEFT, GAME_LOST, GAME_KICKED };

/* Who may hold a row or hear an event. */
enum game_whom { GAME_TO_ALL, GAME_TO_ONE, GAME_TO_GROUP };
struct game_to {
    uint16_t whom, id;
};
#define GAME_ALL           ((struct game_to){GAME_TO_ALL, 0})
#define GAME_ONE(player)   ((struct game_to){GAME_TO_ONE, (uint16_t)(player)})
#define GAME_GROUP(number) ((struct game_to){GAME_TO_GROUP, (uint16_t)(number)}) /* 0 … 63 */
static inline void game_check_to(struct game_to to, const char *call) {
    GAME_CHECK(to.whom <= GAME_TO_GROUP, "%s: to nobody that game_whom names", call);
    GAME_CHECK(to.whom < GAME_TO_GROUP || to.id < 64, "%s: no group %u: there are 64", call, to.id);
}

/* ---- What is visible: written anew by `show` after every tick, into a view that the server cleared. */
struct game_rows { /* all rows of one kind; slot i lies at rows + i × size; life 0: not there */
    uint8_t *rows;
    uint32_t *life;
    struct game_to *to;
    uint16_t slots, size;
};
struct game_seat { /* where a player looks, its groups, and the row that it steers */
    float x, y, radius;
    bool owns;
    uint8_t kind;
    uint16_t slot;
    uint64_t groups;
};
struct game_view {
    struct game_rows *kinds;
    struct game_seat *seats; /* by player, players_max of them */
    uint16_t kind_count;
};
/* Shows one row. `life`: 1 …; a new number is a new thing (reborn, another, jumped) that no client eases into
 * place. A kind or slot that there is not is a mistake. */
static inline void game_show(struct game_view *view, uint8_t kind, uint16_t slot, uint32_t life,
                             const void *row, struct game_to to) {
    GAME_CHECK(kind < view->kind_count, "game_show: no kind %u: there are %u", kind, view->kind_count);
    struct game_rows *of = &view->kinds[kind];
    GAME_CHECK(slot < of->slots, "game_show: no slot %u: kind %u has %u", slot, kind, of->slots);
    GAME_CHECK(life > 0, "game_show: kind %u, slot %u: life 0 means not there", kind, slot);
    game_check_to(to, "game_show");
#ifdef GAME_STRICT /* in tests: every value, too, which is clipped as a rule */
    game_check_values("game_show", &game_schema.kinds[kind].row, row);
#endif
    memcpy(of->rows + (size_t)slot * of->size, row, of->size);
    of->life[slot] = life;
    of->to[slot] = to;
}
/* A row as shown last, or NULL if it is not there. Valid until the call returns. A kind that there is not is
 * a mistake. */
static inline const void *game_row(const struct game_view *view, uint8_t kind, uint16_t slot) {
    GAME_CHECK(kind < view->kind_count, "game_row: no kind %u: there are %u", kind, view->kind_count);
    const struct game_rows *of = &view->kinds[kind];
    return slot < of->slots && of->life[slot] ? of->rows + (size_t)slot * of->size : NULL;
}

/* ---- What a game says: notes, read by the server after the call. */
enum game_what {
    GAME_EVENT, /* `record` to `to` */
    GAME_REPLY, /* `record` answers the call with `ticket`; to: GAME_ONE, the caller */
    GAME_KICK,  /* to: GAME_ONE; in `join`: refused */
    GAME_END,   /* the room ends after this tick */
    GAME_ADD,   /* `number` is added to what is kept for `account` */
    GAME_SCORE, /* `number` competes with the best of `account`, on the game's top list */
    GAME_WHATS
};
struct game_note {
    uint8_t what, status;
    uint16_t record; /* index into game_schema.records */
    struct game_to to;
    uint32_t ticket;
    uint64_t account;
    int64_t number;
    uint32_t at; /* the server's: where the record lies in `bytes` */
};
struct game_turn {
    uint32_t tick;
    float dt;  /* seconds that one tick lasts */
    float ago; /* in `input`: how many ticks before this one what the player saw was shown; to 1/16 */
    const void *rules;
    const struct schema *schema;
    const struct game_view *past; /* what was shown before: through game_past */
    uint32_t past_count;
    struct game_note *notes; /* what was said, through game_say */
    uint8_t *bytes;
    uint32_t note_count, note_max, byte_count, byte_max, notes_lost;
};
/* A row as it was shown `ago` ticks before this one (1: the newest). NULL: it was not there, was another
 * thing (`life`), or that is longer ago than the schema's past_ms. Valid until the call returns. A kind that
 * is not `remembered` is a mistake. */
static inline const void *game_past(const struct game_turn *turn, uint8_t kind, uint16_t slot, uint32_t life,
                                    uint32_t ago) {
    GAME_CHECK(kind < turn->schema->kind_count && turn->schema->kinds[kind].remembered,
               "game_past: no kind %u that is remembered", kind);
    if (ago == 0 || ago > turn->past_count) return NULL;
    const struct game_rows *of = &turn->past[ago - 1].kinds[kind];
    return slot < of->slots && of->life[slot] == life ? of->rows + (size_t)slot * of->size : NULL;
}
/* The bytes of the record that a note carries: events do, and answers that are well. One of another use, or
 * none where its table has fields, is a mistake, and so is a reply or kick that does not say whom it is for.
 */
static inline size_t game_note_bytes(const struct schema *schema, const struct game_note *note,
                                     const void *record) {
    bool event = note->what == GAME_EVENT, reply = note->what == GAME_REPLY;
    GAME_CHECK(note->what < GAME_WHATS, "game_say: no note says %u", note->what);
    if (reply || note->what == GAME_KICK)
        GAME_CHECK(note->to.whom == GAME_TO_ONE, "game_say: replies and kicks are to GAME_ONE(player)");
    if (!event && (!reply || note->status != 0)) return 0;
    GAME_CHECK(note->record < schema->record_count, "game_say: no record %u: there are %u", note->record,
               schema->record_count);
    const struct schema_record *of = &schema->records[note->record];
    GAME_CHECK(event ? schema_is_event(of->use) : of->use == SCHEMA_ANSWER,
               "game_say: %s is no record for %s", of->name, event ? "events" : "answers");
    GAME_CHECK(record || of->size == 0, "game_say: %s without its values", of->name);
    game_check_to(note->to, "game_say");
#ifdef GAME_STRICT
    game_check_values("game_say", of, record);
#endif
    return of->size;
}
/* Says something; `record` is a plain struct as the note's record tells, or NULL. False: the tick's notes are
 * full, nothing was said, and the server counts it. */
static inline bool game_say(struct game_turn *turn, struct game_note note, const void *record) {
    size_t size = game_note_bytes(turn->schema, &note, record);
    if (turn->note_count == turn->note_max || turn->byte_max - turn->byte_count < size) {
        turn->notes_lost++;
        return false;
    }
    if (record) memcpy(turn->bytes + turn->byte_count, record, size);
    note.at = turn->byte_count;
    turn->byte_count += (uint32_t)size;
    turn->notes[turn->note_count++] = note;
    return true;
}

/* ---- The calls. Each tick: leave, join, call as they arrived; then one input of each player; then tick;
 * then show. */
struct game_calls {
    void (*begin)(void *world, struct game_turn *turn, uint64_t seed); /* once, as the room opens */
    /* A seat is taken, and left: between two joins to it lies a leave. */
    void (*join)(void *world, struct game_turn *turn, game_player who, const struct game_profile *profile);
    void (*leave)(void *world, struct game_turn *turn, game_player who, enum game_reason why);
    /* One input of one player: steer and step its own row. Called once a tick for each player, from its first
     * input on; when nothing came, with the last one again; after a stall up to LIMIT_INPUTS times. `input`:
     * game_schema.input, in range. */
    void (*input)(void *world, struct game_turn *turn, game_player who, const void *input);
    /* A question, in range as inputs are: GAME_REPLY answers it by its ticket, in this tick or later.
     * `record`: its index in game_schema.records. */
    void (*call)(void *world, struct game_turn *turn, game_player who, uint16_t record, uint32_t ticket,
                 const void *question);
    void (*tick)(void *world, struct game_turn *turn);       /* all else moves; what meets, meets */
    void (*show)(const void *world, struct game_view *view); /* what game_show and `seats` make visible */
    /* A computer player's next input, from what is shown alone. `mind`: 16 words of its own, the first a
     * seed. */
    void (*think)(const struct game_view *view, const struct game_turn *turn, game_player who, uint32_t *mind,
                  void *input);
};
