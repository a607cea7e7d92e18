/* The server's own metrics, asked for once a second over HTTP beside the bots, and what they come to over the
 * measured time. A server that does not tell is done without. */
#pragma once
#include "tests/load/address.h"
#include "tests/load/link.h"
#include <stdint.h>

enum { SCRAPE_BYTES = 64 * 1024, SCRAPE_EVERY_US = 1000000 };

struct scrape_sample { /* as the server says; 0: it does not */
    double cpu_us, ticks, tick_us, ticks_slipped, tick_p99_us, tick_late_p99_us, memory_bytes, connections;
    uint64_t at_us;
};
struct scraped {
    bool known;
    double cpu_cores, tick_p99_us, tick_mean_us, tick_late_p99_us, ticks_slipped, memory_bytes, connections,
        memory_per_connection; /* what it grew by since nobody was there, for each connection */
};

struct scrape {
    struct link link;
    const struct sockaddr *to; /* NULL: it is not asked */
    socklen_t to_size;
    const struct link_security *security;
    char ask[256], *answer;
    size_t ask_size, answer_size;
    bool open, watched, asked;
    uint64_t next_us;
    struct scrape_sample idle, first, newest; /* before anybody came; when the measured time began */
};

void scrape_init(struct scrape *scrape, const struct address *address, const struct link_security *security);
/* Where to ask: the address that took the bots. */
void scrape_at(struct scrape *scrape, const struct sockaddr *to, socklen_t to_size);
/* Whether it is time to ask again, and nobody is being asked; scrape_ask then opens the link. */
bool scrape_due(const struct scrape *scrape, uint64_t now_us);
void scrape_ask(struct scrape *scrape, uint64_t now_us);
/* Its socket is ready, or may be. */
void scrape_ready(struct scrape *scrape, uint64_t now_us);
void scrape_begin(struct scrape *scrape);
struct scraped scrape_result(const struct scrape *scrape);
void scrape_end(struct scrape *scrape);
/* Reads Prometheus' text. */
void scrape_read(const char *text, struct scrape_sample *sample);
