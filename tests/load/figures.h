/* What is counted: a log-linear histogram, and the figures of one run. Single-threaded, no I/O. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_FINE = 32,      /* buckets for each power of two: at most 3 % off */
    HISTOGRAM_BUCKETS = 1216, /* up to 2⁴¹ */
    FIGURES_CODES = 40,
    FIGURES_COMPLAINTS = 12,
    FIGURES_WORDS = 240
};

struct histogram {
    uint64_t count, max;
    uint32_t buckets[HISTOGRAM_BUCKETS];
};
void histogram_add(struct histogram *histogram, uint64_t value);
/* The value that `share` (0 … 1) of all lie at or below; 0 if there are none. */
uint64_t histogram_at(const struct histogram *histogram, double share);

struct totals {                                 /* only grow */
    uint64_t frames, payload_bytes, wire_bytes; /* came; wire: with WebSocket headers, without TLS and TCP */
    uint64_t inputs, acks, pings, pongs, sent_bytes;
    uint64_t events, hashes, hashes_wrong;
    uint64_t late; /* inputs that the bots themselves left out, being behind */
};

struct figures {
    struct totals now, before; /* before: when the measured time began */
    uint32_t joined, refused, dropped, silent, playing, rate;
    struct histogram gap_us, rtt_us, join_us; /* gap, rtt: of the measured time */
    struct {
        unsigned code;
        uint32_t count;
    } closed[FIGURES_CODES];
    struct {
        char words[FIGURES_WORDS];
        uint32_t count;
    } complaints[FIGURES_COMPLAINTS]; /* further kinds are not kept */
};

/* The measured time begins. */
void figures_begin(struct figures *figures);
void figures_closed(struct figures *figures, unsigned code);
/* Something went wrong, in words; the same words are counted together. */
void figures_complain(struct figures *figures, const char *words);
/* Whether the run is one to be content with. */
bool figures_fine(const struct figures *figures, uint32_t clients);
