/* What was asked for: by a scenario first, then on the command line. A scenario is a file of the same words:
 * one `name value` a line as behind `--name`, and lines that begin with `at`, for what happens when. */
#pragma once
#include "protocol/limits.h"
#include "tests/load/mix.h"
#include "tests/load/road.h"
#include "tests/load/slo.h"

enum { OPTIONS_EVENTS = 32, OPTIONS_PATH = 256 };

enum options_what { AT_CUT, AT_LEAVE, AT_JOIN, AT_STALL, AT_ROAD };
struct options_event { /* `at SECONDS WHO WHAT`; seconds from the beginning of the measured time */
    double at_s;
    double share;         /* of all, by chance; or, if it is 0, */
    uint32_t first, last; /* these numbers */
    uint8_t what;         /* enum options_what */
    double seconds;       /* of a stall */
    uint8_t road;         /* index into roads */
};

struct options {
    char url[OPTIONS_PATH], about[OPTIONS_PATH], scenario[OPTIONS_PATH];
    char game[LIMIT_LABEL], room[LIMIT_LABEL], private_kind[LIMIT_LABEL];
    uint32_t clients, rooms; /* rooms: 0: all in `room`; else spread over ROOM-1 … ROOM-N */
    double seconds, ramp_s;  /* measured; and before it, while they join */
    double settle_s;         /* between the two: all are in, and nothing is measured yet */
    bool measure_ramp;       /* the ramp is part of the measured time */
    int32_t rate;            /* inputs a second; −1: one a tick */
    uint32_t lane;
    uint32_t checked; /* so many rebuild and check all rows; the others only count and acknowledge */
    uint32_t sources; /* addresses on the loopback to come from; 0: one for each 50 clients */
    double stay_s, away_s, back_s; /* churn: on average so long there and away; back_s: after a cut */
    uint32_t budget;               /* bytes a second that each says it can take; 0: no word of it */
    uint64_t seed;
    struct mix play, road, over;
    struct roads roads;
    struct options_event events[OPTIONS_EVENTS];
    uint32_t event_count;
    struct slo slo;
    bool verify, json;
    char csv[OPTIONS_PATH], html[OPTIONS_PATH], games[OPTIONS_PATH];
    int32_t garble; /* this bot spoils one field of its copy: to see that it is noticed. −1: nobody */
};

/* Defaults, and nothing else. */
void options_init(struct options *options);
/* One option by its name without dashes; flags take "". False with words in `why`. */
bool options_take(struct options *options, const char *name, const char *value, char *why, size_t why_size);
/* What depends on others is filled in, and what does not fit together refused. */
bool options_finish(struct options *options, char *why, size_t why_size);
/* False: a line on standard error said why, or --help was printed; leave with *exit_code. */
bool options_read(struct options *options, int argc, char **argv, int *exit_code);
