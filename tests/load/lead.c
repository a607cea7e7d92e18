#include "tests/load/lead.h"

void lead_sent(struct lead *lead, uint32_t sequence, uint64_t now_us) {
    lead->sent_us[sequence % LEAD_INPUTS] = now_us;
    lead->newest = sequence;
}

void lead_rtt(struct lead *lead, uint64_t rtt_us) {
    if (!lead->rtt_us || rtt_us < lead->rtt_us) lead->rtt_us = rtt_us ? rtt_us : 1;
}

static void sort_in(struct lead *lead, uint64_t took_us) {
    uint32_t at = lead->frames++;
    for (; at && lead->took_us[at - 1] > took_us; at--) lead->took_us[at] = lead->took_us[at - 1];
    lead->took_us[at] = took_us;
}

/* Inputs are made so much later, or sooner if it is negative. Beyond a tick one less is made. */
static bool move(struct lead *lead, int64_t by_us, int64_t tick_us) {
    int64_t shift_us = (int64_t)lead->shift_us + by_us;
    lead->shift_us = (uint64_t)((shift_us % tick_us + tick_us) % tick_us);
    return shift_us >= tick_us;
}

/* The median, so that single ones that were held up do not move all the others. */
bool lead_used(struct lead *lead, uint32_t sequence, uint64_t at_us, uint64_t tick_us) {
    if (lead->newest - sequence >= LEAD_INPUTS) return false;
    sort_in(lead, at_us - lead->sent_us[sequence % LEAD_INPUTS]);
    if (lead->frames < LEAD_WINDOW) return false;
    lead->frames = 0;
    int64_t waited_us = (int64_t)lead->took_us[LEAD_WINDOW / 2] - (int64_t)lead->rtt_us / 2;
    return lead->rtt_us && move(lead, waited_us - (int64_t)(tick_us / LEAD_PARTS), (int64_t)tick_us);
}
