/* A client's copy of what it holds: rows that frames bring, change and take away, and that its own predictor
 * moves in between. A frame touches only the rows that it names: every other waits at an earlier tick until
 * it is looked at, and at most until its anchor (`row_anchors_at`), so that nobody ever catches up on more
 * than 256 ticks beside those of one frame. Steps are pure, so when they are made shows nowhere. No I/O, no
 * allocation: the caller brings the memory. */
#pragma once
#include "protocol/frame.h"

struct replica {
    const struct shape_set *shapes; /* the caller's; outlives the replica */
    uint32_t tick;                  /* that the rows are current to */
    uint32_t used;                  /* sequence of the newest input that the server used, */
    uint32_t used_tick;             /* and the tick that used it */
    uint32_t event_number;          /* of the newest event */
    uint32_t late;                  /* how many ticks before its own the oldest news of the last frame is */
    uint32_t corrections;           /* changes of predicted fields so far: what the predictor got wrong */
    uint64_t hash;                  /* of all held rows, as of the last frame that stated one */
    bool hash_differs;              /* that frame's hash was another */
    /* Bits of rows: held now; entered, left and changed with the last frame. */
    uint64_t *held, *entered, *left, *changed;
    uint32_t *stands; /* by row: the tick that its cells are as of */
    int32_t *cells;   /* to be read through replica_row, or after replica_forward */
    uint32_t first_cell[LIMIT_KINDS];
};

/* Bytes of memory that a replica of these shapes needs, aligned to 8. */
size_t replica_bytes(const struct shape_set *shapes);
/* An empty replica at `tick`, living in `memory`. */
void replica_init(struct replica *replica, const struct shape_set *shapes, uint32_t tick, uint32_t used,
                  void *memory);
/* Applies a frame. False if it does not fit what is held: the replica is then worthless, and the client
 * begins anew. */
bool replica_apply(struct replica *replica, const struct frame *frame);
/* The cells of all rows, held or not. */
size_t replica_cells(const struct shape_set *shapes);
/* The cells of a held row, brought forward to the replica's tick; NULL if it is not held. Valid until the
 * next frame. */
const int32_t *replica_row(const struct replica *replica, uint32_t row);
/* Brings all held rows of a kind forward to the replica's tick, for who reads `cells` itself. */
void replica_forward(const struct replica *replica, const struct shape_kind *kind);
/* The hash of what is held now, all brought forward; never 0. */
uint64_t replica_hash(const struct replica *replica);

struct replica_event {
    uint32_t number, record, tick;
    int32_t cells[LIMIT_CELLS];
};
/* The events of a frame, one after another, read before or after it is applied: start with `events` at the
 * frame's list, `*event` zeroed but for `number` = event_number before the frame. False: no more, or
 * malformed. */
bool replica_event_next(const struct shape_set *shapes, struct wire_reader *events, uint32_t frame_tick,
                        struct replica_event *event);
