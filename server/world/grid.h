/* A grid over one publication's placed rows: which of them lie near a point. Made anew each tick by a
 * counting sort; read by any number of threads afterwards. Cells count modulo the grid, so that worlds
 * without bounds fit as well as round ones: the exact distance decides. */
#pragma once
#include "protocol/row.h"
#include "server/memory.h"

enum { GRID_RUN = 4 /* rows are looked at so many at once: behind the last there are as many of nowhere */ };

struct grid_axis {
    float min, span; /* span 0: no bounds */
    float cell;      /* units */
    bool wraps;
};

struct grid {
    struct grid_axis axes[2];
    uint32_t side;          /* cells along each axis, a power of two */
    uint32_t *first;        /* side × side + 1: where a cell's rows begin in `rows` */
    uint32_t *rows;         /* row numbers, cell by cell, then GRID_RUN of row 0 */
    float *near_x, *near_y; /* where they are, in the same order, then infinitely far */
    uint32_t *cell_of;      /* by row number; scratch of the sort */
    float *x, *y;           /* by row number: where a placed row is */
    const uint64_t *placed; /* bits of the rows of placed kinds; the caller's */
};

/* Measures the world of these shapes, for row numbers below `rows`, and takes its arrays out of `parts`.
 * `placed` outlives it. */
void grid_init(struct grid *grid, const struct shape_set *shapes, const uint64_t *placed, uint32_t rows,
               struct memory_parts *parts);
/* Where a row is: called for each living placed row before grid_sort. */
static inline void grid_put(struct grid *grid, uint32_t row, float x, float y) {
    grid->x[row] = x;
    grid->y[row] = y;
}
/* Sorts the rows that are both placed and in `alive`. */
void grid_sort(struct grid *grid, const uint64_t *alive, size_t words);
/* Square of the distance from (x, y) to a row, over the seam if the world is round. */
float grid_distance2(const struct grid *grid, uint32_t row, float x, float y);
/* One axis of such a distance: the short way, over the seam if the world is round there. */
static inline float grid_across(float from, float to, float span, float half) {
    float way = __builtin_fabsf(to - from);
    return way > half ? span - way : way;
}
/* How far one can be from another along an axis: beyond it the way over the seam is shorter. */
static inline float grid_half(const struct grid_axis *axis) {
    return axis->wraps ? axis->span / 2 : __builtin_inff();
}
/* The cells that a circle touches, as columns and lines that count modulo `side`. */
struct grid_span {
    uint32_t column, columns, line, lines;
};
struct grid_span grid_around(const struct grid *grid, float x, float y, float radius);
