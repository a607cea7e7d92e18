#include "server/session/session_flow.h"
#include <stdlib.h>

enum {
    SMOOTH = 8, /* round trips until jitter is known by and large */
    LATE_GRAIN_US = 4000,
    CONVINCED = 40, /* of them: so much too late, all in all, frames are on a slow link and not by chance */
    JITTERS = 2,    /* times its mean is what jitter may add to a round trip */
    MORE = 7        /* all that `acks` and `more` have bits for */
};
_Static_assert((int)FLOW_ACKS <= (int)MORE, "frames to an acknowledgement");

/* A slow link is tried a little faster with every frame, until they queue again; and much faster if a frame
 * was acknowledged sooner than it could be. */
static const float TRY = 1.02f, TRY_EARLY = 1.5f;
/* What frames that queued tell is followed upward sooner than downward: a link with jitter is not slow. */
static const float RISE = 0.5f, FALL = 0.2f;

void flow_write(struct flow *flow, uint64_t bytes, uint64_t now_us) {
    if (flow->through_us < now_us) flow->through_us = now_us;
    if (flow->bytes_per_us > 0) flow->through_us += (uint64_t)((float)bytes / flow->bytes_per_us);
}

uint32_t flow_room(const struct flow *flow, uint32_t tick_us, uint64_t now_us) {
    if (flow->bytes_per_us <= 0)
        return flow->passed < FLOW_PROVEN ? FLOW_FIRST + 2u * flow->passed : UINT32_MAX;
    uint64_t until_us = now_us + tick_us;
    if (flow->through_us >= until_us) return FLOW_LEAST;
    uint64_t free_us = flow->through_us > now_us ? until_us - flow->through_us : tick_us;
    float bytes = (float)free_us * flow->bytes_per_us;
    return bytes > FLOW_LEAST ? (uint32_t)bytes : FLOW_LEAST;
}

static uint16_t least_of(uint64_t number, uint16_t most) {
    return number < most ? (uint16_t)number : most;
}

static void note_smallest(struct flow *flow, uint64_t took_us, uint64_t now_us) {
    uint32_t period = (now_us / FLOW_PERIOD_US) & FLOW_PERIODS;
    if (period != flow->period) {
        flow->rtt_us[1] = period == flow->period + 1u ? flow->rtt_us[0] : 0;
        flow->rtt_us[0] = 0;
        flow->period = period & FLOW_PERIODS;
    }
    uint32_t us = took_us < UINT32_MAX ? (uint32_t)took_us + 1 : UINT32_MAX;
    if (!flow->rtt_us[0] || us < flow->rtt_us[0]) flow->rtt_us[0] = us;
}

/* What a frame took that was under way alone is the way there and back and its own passing, and no queue of
 * ours. If that is far more than was known, the way has grown: the smallest round trip of before means
 * nothing, nor does what came too late by it. If it was chance, the next frame says so. Frames that were
 * acknowledged together leave open whether they queued: then one has to go alone. */
static void note_alone(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    uint64_t took_us = now_us - news->last_us, passing_us = 0;
    bool alone = news->frames == 1 && news->first_us >= flow->heard_us;
    if (flow->bytes_per_us > 0) passing_us = (uint64_t)((float)news->bytes / flow->bytes_per_us);
    bool longer = took_us >= flow_rtt_us(flow) + tick_us + 2 * passing_us;
    flow->parts = !alone && (flow->parts || (longer && news->frames > 1));
    if (flow->parts) flow->even = 0;
    if (!alone || !longer) return;
    flow->rtt_us[0] = flow->rtt_us[1] = 0;
    flow->bytes_per_us = 0;
    flow->late = flow->answers = 0;
}

/* From one frame to the next a queue grows by little, but a link with jitter gives any round trip. */
static void note_round_trip(struct flow *flow, uint64_t took_us, uint64_t now_us) {
    uint16_t took = least_of(took_us / FLOW_GRAIN_US, UINT16_MAX);
    int differs = flow->took && flow->answers ? abs(took - flow->took) : 0;
    note_smallest(flow, took_us, now_us);
    flow->jitter = (uint16_t)(flow->jitter + (differs - flow->jitter) / SMOOTH);
    flow->took = took;
}

static uint32_t jitter_us(const struct flow *flow) {
    return (uint32_t)flow->jitter * FLOW_GRAIN_US;
}

/* By how much a frame came too late that was under way together with the one before, and took longer than
 * frames do at best: it queued behind that one. A frame alone says nothing, since nobody knows how much was
 * the way there and back. */
static uint64_t queued_us(const struct flow *flow, const struct flow_news *news, uint32_t tick_us,
                          uint64_t now_us) {
    uint64_t took_us = now_us - news->last_us, added_us = (uint64_t)JITTERS * jitter_us(flow);
    uint64_t fair_us = flow_rtt_us(flow) + tick_us * 3 / 4 + added_us;
    return news->first_us < flow->heard_us && took_us > fair_us ? took_us - fair_us : 0;
}

/* Whether the link may still be one that is never slow, but has jitter, or stood still, or is longer now:
 * frames that are acknowledged together do not tell whether they came one after another. */
static bool may_be_chance(struct flow *flow, uint64_t late_us) {
    flow->late = (uint8_t)(late_us ? least_of(flow->late + late_us / LATE_GRAIN_US, UINT8_MAX) : 0);
    return flow->bytes_per_us <= 0 && (flow->more || flow->parts || flow->late < CONVINCED);
}

static void note_speed(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    uint64_t late_us = queued_us(flow, news, tick_us, now_us);
    if (may_be_chance(flow, late_us)) return;
    if (late_us) {
        float speed = (float)news->bytes / (float)(now_us - flow->heard_us + 1);
        float weight = flow->bytes_per_us <= 0 ? 1 : speed > flow->bytes_per_us ? RISE : FALL;
        flow->bytes_per_us += weight * (speed - flow->bytes_per_us);
    } else {
        flow->bytes_per_us *= flow->through_us > now_us && !news->bytes_left ? TRY_EARLY : TRY;
    }
    if (flow->bytes_per_us > FLOW_FAST) flow->bytes_per_us = 0;
}

/* Large frames are acknowledged more often: what is under way unheard of is a queue, if the link is slow. */
static uint32_t acks_of(const struct flow_news *news) {
    uint32_t acks = FLOW_ACKS;
    while (acks > 1 && acks * news->bytes > (uint64_t)FLOW_UNHEARD * news->frames) acks /= 2;
    return acks;
}

static void note_even(struct flow *flow, uint32_t tick_us) {
    bool even = flow->bytes_per_us <= 0 && flow->late < CONVINCED / 2 && jitter_us(flow) < tick_us / 2;
    if (!even)
        flow->even = 0;
    else if (flow->even < FLOW_EVEN)
        flow->even++;
}

/* Some frames, but not as many as an acknowledgement may wait for: an input told of them when it was made.
 * Unless that was soon, the time since the last of them is the player's and not the link's. */
static bool rode_along(const struct flow *flow, const struct flow_news *news, uint32_t tick_us,
                       uint64_t now_us) {
    bool early = news->frames <= flow->more;
    return early && now_us - news->last_us >= flow_rtt_us(flow) + tick_us;
}

static void note_link(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    note_alone(flow, news, tick_us, now_us);
    note_round_trip(flow, now_us - news->last_us, now_us);
    if (flow->answers < FLOW_ANSWERS) flow->answers++;
    note_speed(flow, news, tick_us, now_us);
    note_even(flow, tick_us);
}

void flow_acknowledge(struct flow *flow, const struct flow_news *news, uint32_t tick_us, uint64_t now_us) {
    flow->passed = least_of(flow->passed + news->bytes, FLOW_PROVEN);
    if (!rode_along(flow, news, tick_us, now_us)) note_link(flow, news, tick_us, now_us);
    flow->acks = acks_of(news) & MORE;
    flow->heard_us = flow->through_us = now_us;
    if (flow->bytes_per_us > 0) flow->through_us += (uint64_t)((float)news->bytes_left / flow->bytes_per_us);
}

uint32_t flow_rtt_us(const struct flow *flow) {
    uint32_t now = flow->rtt_us[0], before = flow->rtt_us[1];
    return !now || (before && before < now) ? before : now;
}

uint32_t flow_acks(const struct flow *flow) {
    return flow->even == FLOW_EVEN ? flow->acks : 1;
}

void flow_tell(struct flow *flow, uint32_t acks) {
    flow->more = (acks - 1u) & MORE;
}

static uint32_t under_way_most(const struct flow *flow, uint32_t tick_us) {
    if (flow->parts && !flow->more) return 1;
    uint32_t rtt_us = flow_rtt_us(flow), most = FLOW_UNKNOWN;
    if (rtt_us) most = (rtt_us + jitter_us(flow) + tick_us - 1) / tick_us + 1;
    if (most > (uint32_t)FLOW_UNKNOWN + flow->answers) most = (uint32_t)FLOW_UNKNOWN + flow->answers;
    return most + flow->more;
}

bool flow_closed(struct flow *flow, uint32_t under_way, uint32_t tick_us, uint64_t now_us) {
    if (under_way == 0) return false;
    bool closed = under_way >= under_way_most(flow, tick_us) || flow->through_us > now_us + tick_us / 2;
    if (closed) flow->even = 0;
    return closed;
}
