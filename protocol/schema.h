/* The shape of a game, as tables that its author writes: what rows, inputs, events, calls and rules look
 * like. Data only. The server derives everything from it: quantising, deltas, hashes, and the schema that
 * travels in WELCOME. docs/game-api.md explains it with examples; `schema_check` refuses what cannot travel.
 */
#pragma once
#include "protocol/base.h"
#include "protocol/limits.h"

enum schema_type { SCHEMA_INT, SCHEMA_REAL, SCHEMA_TEXT }; /* int32_t, float, char[n] */

/* In the browser's core the tables keep of a field only this, and nothing of the records: WELCOME tells their
 * names, ranges and steps. */
#ifdef SCHEMA_BARE
#define SCHEMA_FULL schema_field_full
struct schema_field {
    uint16_t offset, size;
    uint8_t type;
    bool predicted;
};
#else
#define SCHEMA_FULL schema_field
#endif

struct SCHEMA_FULL {
    const char *name;
    uint16_t offset, size;
    uint8_t type;    /* enum schema_type */
    bool inner;      /* of use to `step` alone: other clients are not told. Comes after all that are not */
    bool predicted;  /* the kind's `step` changes it; all else is intent: whole steps, set before it */
    bool wraps;      /* max is min again: a heading, a round world */
    float min, max;  /* values outside are refused from players, clamped in rows; both 0: any */
    float preset;    /* of rules: the value if the operator sets none */
    float step;      /* smallest change worth sending; 0 means 1. INT fields travel in whole numbers */
    float tolerance; /* how far off what clients have may be before it is sent; at least one step */
};

/* The step that a field travels by. */
static inline float schema_step(const struct SCHEMA_FULL *field) {
    return field->step > 0 ? field->step : 1;
}

struct schema_record {
    const char *name;
    const struct schema_field *fields;
    uint16_t field_count, size;
    uint8_t use;    /* enum schema_use */
    uint8_t answer; /* of a call: which record answers it */
};

enum schema_use {
    SCHEMA_MUST_ARRIVE, /* an event that ends the session if it can't be given any more */
    SCHEMA_MAY_DROP,    /* an event that is of no use after a second */
    SCHEMA_CALL,
    SCHEMA_ANSWER,
    SCHEMA_NEWEST_WINS, /* an event that a later one of its record makes superfluous */
    SCHEMA_USES
};
static inline bool schema_is_event(uint8_t use) {
    return use != SCHEMA_CALL && use != SCHEMA_ANSWER && use < SCHEMA_USES;
}

struct schema_kind {
    struct schema_record row;
    uint16_t slots;  /* most rows of this kind at once */
    bool placed;     /* fields 0, 1 are its place in the world */
    bool remembered; /* through game_past */
    bool linear;     /* fields 2, 3 are that place's speed in units a second: clients move it by themselves */
    /* What a row becomes by itself in one tick of `dt` seconds, or NULL. Pure, and the same that the game's
     * own tick uses. Clients that have it run it, the others are served `linear`. It knows only what the
     * table tells: whatever else lies in the struct is zero there. */
    void (*step)(void *row, const void *rules, float dt);
    bool exact; /* its step ends with whole steps of all predicted fields: who runs it comes to the very same,
                   so that any difference is news, tolerated or not */
    /* What a player's input makes of the row that it steers, or NULL: sets intents, to whole steps. Pure, and
     * needs a `step`. One used input is one steer and one step, in the game's `input` and in clients alike.
     * `input`: a plain struct as the schema's input. */
    void (*steer)(void *row, const void *rules, const void *input, float dt);
};

struct schema {
    const char *name;
    uint32_t api, version;      /* api: GAME_API; version: of the tables, told to clients */
    size_t world_size;          /* bytes of the zeroed block that holds one world */
    struct schema_record input; /* what a player says in one tick */
    struct schema_record rules; /* the operator's settings, fixed per room, told to every client */
    const struct schema_kind *kinds;
    const struct schema_record *records; /* events, calls and their answers, named by index */
    uint16_t players_max, kind_count, record_count;
    uint16_t past_ms; /* how far back the game may look at rows of kinds that are `remembered` */
};

#define SCHEMA_PLACE(T, member)                                                                              \
    .offset = offsetof(T, member), .size = sizeof(((T *)0)->member),                                         \
    .type = _Generic(((T *)0)->member, int32_t: SCHEMA_INT, float: SCHEMA_REAL, char *: SCHEMA_TEXT)
#ifdef SCHEMA_BARE
#define SCHEMA_LABEL(label)   NULL
#define SCHEMA_RECORDS(table) .record_count = COUNT_OF(table)
#define SCHEMA_FIELD(T, member, ...)                                                                         \
    { SCHEMA_PLACE(T, member), .predicted = ((const struct schema_field_full){__VA_ARGS__}).predicted }
#else
#define SCHEMA_LABEL(label)   label
#define SCHEMA_RECORDS(table) .records = table, .record_count = COUNT_OF(table)
#define SCHEMA_FIELD(T, member, ...)                                                                         \
    { .name = #member, SCHEMA_PLACE(T, member), __VA_ARGS__ }
#endif
#define SCHEMA_RECORD(label, T, table)                                                                       \
    .name = SCHEMA_LABEL(label), .fields = table, .size = sizeof(T),                                         \
    .field_count = sizeof(table) / sizeof((table)[0])

/* Whether every table keeps the bounds of protocol/limits.h and can travel: names present, ranges finite and
 * ordered, steps positive, wrapping fields bounded, linear kinds with four REAL fields in front, inner fields
 * last. On false, `why` (of `why_size` bytes) holds one sentence that names the record and field. */
bool schema_check(const struct schema *schema, char *why, size_t why_size);
