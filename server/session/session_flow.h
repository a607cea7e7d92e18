/* What may be under way to one client: learnt from when frames were written and when they were acknowledged,
 * since a socket that takes bytes says nothing of the queue beyond it. Plain numbers; time is an argument. */
#pragma once
#include "protocol/base.h"

enum {
    FLOW_PERIOD_US = 5000000, /* the smallest round trip is that of this period and the one before */
    FLOW_UNKNOWN = 2,         /* frames under way before the first round trip is known */
    FLOW_FAST = 10            /* bytes a microsecond beyond which no link is slow: a largest frame in 13 ms */
};

struct flow {            /* zeroed when a connection is attached */
    uint32_t rtt_us[2];  /* smallest round trip of this period and of the one before; 0: none */
    uint64_t period_us;  /* when this period began */
    uint64_t heard_us;   /* when the last acknowledgement came */
    uint64_t through_us; /* when the link will have passed on all that was written, it seems */
    double bytes_per_us; /* what a link passes on that was found slow; 0: it keeps up, as far as is known */
};

struct flow_news {              /* frames that one acknowledgement told of */
    uint64_t first_us, last_us; /* when the first and the last of them were written */
    uint64_t bytes;             /* of all of them */
    uint64_t bytes_left;        /* of those still under way */
};

/* A frame is written now. */
void flow_write(struct flow *flow, uint64_t bytes, uint64_t now_us);
/* Frames were acknowledged now. */
void flow_acknowledge(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us);
/* The smallest round trip of late; 0: none is known. */
uint32_t flow_rtt_us(const struct flow *flow);
/* Whether one frame more must wait, with so many under way: for a link that is quicker than our ticks they
 * are ceil(smallest round trip / tick) + 1 at most; on a slower one the next follows when the last is nearly
 * through. With nothing under way nothing waits. */
bool flow_closed(const struct flow *flow, uint32_t under_way, uint32_t tick_us, uint64_t now_us);
