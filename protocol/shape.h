/* Shapes: what a game's tables (protocol/schema.h) become once everything is counted in whole numbers. The
 * server derives them from the game, a client reads them out of WELCOME; from then on both work on shapes
 * alone. */
#pragma once
#include "protocol/schema.h"
#include "protocol/wire.h"

enum shape_predictor { PREDICT_NONE, PREDICT_LINEAR, PREDICT_GAME };
enum shape_lane {
    LANE_NONE,
    LANE_LINEAR,
    LANE_GAME,
    LANE_COUNT
}; /* what a client can run: docs/protocol.md, HELLO */

struct shape_field {
    char name[LIMIT_LABEL];
    float step;
    int32_t min, max;      /* raw; with wraps max stands for min */
    int32_t tolerance;     /* raw; the server's */
    uint16_t offset, size; /* in the plain struct; the server's */
    uint8_t type;          /* enum schema_type */
    bool wraps, predicted; /* predicted: by the game's own predictor; the server's */
    uint8_t cell, cells;   /* first cell, and how many */
};

struct shape { /* one record */
    char name[LIMIT_LABEL];
    struct shape_field fields[LIMIT_FIELDS];
    uint16_t size; /* of the plain struct; the server's */
    uint8_t field_count, cell_count;
    uint8_t use, answer;
};

struct shape_kind {
    struct shape row;
    uint32_t slots, first; /* rows first … first + slots − 1 are of this kind */
    uint8_t predictor;     /* enum shape_predictor */
    bool placed;
    bool recounts; /* game: each raw value of a predicted field, made plain and counted again, is itself */
    uint32_t predicted;                                   /* bits of the fields that the predictor changes */
    void (*step)(void *row, const void *rules, float dt); /* game; never told on the wire */
    void (*steer)(void *row, const void *rules, const void *input, float dt); /* likewise */
    const struct shape_set *set; /* game: whose rules and dt it runs by */
    int32_t move[2]; /* linear: 1/256 steps of place in one tick, times 65,536, for one step of speed */
};

struct shape_set { /* about 60 KB: one for each game and lane, shared by all who need it */
    char game[LIMIT_LABEL];
    uint32_t version, players_max, row_count;
    uint8_t kind_count, record_count;
    float dt;                                            /* seconds of a tick, for game predictors */
    _Alignas(8) uint8_t rules_plain[LIMIT_RECORD_BYTES]; /* for game predictors */
    struct shape input, rules;
    struct shape_kind kinds[LIMIT_KINDS];
    struct shape records[LIMIT_RECORDS];
};

/* Derives the shapes of a checked schema for clients of `lane` at `rate` ticks a second. False with a
 * sentence in `why` if a linear kind is too fast to be counted exactly. */
bool shape_set_make(struct shape_set *set, const struct schema *schema, enum shape_lane lane, uint32_t rate,
                    char *why, size_t why_size);
/* A kind whose fields say where they lie and which are predicted runs this game's predictor from now on. */
void shape_kind_run(struct shape_set *set, struct shape_kind *kind, const struct schema_kind *from);
/* A set of LANE_GAME that WELCOME brought runs the predictors of these tables from now on, on plain structs
 * as they say. False if they are of another game: the set is then worthless. (Ranges and steps are WELCOME's:
 * that they are those of the tables is what the digest in HELLO has told, protocol/predict.h.) */
bool shape_set_bind(struct shape_set *set, const struct schema *schema, uint32_t rate);
/* The schema element of WELCOME. */
void shape_set_write(struct wire_writer *writer, const struct shape_set *set);
/* Reads it; the reader fails if it is malformed or beyond the bounds of protocol/limits.h. */
void shape_set_read(struct wire_reader *reader, struct shape_set *set);
/* The kind that a row number belongs to; the number must be below row_count. */
const struct shape_kind *shape_kind_of(const struct shape_set *set, uint32_t row);
