/* The parts of the replication benchmark: each prints lines of JSON for tests/bench/replication.mjs. */
#pragma once
#include "flights.h"
#include "onlookers.h"

struct case_of {
    const char *name;
    struct flight flight;
    uint32_t budget; /* bytes a second for each client; 0: no bound */
};

/* A room of that kind, with places for so many sessions. */
struct rig *begin(const struct case_of *what, uint32_t sessions);

/* Bytes per held row and tick, and what they are spent on. `trace`: NULL, or where the controls read. */
void measure_bytes(const struct case_of *what, uint32_t ticks, uint32_t clients, FILE *trace);
/* Interest and assembly of all sessions beside bare sends of the same bytes. */
void measure_assemble(const struct case_of *what, uint32_t ticks);
/* Assembly alone, for callgrind to count within `counted_round`. */
void counted_round(struct onlookers *onlookers);
void run_assemble(const struct case_of *what, uint32_t ticks);
/* Tick and assembly of a crowd beside those of the same players spread out. */
void measure_crowd(const struct case_of *crowd, const struct case_of *spread, uint32_t ticks);
/* Encodings in two seconds in the first of which so many clients join, beside those if one does. */
void measure_encodes(const struct case_of *what, uint32_t clients);
