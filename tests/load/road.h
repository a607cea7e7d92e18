/* The road between a player and the server: a way up, a way down, and perhaps a cut. Kinds of roads have
 * names, such as fibre or tunnel; more can be described in words. No I/O; time is an argument. */
#pragma once
#include "tests/load/way.h"

enum { ROAD_NAME = 24, ROAD_KINDS = 24 };

struct road_kind {
    char name[ROAD_NAME];
    struct way_setup up, down;
    uint32_t cut_every_us; /* connections are reset after half to one and a half times so long; 0: never */
};
struct roads { /* those that are known, the built-in ones first */
    struct road_kind kinds[ROAD_KINDS];
    uint32_t count;
};

struct road {
    struct way up, down;
    uint64_t cut_us; /* when it breaks off; UINT64_MAX: never */
};

void roads_init(struct roads *roads);
/* NULL: nobody knows it. */
const struct road_kind *roads_find(const struct roads *roads, const char *name);
/* Describes one in words: `NAME down=BYTES/S up=BYTES/S queue=BYTES delay=MS jitter=MS stall=MS every=S
 * cut=S`; numbers may end in k or M, what is left out is 0 (no cap, never). A known name is described anew.
 */
bool roads_read(struct roads *roads, const char *text);
/* One such word for one kind. */
bool road_set(struct road_kind *kind, const char *key, double value);
/* Whether it does anything at all. */
bool road_is_plain(const struct road_kind *kind);

void road_start(struct road *road, const struct road_kind *kind, uint64_t seed, uint64_t now_us);
void road_finish(struct road *road);
/* When it should be looked at again; UINT64_MAX: not before something is put in. */
uint64_t road_due_us(const struct road *road);
