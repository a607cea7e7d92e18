/* What a room has shown lately: whole structs, of the kinds that a game wants to look back at. It is part of
 * the world: the same arrivals give the same past. */
#pragma once
#include "game/game_api.h"

struct past {
    struct game_view *views; /* the newest first; rows of kinds that are not remembered have no slots */
    uint32_t ticks, known;   /* how many there can be, and are */
    uint16_t kind_count;
    struct game_rows *kinds; /* of all views */
    uint8_t *bytes;
};

/* False without memory; past_finish is right even then. */
bool past_init(struct past *past, const struct schema *schema, uint32_t rate);
void past_finish(struct past *past);
/* This is what was just shown; `used`, by kind: slots beyond so many were never shown. */
void past_take(struct past *past, const struct game_view *view, const uint32_t *used);
/* How many ticks it reaches back. */
static inline uint32_t past_reach(const struct past *past) {
    return past->ticks;
}
