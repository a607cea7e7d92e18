#include "server/session/session_flow.h"

/* A slow link is tried a little faster with every frame, until they queue again; and much faster if a frame
 * was acknowledged sooner than it could be. */
static const double TRY = 1.02, TRY_EARLY = 1.5;
/* What frames that queued tell is followed upward sooner than downward: a link that trembles is not slow. */
static const double RISE = 0.5, FALL = 0.2;

void flow_write(struct flow *flow, uint64_t bytes, uint64_t now_us) {
    if (flow->through_us < now_us) flow->through_us = now_us;
    if (flow->bytes_per_us > 0) flow->through_us += (uint64_t)((double)bytes / flow->bytes_per_us);
}

static void note_round_trip(struct flow *flow, uint64_t took_us, uint64_t now_us) {
    if (now_us - flow->period_us >= FLOW_PERIOD_US) {
        bool long_ago = now_us - flow->period_us >= 2 * FLOW_PERIOD_US;
        flow->rtt_us[1] = long_ago ? 0 : flow->rtt_us[0];
        flow->rtt_us[0] = 0;
        flow->period_us = now_us;
    }
    uint32_t us = took_us < UINT32_MAX ? (uint32_t)took_us + 1 : UINT32_MAX;
    if (!flow->rtt_us[0] || us < flow->rtt_us[0]) flow->rtt_us[0] = us;
}

/* A frame that was under way together with the one before, and took longer than frames do at best: it queued
 * behind that one. A frame alone says nothing, since nobody knows how much was the way there and back. */
static bool queued(const struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    uint64_t best_us = flow_rtt_us(flow);
    return news->first_us < flow->heard_us && now_us - news->last_us > best_us + tick_us * 3 / 4;
}

static void note_speed(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    if (queued(flow, news, tick_us, now_us)) {
        double speed = (double)news->bytes / (double)(now_us - flow->heard_us + 1);
        double weight = flow->bytes_per_us <= 0 ? 1 : speed > flow->bytes_per_us ? RISE : FALL;
        flow->bytes_per_us += weight * (speed - flow->bytes_per_us);
    } else {
        flow->bytes_per_us *= flow->through_us > now_us && !news->bytes_left ? TRY_EARLY : TRY;
    }
    if (flow->bytes_per_us > FLOW_FAST) flow->bytes_per_us = 0;
}

void flow_acknowledge(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    note_round_trip(flow, now_us - news->last_us, now_us);
    note_speed(flow, news, tick_us, now_us);
    flow->heard_us = flow->through_us = now_us;
    if (flow->bytes_per_us > 0) flow->through_us += (uint64_t)((double)news->bytes_left / flow->bytes_per_us);
}

uint32_t flow_rtt_us(const struct flow *flow) {
    uint32_t now = flow->rtt_us[0], before = flow->rtt_us[1];
    return !now || (before && before < now) ? before : now;
}

bool flow_closed(const struct flow *flow, uint32_t under_way, uint32_t tick_us, uint64_t now_us) {
    uint32_t rtt_us = flow_rtt_us(flow), most = FLOW_UNKNOWN;
    if (under_way == 0) return false;
    if (rtt_us) most = (rtt_us + tick_us - 1) / tick_us + 1;
    return under_way >= most || flow->through_us > now_us + tick_us / 2;
}
