/* replication_trace PART CASE [TICKS [TRACE]]: one part of scripts/bench replication. */
#include "parts.h"

enum { SEED = 20261 };

static const struct case_of cases[] = {
    {"wasd-50", {STEER_WASD, false, 1600, 400, 0, FLIGHT_SPEED}, 0},
    {"waypoints-50", {STEER_WAYPOINTS, false, 1600, 400, 0, FLIGHT_SPEED}, 0},
    {"mouse-50", {STEER_MOUSE, false, 1600, 400, 0, FLIGHT_SPEED}, 0},
    {"all-200", {STEER_WASD, false, 200, 0, 0, FLIGHT_SPEED}, 0},
    {"crowd-1000", {STEER_WASD, false, 1000, 400, 250, 64}, 6000},
    {"crowd-1000-tight", {STEER_WASD, false, 1000, 400, 250, 64}, 2000},
    {"spread-1000", {STEER_WASD, false, 1000, 400, 0, 64}, 6000},
};

static const struct case_of *find(const char *name) {
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (strcmp(cases[i].name, name) == 0) return &cases[i];
    fprintf(stderr, "no such case: %s\n", name);
    exit(2);
}

struct rig *begin(const struct case_of *what, uint32_t sessions) {
    return rig_create_sized(flight_schema(&what->flight), &flight_calls, SEED, what->budget, sessions + 1);
}

static void bytes(const struct case_of *what, uint32_t ticks, const char *path, bool linear) {
    struct case_of as = *what;
    FILE *trace = path ? fopen(path, "wb") : NULL;
    as.flight.linear = linear;
    measure_bytes(&as, ticks, as.flight.movers < 1600 ? 32 : 64, trace);
    if (trace) fclose(trace);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    const char *part = argv[1];
    const struct case_of *what = find(argv[2]);
    uint32_t ticks = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 200;
    if (strcmp(part, "bytes") == 0)
        bytes(what, ticks, argc > 4 ? argv[4] : NULL, false);
    else if (strcmp(part, "linear") == 0)
        bytes(what, ticks, NULL, true);
    else if (strcmp(part, "assemble") == 0)
        measure_assemble(what, ticks);
    else if (strcmp(part, "count") == 0)
        run_assemble(what, ticks);
    else if (strcmp(part, "crowd") == 0)
        measure_crowd(what, find("spread-1000"), ticks);
    else if (strcmp(part, "encodes") == 0)
        measure_encodes(what, 1000);
    else
        return 2;
    return 0;
}
