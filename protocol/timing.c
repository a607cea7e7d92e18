#include "protocol/timing.h"

#define SLEW          0.1    /* a clock that is off goes so much faster or slower until it is right */
#define STEP_MS       1000.0 /* off by more, after a sleep: the clock begins anew */
#define STEP_FRAMES   8      /* so many in a row: it was no stall, one of the two ends stood still */
#define WAY_FLOOR_MS  4.0  /* so much longer than the fastest a way may well be by chance: as good as that */
#define AGE_PENALTY   5e-5 /* a PONG counts as if its way had been longer by this part of its age */
#define LEAD_MS       4.0  /* inputs are to come so long before their tick, beyond the jitter */
#define LEAD_JITTERS  3    /* and so many mean jitters */
#define LEAD_TICKS    2    /* but not more ticks than that: the server uses up what is more at once */
#define SPARE_MS      10.0 /* more for each input that came too late, */
#define SPARE_MOST_MS 100.0
#define SPARE_KEPT    0.999 /* which is forgotten again, so much of it a tick */
#define LEADS_FIRST   4     /* so many tell how far off the first inputs were */
#define UNSURE_MS     16.0  /* more for then: jitter is hardly known yet */
#define SLOW_GAIN     1e-3  /* for each ms that inputs come too early, the period is so much of it longer */
#define SLOW_MOST     0.08
#define HURRY_GAIN    4e-4 /* or shorter, with care: that it helped is known only when a window has passed */
#define HURRY_MOST    0.03

static double within(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

/* Moves what was told towards what is known, as fast as is allowed. */
static double slewed(double told, double known, double passed) {
    double off = known - told;
    if (off > STEP_MS || off < -STEP_MS) return known;
    return told + within(off, -SLEW * passed, SLEW * passed);
}

void timing_welcome(struct timing *timing, uint32_t rate, double server_ms, double now) {
    double off = server_ms - now - timing->offset;
    bool known = timing->tick_ms > 0 && off < STEP_MS && off > -STEP_MS;
    struct timing before = *timing;
    *timing = (struct timing){.tick_ms = 1000.0 / rate, .period = 1000.0 / rate};
    timing->offset = known ? before.offset : server_ms - now;
    timing->offset_told = known ? before.offset_told : timing->offset;
    timing->origin = timing->origin_told = known ? before.origin_told : 0; /* until a frame comes */
    timing->told_at = timing->ticked_at = timing->due = now;
    timing->rtt = before.rtt;
    timing->rtt_least = before.rtt_least;
    timing->spare = before.spare;
    timing->ping_count = before.ping_count; /* some may be under way still */
    memcpy(timing->pings, before.pings, sizeof before.pings);
}

/* ---- The server's clock. */

static uint32_t pongs_known(const struct timing *timing) {
    return timing->pong_count < TIMING_PONGS ? timing->pong_count : TIMING_PONGS;
}

/* A PONG whose way took s longer than the fastest is off by up to s / 2 to either side: its weight goes with
 * 1 / s². */
static void weigh(struct timing *timing, double now) {
    double sum = 0, weights = 0;
    timing->rtt_least = timing->pongs[0].rtt;
    for (uint32_t i = 1; i < pongs_known(timing); i++)
        if (timing->pongs[i].rtt < timing->rtt_least) timing->rtt_least = timing->pongs[i].rtt;
    for (uint32_t i = 0; i < pongs_known(timing); i++) {
        double off = timing->pongs[i].rtt - timing->rtt_least + WAY_FLOOR_MS +
                     (now - timing->pongs[i].at) * AGE_PENALTY;
        sum += timing->pongs[i].offset / (off * off);
        weights += 1 / (off * off);
    }
    timing->offset = sum / weights;
}

uint32_t timing_ping(struct timing *timing, double now) {
    uint32_t stamp = timing->ping_count++ % TIMING_PINGS;
    timing->pings[stamp] = now;
    return stamp;
}

void timing_pong(struct timing *timing, uint64_t stamp, double received, double held, double now) {
    if (stamp >= TIMING_PINGS || stamp >= timing->ping_count) return;
    double sent = timing->pings[stamp], rtt = now - sent - held;
    if (!(rtt >= 0 && rtt < 60000)) return;
    uint32_t at = timing->pong_count++ % TIMING_PONGS;
    timing->pongs[at].rtt = rtt;
    timing->pongs[at].offset = (received - sent + received + held - now) / 2;
    timing->pongs[at].at = now;
    timing->rtt = timing->pong_count == 1 ? rtt : timing->rtt + (rtt - timing->rtt) / 8;
    weigh(timing, now);
}

double timing_offset(struct timing *timing, double now) {
    timing->offset_told = slewed(timing->offset_told, timing->offset, now - timing->told_at);
    timing->told_at = now;
    return timing->offset_told;
}

/* ---- Ticks. */

static double least(const double *values, uint32_t count) {
    double least = values[0];
    for (uint32_t i = 1; i < count; i++)
        if (values[i] < least) least = values[i];
    return least;
}

/* All are looked through only when the least of them is forgotten. */
void timing_frame(struct timing *timing, uint32_t tick, double now) {
    double origin = now - tick * timing->tick_ms;
    timing->late_count = origin - timing->origin > STEP_MS ? timing->late_count + 1 : 0;
    if (timing->late_count == STEP_FRAMES) timing->frame_count = timing->late_count = 0;
    double *oldest = &timing->origins[timing->frame_count++ % TIMING_FRAMES], forgotten = *oldest;
    uint32_t known = timing->frame_count < TIMING_FRAMES ? timing->frame_count : TIMING_FRAMES;
    *oldest = origin;
    if (timing->frame_count == 1 || origin < timing->origin)
        timing->origin = origin;
    else if (forgotten == timing->origin)
        timing->origin = least(timing->origins, known);
    if (timing->frame_count == 1) timing->origin_told = origin;
    timing->jitter += (origin - timing->origin - timing->jitter) / 16;
}

double timing_tick(struct timing *timing, double now) {
    timing->origin_told = slewed(timing->origin_told, timing->origin, now - timing->ticked_at);
    timing->ticked_at = now;
    return (now - timing->origin_told) / timing->tick_ms;
}

/* ---- Inputs. */

void timing_sent(struct timing *timing, uint32_t sequence, double now) {
    uint32_t at = sequence % TIMING_INPUTS;
    timing->inputs[at].sequence = timing->sent = sequence;
    timing->inputs[at].at = now;
}

static double lead_wanted(const struct timing *timing) {
    double wanted = LEAD_MS + LEAD_JITTERS * timing->jitter + timing->spare;
    return within(wanted, 0, LEAD_TICKS * timing->tick_ms);
}

/* The first inputs come at a time by chance. Once that is known, the next one makes up for all of it. (Of two
 * that fell into one tick one waits from then on: only what came after the first counts.) */
static void settle(struct timing *timing) {
    double early = least(timing->leads + 1, LEADS_FIRST - 1) - lead_wanted(timing) - UNSURE_MS;
    timing->due += within(early, -timing->tick_ms, LEAD_TICKS * timing->tick_ms);
    timing->settled = timing->sent + 1;
    timing->lead_count = 0;
}

/* Too early: the next ones come more slowly, so that none waits at the server longer than it must. */
static void pace(struct timing *timing) {
    double early = timing->lead - lead_wanted(timing);
    double longer = within(early * (early > 0 ? SLOW_GAIN : HURRY_GAIN), -HURRY_MOST, SLOW_MOST);
    timing->period = timing->tick_ms * (1 + longer);
    timing->spare *= SPARE_KEPT;
}

/* From an input's making to its frame's coming passes the way there, the time that it waited, and the way
 * back. */
void timing_used(struct timing *timing, uint32_t sequence, double now) {
    uint32_t at = sequence % TIMING_INPUTS;
    if (timing->inputs[at].sequence != sequence || timing->pong_count == 0) return;
    if (sequence < timing->settled) return;
    timing->leads[timing->lead_count++ % TIMING_LEADS] = now - timing->inputs[at].at - timing->rtt_least;
    uint32_t known = timing->lead_count < TIMING_LEADS ? timing->lead_count : TIMING_LEADS;
    timing->lead = least(timing->leads, known);
    if (timing->settled)
        pace(timing);
    else if (known == LEADS_FIRST)
        settle(timing);
}

void timing_missed(struct timing *timing, uint32_t missed) {
    if (timing->settled) timing->spare = within(timing->spare + SPARE_MS * missed, 0, SPARE_MOST_MS);
}

double timing_due(struct timing *timing, double now) {
    if (now < timing->due) return timing->due - now;
    timing->due += timing->period;
    if (timing->due < now - timing->period) timing->due = now + timing->period;
    return 0;
}

bool timing_flows(const struct timing *timing, double now) {
    return timing->sent && now - timing->inputs[timing->sent % TIMING_INPUTS].at < 1.5 * timing->tick_ms;
}

double timing_part(const struct timing *timing, double now) {
    return timing->period > 0 ? within(1 - (timing->due - now) / timing->period, 0, 1) : 0;
}
