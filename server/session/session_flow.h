/* What may be under way to one client: learnt from when frames were written and when they were acknowledged,
 * since a socket that takes bytes says nothing of the queue beyond it. Plain numbers; time is an argument.
 *
 * A link is taken for one of four things:
 * - one that keeps up (at first): each frame is acknowledged, as many are under way as its way is long;
 * - quick (`even` is FLOW_EVEN), after so many acknowledgements in a row without trouble: some frames to an
 *   acknowledgement. It keeps up again when the gate closes, round trips tremble, or frames queue;
 * - doubted (`parts`), when frames that were acknowledged together took longer than the way and a tick: the
 *   next goes alone. If that takes as long the way has grown, and is learnt anew; else it was chance;
 * - slow (`bytes_per_us`), when frames queued one behind another for long enough: a frame is as long as the
 *   link passes in a tick. It is tried faster each time nothing queues, and keeps up again at FLOW_FAST. */
#pragma once
#include "protocol/base.h"

enum {
    FLOW_ANSWERS = 57, /* with two more, and FLOW_ACKS - 1, as many as may ever be under way (SESSION_GATE) */
    FLOW_EVEN = 15,    /* most of a second at 20 a second: a link that is slow has shown it by then */
    FLOW_PERIODS = (1 << 21) - 1, /* are told apart, and it begins anew: four months */
    FLOW_PERIOD_US = 5000000,     /* the smallest round trip is that of this period and the one before */
    FLOW_UNKNOWN = 2,             /* frames under way before the first round trip is known */
    FLOW_FIRST = 4096,   /* bytes of a frame on a link of which nothing is known: near rows come first */
    FLOW_PROVEN = 65535, /* bytes that passed without queueing: the link may be given what there is */
    FLOW_GRAIN_US = 64,  /* how exactly jitter is known */
    FLOW_ACKS = 6,       /* frames that one acknowledgement may tell of, on a link that is quick and even; */
    FLOW_UNHEARD = 3000, /* and bytes: what may queue of them before anybody knows, 0.3 s on a poor line */
    FLOW_LEAST = 96,     /* bytes that a frame may have on any link: its own player and some neighbours */
    FLOW_FAST = 10       /* bytes a microsecond beyond which no link is slow: a largest frame in 13 ms */
};

struct flow {             /* zeroed when a connection is attached, but for `passed` */
    uint32_t rtt_us[2];   /* smallest round trip of this period and of the one before; 0: none */
    uint64_t heard_us;    /* when the last acknowledgement came */
    uint64_t through_us;  /* when the link will have passed on all that was written, it seems */
    uint32_t parts : 1;   /* the next frame goes alone, so that its round trip tells of the way alone */
    uint32_t period : 21; /* number of this one since the clock began */
    uint32_t even : 4;    /* acknowledgements since the link last seemed slow, at most FLOW_EVEN */
    uint32_t acks : 3;    /* frames that one acknowledgement may tell of by their size: FLOW_UNHEARD */
    uint32_t more : 3;    /* frames beyond one that an acknowledgement may tell of, as its client was told */
    float bytes_per_us;   /* what a link passes on that was found slow; 0: it keeps up, as far as is known */
    uint16_t passed;      /* bytes that were acknowledged, FLOW_PROVEN at most */
    uint8_t answers;      /* acknowledgements that came, at most FLOW_ANSWERS */
    uint8_t late;         /* how much too late frames were that queued, one after another, in LATE_GRAIN_US */
    uint16_t took;        /* the last round trip, in FLOW_GRAIN_US, and at most 65,535 */
    uint16_t jitter;      /* by how much round trips differ from one to the next, smoothed, likewise */
};

struct flow_news {              /* frames that one acknowledgement told of */
    uint64_t first_us, last_us; /* when the first and the last of them were written */
    uint32_t frames;            /* how many */
    uint64_t bytes;             /* of all of them */
    uint64_t bytes_left;        /* of those still under way */
};

/* A frame is written now. */
void flow_write(struct flow *flow, uint64_t bytes, uint64_t now_us);
/* Bytes that a frame may have now, so that the link has passed it on when the next tick comes: what does not
 * fit shall wait or leave rather than make near rows old. UINT32_MAX: it keeps up, as far as is known. */
uint32_t flow_room(const struct flow *flow, uint32_t tick_us, uint64_t now_us);
/* Frames were acknowledged now. */
void flow_acknowledge(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us);
/* The smallest round trip of late; 0: none is known. */
uint32_t flow_rtt_us(const struct flow *flow);
/* How many frames one acknowledgement should tell of from now on, since each costs a message up: all, until
 * the link is known to keep up. */
uint32_t flow_acks(const struct flow *flow);
/* The client is told to do so: that many less one may be under way besides. */
void flow_tell(struct flow *flow, uint32_t acks);
/* Whether one frame more must wait, with so many under way: for a link that is quicker than our ticks they
 * are ceil((smallest round trip + jitter) / tick) + 1 at most; on a slower one the next follows when the
 * last is nearly through. Besides those there may be all that need not be acknowledged yet; none where one
 * is to go alone. With nothing under way nothing waits. A link that is closed does not keep up. */
bool flow_closed(struct flow *flow, uint32_t under_way, uint32_t tick_us, uint64_t now_us);
