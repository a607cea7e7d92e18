/* What was asked for on the command line. */
#pragma once
#include "protocol/limits.h"
#include <stdbool.h>
#include <stdint.h>

struct options {
    char url[256];
    char game[LIMIT_LABEL], room[LIMIT_LABEL];
    uint32_t clients, rooms; /* rooms: 0: all in `room`; else spread over ROOM-1 … ROOM-N */
    double seconds, ramp_s;  /* measured; and before it, while they join */
    int32_t rate;            /* inputs a second; −1: one a tick */
    uint32_t lane;
    uint32_t checked; /* so many rebuild and check all rows; the others only count and acknowledge */
    uint64_t seed;
    bool verify, json;
};

/* False: a line on standard error said why, or --help was printed; leave with *exit_code. */
bool options_read(struct options *options, int argc, char **argv, int *exit_code);
