#include "tests/load/lead.h"

void lead_sent(struct lead *lead, uint32_t sequence, uint64_t now_us) {
    lead->sent_us[sequence % LEAD_INPUTS] = now_us;
    lead->newest = sequence;
}

void lead_rtt(struct lead *lead, uint64_t rtt_us) {
    if (!lead->rtt_us || rtt_us < lead->rtt_us) lead->rtt_us = rtt_us ? rtt_us : 1;
}

bool lead_used(struct lead *lead, uint32_t sequence, uint64_t now_us, uint64_t tick_us) {
    if (lead->newest - sequence >= LEAD_INPUTS) return false;
    uint64_t took_us = now_us - lead->sent_us[sequence % LEAD_INPUTS];
    if (!lead->frames || took_us < lead->least_us) lead->least_us = took_us;
    if (++lead->frames < LEAD_WINDOW) return false;
    lead->frames = 0;
    return lead->rtt_us && lead->least_us > lead->rtt_us + tick_us;
}
