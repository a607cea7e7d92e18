/* What assembly.c (who holds what), assembly_lists.c (what is said of it) and assembly_choose.c (what is put
 * off if not all fits) share; for nobody else. */
#pragma once
#include "server/session/assembly.h"

enum {
    LISTS = FRAME_EVENTS, /* those of a frame that rows are in */
    SETS = 11,
    GAPS_LONG_BYTES =
        2 * 512, /* gaps sum up to less than 65,536, so at most 512 of them take more than a byte */
    KEY_SHIFT = 20,
    KEY_STEPS = (1 << (31 - KEY_SHIFT)) + 1
};

struct list { /* growing: numbers or ranks go upward */
    struct wire_writer writer;
    uint32_t elements, next;
};

struct candidate { /* a row that something could be said of, if not all fits */
    uint32_t step; /* of its key: the smaller, the sooner */
    uint32_t row;
};

struct assembly {
    uint32_t rate;
    /* What is being made. */
    struct session *session;
    const struct publication *from;
    const struct publication_lane *lane;
    const struct shape_set *shapes;
    const struct lane_blobs *blobs_of;
    size_t words;
    uint32_t tick, instance, base; /* of `from` and `session` */
    bool next;                     /* the base is the tick before */
    bool leaves, enters;           /* there are such */
    bool owes;                     /* something is left for a later frame */
    bool plain;                    /* the lists are changes alone, of what was not owed */
    uint32_t copies;               /* encoded rows that the lists are made of */
    bool alike; /* the lists are those of the session before: same rows held, same to say of them */
    const struct shape_kind *kind; /* of the row that was written last: numbers go upward */
    struct list lists[LISTS];
    /* Bits over row numbers; side by side in `sets`, so that those of a usual room fill a few cache lines. */
    uint64_t *held, *leave, *enter, *allowed, *again, *sent, *owed, *waiting;
    uint64_t *need;                  /* held rows that something is to be said of */
    uint64_t *held_last, *need_last; /* of the session before, if its lists may serve again */
    uint64_t sets[SETS * LIMIT_ROWS / 64];
    struct candidate candidates[LIMIT_ROWS];
    uint32_t order[LIMIT_ROWS], key_first[KEY_STEPS + 1];
    uint8_t scratch[LISTS][LIMIT_FRAME];
};

static inline uint32_t assembly_row_at(size_t word, uint64_t bits) {
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
}

/* Whether the change says it all, or the whole must travel. */
static inline bool assembly_takes_change(const struct assembly *assembly, uint32_t number) {
    const struct lane_row *row = &assembly->lane->rows[number];
    return row->sent_before <= assembly->session->base && row->change_size > 0 &&
           assembly->from->tick - row->sent <= LIMIT_AGE &&
           !(assembly->session->owes && held_has(session_owed(assembly->session), number));
}

/* What may be spent on rows: leavings always fit, if some `leave`. */
static inline uint32_t assembly_bytes_most(const struct assembly *assembly, uint32_t bytes, bool leave) {
    uint32_t leavings = leave ? held_count(assembly->session->held, assembly->words) + GAPS_LONG_BYTES : 0;
    return bytes < ASSEMBLY_ROW_BYTES - leavings ? bytes : ASSEMBLY_ROW_BYTES - leavings;
}

/* ---- assembly_lists.c */
/* Writes what its sets say: who leaves, who enters, and what changed. */
void assembly_write_lists(struct assembly *assembly);

/* ---- assembly_choose.c */
/* Not all fits: what does is chosen, what does not is owed, and what was owed for too long leaves. */
void assembly_choose(struct assembly *assembly, struct assembly_room room);
