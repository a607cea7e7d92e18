/* What is counted in one run. Single-threaded, no I/O. Times are taken into the second that goes on; each
 * second is told live, kept for the plots, and then added to the whole. */
#pragma once
#include "tests/load/histogram.h"
#include <stdbool.h>
#include <stddef.h>

enum { FIGURES_CODES = 40, FIGURES_COMPLAINTS = 12, FIGURES_WORDS = 240 };

/* name, the same in JSON, CSV and objectives, title */
#define FIGURES_TIMES(X)                                                                                     \
    X(AGE, age, "age of state")                                                                              \
    X(EFFECT, effect, "input to effect")                                                                     \
    X(GAP, gap, "frame gap")                                                                                 \
    X(JITTER, jitter, "jitter")                                                                              \
    X(RTT, rtt, "round trip")                                                                                \
    X(JOIN, join, "join time")                                                                               \
    X(RESUME, resume, "resume time")
enum figures_time {
#define X(name, key, title) TIME_##name,
    FIGURES_TIMES(X)
#undef X
        TIME_COUNT
};

/* What is told of each: how many of all values lie at or below. */
#define FIGURES_SHARES(X) X(p50, 0.5) X(p90, 0.9) X(p99, 0.99) X(p999, 0.999) X(max, 1)
enum figures_share {
#define X(name, share) SHARE_##name,
    FIGURES_SHARES(X)
#undef X
        SHARE_COUNT
};

/* name in JSON and objectives, what it counts. All only grow. */
#define FIGURES_COUNTS(X)                                                                                    \
    X(frames, "frames that came")                                                                            \
    X(payload_bytes, "bytes of messages that came")                                                          \
    X(wire_bytes, "the same with what the transport adds, without TLS and TCP")                              \
    X(inputs, "inputs sent")                                                                                 \
    X(acks, "acknowledgements sent alone")                                                                   \
    X(pings, "PINGs sent")                                                                                   \
    X(pongs, "PONGs that came")                                                                              \
    X(sent_bytes, "bytes sent")                                                                              \
    X(events, "events that came")                                                                            \
    X(corrections, "changes of rows that the predictor got wrong")                                           \
    X(missed_ticks, "ticks whose changes came with a later frame")                                           \
    X(late, "turns that the bots themselves left out, being behind")                                         \
    X(hashes, "hashes compared")                                                                             \
    X(hashes_wrong, "hashes that differed")                                                                  \
    X(divergent, "clients that ever held what the server did not say")                                       \
    X(private_seen, "private rows of others that came")                                                      \
    X(inputs_misacknowledged, "inputs acknowledged that were never sent")                                    \
    X(inputs_unacknowledged, "inputs that stayed without acknowledgement")                                   \
    X(ticks_disordered, "frames whose tick was out of order")                                                \
    X(cuts, "connections that the simulator cut")                                                            \
    X(resumed, "returns that went on with what was held")                                                    \
    X(resumed_anew, "returns that began anew")                                                               \
    X(told_to_wait, "refusals with a time to wait, which was waited for")

struct totals {
#define X(name, help) uint64_t name;
    FIGURES_COUNTS(X)
#undef X
};

struct figures {
    struct totals now, before, after; /* before: when the measured time began; after: when it was over */
    uint32_t joined, refused, dropped, silent, playing, rate;
    bool measuring;
    uint64_t
        until_us; /* when the measured time was over; what was due before may still come a moment later */
    struct histogram second[TIME_COUNT], times[TIME_COUNT]; /* of this second; of the run */
    struct histogram bytes;                                 /* a second, one value for each client */
    struct {
        unsigned code;
        uint32_t count;
    } closed[FIGURES_CODES];
    struct {
        char words[FIGURES_WORDS];
        uint32_t count;
    } complaints[FIGURES_COMPLAINTS]; /* further kinds are not kept */
};

extern const char *const figures_time_names[TIME_COUNT], *const figures_time_titles[TIME_COUNT],
                                                             *const figures_share_names[SHARE_COUNT];

/* In milliseconds; 0 of no values. */
double figures_ms(const struct histogram *times, enum figures_share share);

/* A duration, if the measured time goes on; joining and coming back count always. */
void figures_time(struct figures *figures, enum figures_time which, uint64_t us);
/* The measured time begins. */
void figures_begin(struct figures *figures);
/* It is over: what was due still comes in, and nothing else is measured. */
void figures_end(struct figures *figures, uint64_t now_us);
/* A second is over: its times go to the whole. */
void figures_turn_second(struct figures *figures);
void figures_closed(struct figures *figures, unsigned code);
/* Something went wrong, in words; the same words are counted together. */
void figures_complain(struct figures *figures, const char *words);
/* Whether the run is one to be content with. `clients`: that should have come in. */
bool figures_fine(const struct figures *figures, uint32_t clients);
