/* A flight of own_test.c: many pilots, each behind a bad way to the one room, with its own clock, its own
 * ship predicted and a picture of all. flier.c is what a pilot says and is told, picture.c what it sees and
 * how far that is from the truth. There is one flight at a time. */
#pragma once
#include "protocol/display.h"
#include "protocol/timing.h"
#include "tests/property/fleet.h"
#include "tests/property/letters.h"
#include "tests/rig.h"

enum {
    PICTURE_US = 16000,
    LOOKERS = 8,    /* pilots who see the others, where it is crowded: pictures take long */
    OFF_SELDOM = 6, /* units: what a ship under thrust does before news of it has come */
};

/* How others are drawn. */
struct view {
    float way, off;          /* the longest way from one picture to the next; farthest from the truth */
    uint64_t compared, near; /* with the truth; of these nearer than OFF_SELDOM */
};

struct picture {
    struct display display;
    void *memory;    /* the display's */
    uint32_t number; /* from 1 */
    struct {
        float x, y;
        uint32_t number; /* of the picture in which it was drawn last */
        double told_ms;  /* when a frame's news of it was drawn */
    } places[FLEET_SHIPS];
    float own_way; /* the longest from one picture to the next */
    struct view others;
};

struct flier {
    struct rig_client rig;
    struct own own;
    struct timing timing;
    struct letters up, down;
    int32_t input[LIMIT_CELLS];
    struct picture picture;
    double offset_ms, ping_ms; /* its clock is ahead of the rig's by offset_ms */
};

extern struct flight {
    struct rig *rig;
    struct weather weather; /* of both ways */
    uint64_t dice, now_us;
    struct flier fliers[FLEET_SHIPS];
    bool still; /* no key is touched any more */
} flight;

static inline float flight_larger(float a, float b) {
    return a > b ? a : b;
}
/* By the pilot's clock. */
static inline double flier_now_ms(const struct flier *flier) {
    return (double)flight.now_us / 1e3 + flier->offset_ms;
}
/* Inputs of its that the server had to do without, or got too late. */
static inline uint32_t flier_missed(const struct flier *flier) {
    return flier->rig.client.repeated + flier->rig.client.unused;
}

/* Says HELLO. `ahead_ms`: of its clock. */
void flier_begin(struct flier *flier, double ahead_ms);
void flier_finish(struct flier *flier);
/* What it does now: takes what has come, makes an input when one is due, draws. */
void flier_turn(struct flier *flier);
/* The server writes what is due to it. */
void flier_write(struct flier *flier);

/* Nothing was seen yet. */
void picture_forget_all(void);
void picture_begin(struct picture *picture, const struct client *client);
void picture_draw(struct flier *flier);
/* After each tick: compares what was drawn for times that have come. */
void picture_compare_all(void);
