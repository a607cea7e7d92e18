/* What is drawn between and beyond frames: each held row, moved on by its predictor from the newest frame's
 * tick to the tick that is shown, the own row from the newest input to the one that is wanted now. When the
 * server or the player decides otherwise, what was shown goes over into what is right within EASE_MS. Copies
 * only: the replica stands still. The caller brings the memory; what is shown lies there as flat arrays. */
#pragma once
#include "protocol/own.h"

enum {
    DISPLAY_EASE_MS = 125,  /* quick enough to be true, slow enough not to be seen as a jump */
    DISPLAY_SEEN_MS = 1000, /* a picture of longer ago is forgotten: nothing is eased from it */
    DISPLAY_AHEAD = 64      /* ticks that rows go on without a frame; then they wait for one */
};

struct display_kind {
    uint32_t count;  /* rows shown */
    uint16_t *slots; /* of each, rising */
    float *values;   /* one for each field of each: in units, of texts 0 */
    float
        *tracks; /* by slot, for each field: where it is without easing, its way in one tick, what is eased */
    float *left_ms; /* by slot: how long easing still takes */
    int32_t mine;   /* the field that names the player whose rows are shown at its own time; −1: none */
};

struct display {
    const struct shape_set *shapes;
    struct display_kind kinds[LIMIT_KINDS];
    uint64_t *known, *touched; /* rows: shown before; told of by frames since */
    double tick, now;          /* of the last show */
};

struct display_time {
    double tick; /* to be shown, with its fraction */
    float part;  /* of the time from the newest input to the next, 0 … 1 */
    double now;  /* in ms, of a clock that goes forward */
};

/* Bytes of memory for rooms of these shapes, aligned to 8. */
size_t display_bytes(const struct shape_set *shapes);
/* Nothing was shown yet. */
void display_init(struct display *display, const struct shape_set *shapes, void *memory);
/* The client has just applied a frame. */
void display_frame(struct display *display, const struct client *client);
/* Makes slots and values of all kinds. `wanted`: the raw values of the input that would be made now. */
void display_show(struct display *display, const struct client *client, const struct own *own,
                  const int32_t *wanted, const struct display_time *time);
