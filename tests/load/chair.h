/* What one player feels: how old its state is at every moment, and how long after a key something shows.
 * Asked on a steady schedule, not when frames come: a stall is felt for as long as it lasts, not once. */
#pragma once
#include "tests/load/figures.h"
#include "tests/load/rooms.h"

enum { CHAIR_STEP_US = 1000, CHAIR_INPUTS = 64 };

struct chair {
    struct rooms_one *room;
    uint64_t sampled_us; /* the age is told up to here; 0: it is not measured */
    uint64_t frame_us;   /* when the newest frame came; 0: none yet */
    uint32_t tick;       /* of it */
    uint32_t inputs_at, inputs_end;
    struct {
        uint32_t sequence;
        uint64_t due_us;    /* when the key was pressed, which is before the input could leave */
    } inputs[CHAIR_INPUTS]; /* that changed something, and are not answered */
};
struct chair_frame { /* what came */
    uint32_t base, tick;
    uint32_t late;            /* ticks before its own of the oldest change in it */
    bool says;                /* anything of the world */
    uint32_t used, used_tick; /* newest input that was used, and when */
    uint64_t at_us;           /* when it came */
    uint64_t road_us;         /* when it was on the socket, before a simulated road */
};

/* The measured time begins. */
void chair_begin(struct chair *chair, uint64_t now_us);
void chair_input(struct chair *chair, struct figures *figures, uint32_t sequence, uint64_t due_us);
void chair_frame(struct chair *chair, struct figures *figures, const struct chair_frame *frame);
/* The player leaves: what comes or does not come from now on is not felt. */
void chair_leave(struct chair *chair);
/* It ends: what is missing still is told. `until_us`: the end. */
void chair_end(struct chair *chair, struct figures *figures, uint64_t until_us);
/* What comes is waited for no longer: inputs that nothing showed of yet took at least so long. */
void chair_give_up(struct chair *chair, struct figures *figures, uint64_t now_us);
