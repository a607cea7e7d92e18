/* What a room shows, in whole numbers: which rows are there, since when, and their raw values. The game's
 * view is counted into it once a tick; lanes and publications look at nothing else. */
#pragma once
#include "game/game_api.h"
#include "server/world/lane.h"
#include "server/world/publication.h"

struct shown {
    const struct shape_set *shapes;      /* of LANE_GAME: with all fields */
    struct game_view view;               /* the game writes here */
    struct game_rows kinds[LIMIT_KINDS]; /* of the view */
    uint32_t *life;                      /* as of the last count, by row number */
    uint32_t *born;                      /* tick in which a row became what it is */
    uint64_t *alive, *newborn;
    uint64_t *placed; /* rows of placed kinds, alive or not */
    int32_t *cells;
    uint32_t cells_first[LIMIT_KINDS];
    size_t words; /* of bits over row numbers, up to the last row that was ever shown; at least 1 */
    uint32_t used[LIMIT_KINDS]; /* slots beyond so many were never shown: nobody looks at them, or writes */
};

/* False without memory; shown_finish is right even then. */
bool shown_init(struct shown *shown, const struct schema *schema, const struct shape_set *shapes);
void shown_finish(struct shown *shown);
/* Empties the view, for the game's `show`. */
void shown_clear(struct shown *shown, uint32_t players);
/* Counts the view as of `tick`. */
void shown_count(struct shown *shown, uint32_t tick);
struct lane_truth shown_truth(const struct shown *shown);
/* Rows and who may hold them. */
void shown_publish(const struct shown *shown, struct publication *into);
/* The sum of all rows' hashes. */
uint64_t shown_hash(const struct shown *shown);
