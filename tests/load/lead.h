/* When in its turn a bot makes its input: so that it comes to the server a little before the tick that uses
 * it, as those of the client package do by their pace. A queue that a moment's delay left at the server goes,
 * too.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    LEAD_INPUTS = 32,
    LEAD_WINDOW = 20, /* frames that are looked at together */
    LEAD_PARTS = 4    /* of a tick: inputs are to wait for one such part */
};

struct lead {
    uint64_t shift_us; /* an input is made so long after its turn, less than a tick */
    uint64_t rtt_us;   /* least of all */
    uint32_t newest, frames;
    uint64_t sent_us[LEAD_INPUTS]; /* by sequence */
    uint64_t took_us[LEAD_WINDOW]; /* from sent to used and published, in order of size */
};

void lead_sent(struct lead *lead, uint32_t sequence, uint64_t now_us);
void lead_rtt(struct lead *lead, uint64_t rtt_us);
/* A frame came in whose very tick, published at `at_us`, this input was used. True: the next one is to be
 * left out. */
bool lead_used(struct lead *lead, uint32_t sequence, uint64_t at_us, uint64_t tick_us);
