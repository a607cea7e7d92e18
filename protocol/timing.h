/* A client's sense of time, from what the network lets it see: the server's clock, the tick that it is at,
 * and when the next input is due. Times are milliseconds of the client's own clock, which goes forward and is
 * asked by nobody here: `now` is an argument. Nothing that was told is ever taken back by a leap: clocks
 * slew.
 */
#pragma once
#include "protocol/base.h"

enum {
    TIMING_PINGS = 64,  /* under way: all of the first two seconds and a minute of seldom */
    TIMING_PONGS = 48,  /* two seconds of often, a minute and a half of seldom */
    TIMING_FRAMES = 64, /* some seconds: long enough to have seen the fastest way */
    TIMING_INPUTS = 64,
    TIMING_LEADS = 16
};

struct timing {
    double tick_ms;
    double pings[TIMING_PINGS]; /* when each that is under way was sent, by its stamp */
    uint32_t ping_count;
    /* The server's clock: each PONG says how far it is ahead, give or take half of what its way took longer
     * than the fastest. */
    struct {
        double offset, rtt, at;
    } pongs[TIMING_PONGS];
    uint32_t pong_count;
    double offset, offset_told, told_at;
    double rtt, rtt_least; /* smoothed; of the window */
    /* Ticks: when the frame of tick 0 would have come, by the fastest of the newest frames. */
    double origins[TIMING_FRAMES];
    uint32_t frame_count, late_count; /* late_count: of the newest, far later than the fastest */
    double origin, origin_told, ticked_at;
    double jitter; /* by how much frames come later than the fastest, on average */
    /* Inputs: when each was made, and how long before its tick it must have come. */
    struct {
        uint32_t sequence;
        double at;
    } inputs[TIMING_INPUTS];
    double leads[TIMING_LEADS];
    uint32_t lead_count;
    uint32_t sent,
        settled;        /* sequences: of the newest; of the first after the first ones were judged, or 0 */
    double lead, spare; /* of the window, the least; what was added after inputs that came too late */
    double due, period; /* when the next input is due; the time from one to the next */
};

/* WELCOME came: `server_ms` was the server's clock when it was written. */
void timing_welcome(struct timing *timing, uint32_t rate, double server_ms, double now);
/* A PING is sent: gives its stamp, which is small and comes back in the PONG. */
uint32_t timing_ping(struct timing *timing, double now);
/* A PONG came: the PING's stamp, when the server received it by its own clock, and how long it held it. */
void timing_pong(struct timing *timing, uint64_t stamp, double received, double held, double now);
/* The frame of this tick came. */
void timing_frame(struct timing *timing, uint32_t tick, double now);
/* The input with this sequence was sent. */
void timing_sent(struct timing *timing, uint32_t sequence, double now);
/* A frame came whose tick used this input (timing_frame was told before); or in whose ticks `missed` times no
 * input had come (of the first ones that says nothing yet). */
void timing_used(struct timing *timing, uint32_t sequence, double now);
void timing_missed(struct timing *timing, uint32_t missed);
/* How long until the next input is to be made; 0: now, and it is counted as made. One a tick, so that each
 * comes a little before it is needed. After a pause they go on from now. */
double timing_due(struct timing *timing, double now);
/* Whether an input was sent within the last tick and a half. */
bool timing_flows(const struct timing *timing, double now);
/* Which part of the time from the newest input to the next has passed, 0 … 1. */
double timing_part(const struct timing *timing, double now);
/* The server's clock less ours. */
double timing_offset(struct timing *timing, double now);
/* The tick, with its fraction, whose frame would be coming now by the fastest way: never less than that of a
 * frame that came. */
double timing_tick(struct timing *timing, double now);
