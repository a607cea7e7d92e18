/* Clients of the replication benchmark, in bytes but without sockets: some apply all that they are given with
 * the client's own core, others only acknowledge it. */
#pragma once
#include "tests/rig.h"

struct onlooker {
    struct attachment attachment;
    struct client *client; /* NULL: it only acknowledges */
    uint64_t *memory;
    uint32_t tick; /* of the newest frame that came */
};

struct onlookers {
    struct rig *rig;
    enum shape_lane lane;
    struct shape_set shapes; /* shared by all who apply */
    uint32_t count;
    struct onlooker *all;
};

/* `count` sessions of which the first `applying` apply what they are given. They say HELLO at once. */
struct onlookers *onlookers_create(struct rig *rig, enum shape_lane lane, uint32_t count, uint32_t applying);
void onlookers_destroy(struct onlookers *onlookers);
/* One more says HELLO: for those who come one after another; create with count 0 and room for `most`. */
struct onlookers *onlookers_await(struct rig *rig, enum shape_lane lane, uint32_t most);
void onlookers_add(struct onlookers *onlookers, bool applies);
/* What is due to one of them now. */
struct broadcast onlookers_next(struct onlookers *onlookers, uint32_t which);
/* It came: applied if this one does so, in any case acknowledged, riding on an input. True if it was a frame.
 */
bool onlookers_take(struct onlookers *onlookers, uint32_t which, const struct broadcast *due);
/* A whole round for all. */
void onlookers_round(struct onlookers *onlookers);
