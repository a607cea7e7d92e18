/* How long inputs wait at the server before their tick comes. When they wait for a whole tick, one is left
 * out, and the queue that a moment's delay once left there is gone: as the client package does by its pace.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { LEAD_INPUTS = 32, LEAD_WINDOW = 20 /* frames that are looked at together */ };

struct lead {
    uint64_t sent_us[LEAD_INPUTS]; /* by sequence */
    uint64_t rtt_us, least_us;     /* least of all; of this window, from sent to used and told */
    uint32_t newest, frames;
};

void lead_sent(struct lead *lead, uint32_t sequence, uint64_t now_us);
void lead_rtt(struct lead *lead, uint64_t rtt_us);
/* A frame came in whose very tick this input was used. True: the next one is to be left out. */
bool lead_used(struct lead *lead, uint32_t sequence, uint64_t now_us, uint64_t tick_us);
