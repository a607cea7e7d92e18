/* A lane: the rows of one room as the clients with one predictor believe them to be. It decides what is sent,
 * encodes it once, as change and whole, and remembers when. Rules 1–3 of docs/architecture.md, "Rows that
 * remember". */
#pragma once
#include "protocol/delta.h"

struct lane_row {
    uint32_t touched;           /* tick in which anything below changed */
    uint32_t sent, sent_before; /* ticks of the newest sending and of the one before it */
    uint32_t whole_tick;        /* tick that the whole is current to */
    uint16_t change_size, whole_size;
    uint8_t change_elements, whole_elements;
    uint8_t mask_size; /* bytes of the change that need not be given, since its mask is the usual one */
};

struct lane_blobs { /* where a kind's encodings lie: for each slot a change, then a whole */
    uint32_t first, stride, whole_at;
};

struct lane_counts { /* of one kind: how often each field was an intent that changed, or a guess that went
                        wrong */
    uint64_t intents[LIMIT_FIELDS], corrections[LIMIT_FIELDS];
};

struct lane {
    const struct shape_set *shapes;
    bool active;           /* somebody is served by it */
    bool still;            /* no row of it began, was sent or moved in the newest tick */
    struct lane_row *rows; /* by row number */
    uint64_t *changed;     /* rows sent in the newest tick */
    uint8_t *blobs;
    struct lane_blobs blobs_of[LIMIT_KINDS];
    int32_t *believed;
    uint32_t believed_first[LIMIT_KINDS];
    uint32_t used[LIMIT_KINDS]; /* of the newest truth */
    uint64_t *hashes;           /* of each believed row, made by lane_hash */
    struct lane_counts *counts; /* by kind: why rows were sent, for the author of a game, who can mend it */
    uint64_t rows_changed, rows_encoded, rows_anchored; /* since they were taken into the metrics */
};

struct lane_truth { /* what a room shows in one tick */
    const uint64_t *alive;
    const uint32_t *born;           /* by row number: the tick in which it became what it is */
    const uint32_t *used;           /* by kind: slots beyond so many were never alive */
    const struct shape_set *shapes; /* of LANE_GAME, which know all fields; other lanes know the first ones */
    const int32_t *cells;           /* cell_count of `shapes` a row, kind after kind */
    const uint32_t *cells_first;    /* by kind */
};

/* How many bytes the encodings of the rows with numbers below `rows` take. */
size_t lane_blob_bytes(const struct lane *lane, uint32_t rows);
/* NULL without memory. The shapes outlive the lane. */
struct lane *lane_create(const struct shape_set *shapes);
void lane_destroy(struct lane *lane); /* NULL is fine */
/* The first client of this lane came: every living row is whole and known as of `tick`. */
void lane_activate(struct lane *lane, const struct lane_truth *truth, uint32_t tick);
/* One tick of an active lane: intents, step, correction, anchor, encoding. */
void lane_turn(struct lane *lane, const struct lane_truth *truth, uint32_t tick);
/* Makes `hashes` of all living rows. */
void lane_hash(struct lane *lane, const uint64_t *alive);

/* Where a slot's change, and its whole, lies in a lane's blobs or in a publication's copy of them. */
static inline const uint8_t *lane_change(const struct lane_blobs *of, const uint8_t *blobs, uint32_t slot) {
    return blobs + of->first + (size_t)slot * of->stride;
}
static inline const uint8_t *lane_whole(const struct lane_blobs *of, const uint8_t *blobs, uint32_t slot) {
    return blobs + of->first + (size_t)slot * of->stride + of->whole_at;
}
