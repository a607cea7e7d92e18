#include "server/world/grid.h"

enum { SIDE_MAX = 256, CELL_WITHOUT_BOUNDS = 128 /* units */ };

/* The range of all placed kinds along one axis; it wraps only if it does so for all of them. */
static struct grid_axis measure(const struct shape_set *shapes, int axis, uint32_t side) {
    float low = 0, high = 0;
    bool any = false, bounded = true, wraps = true;
    for (int i = 0; i < shapes->kind_count; i++) {
        const struct shape_field *field = &shapes->kinds[i].row.fields[axis];
        if (!shapes->kinds[i].placed) continue;
        float min = (float)field->min * field->step, max = (float)field->max * field->step;
        bounded = bounded && field->min != INT32_MIN;
        wraps = wraps && field->wraps && (!any || (min == low && max == high));
        low = !any || min < low ? min : low;
        high = !any || max > high ? max : high;
        any = true;
    }
    if (!any || !bounded || high <= low) return (struct grid_axis){.cell = CELL_WITHOUT_BOUNDS};
    return (struct grid_axis){
        .min = low, .span = high - low, .cell = (high - low) / (float)side, .wraps = wraps};
}

/* About two placed rows a cell when all live. */
static uint32_t choose_side(uint32_t rows) {
    uint32_t side = 1;
    while (side < SIDE_MAX && side * side * 2 < rows) side *= 2;
    return side;
}

void grid_init(struct grid *grid, const struct shape_set *shapes, const uint64_t *placed, uint32_t rows,
               struct memory_parts *parts) {
    *grid = (struct grid){.side = choose_side(rows), .placed = placed};
    for (int axis = 0; axis < 2; axis++) grid->axes[axis] = measure(shapes, axis, grid->side);
    grid->first = memory_part(parts, grid->side * grid->side + 2u, sizeof *grid->first);
    grid->rows = memory_part(parts, rows + GRID_RUN, sizeof *grid->rows);
    grid->near_x = memory_part(parts, rows + GRID_RUN, sizeof *grid->near_x);
    grid->near_y = memory_part(parts, rows + GRID_RUN, sizeof *grid->near_y);
    grid->cell_of = memory_part(parts, rows, sizeof *grid->cell_of);
    grid->x = memory_part(parts, rows, sizeof *grid->x);
    grid->y = memory_part(parts, rows, sizeof *grid->y);
}

/* floor((at − min) / cell), clamped far beyond any world; modulo is the caller's. */
static int64_t steps(const struct grid_axis *axis, float at) {
    float cells = (at - axis->min) / axis->cell;
    if (!(cells > -1e9f)) return -1000000000;
    if (cells > 1e9f) return 1000000000;
    int64_t whole = (int64_t)cells;
    return (float)whole > cells ? whole - 1 : whole;
}

static uint32_t cell_at(const struct grid *grid, float x, float y) {
    uint32_t mask = grid->side - 1;
    uint32_t column = (uint32_t)steps(&grid->axes[0], x) & mask,
             line = (uint32_t)steps(&grid->axes[1], y) & mask;
    return line * grid->side + column;
}

/* Whoever looks at GRID_RUN rows from the last one on finds nothing. */
static void put_nowhere(struct grid *grid, uint32_t end) {
    for (uint32_t i = end; i < end + GRID_RUN; i++) {
        grid->rows[i] = 0;
        grid->near_x[i] = grid->near_y[i] = __builtin_inff();
    }
}

void grid_sort(struct grid *grid, const uint64_t *alive, size_t words) {
    uint32_t cells = grid->side * grid->side;
    memset(grid->first, 0, (cells + 2u) * sizeof *grid->first);
    for (size_t i = 0; i < words; i++) {
        for (uint64_t left = alive[i] & grid->placed[i]; left; left &= left - 1) {
            uint32_t row = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            grid->cell_of[row] = cell_at(grid, grid->x[row], grid->y[row]);
            grid->first[grid->cell_of[row] + 2]++;
        }
    }
    for (uint32_t i = 2; i < cells + 2; i++) grid->first[i] += grid->first[i - 1];
    for (size_t i = 0; i < words; i++) {
        for (uint64_t left = alive[i] & grid->placed[i]; left; left &= left - 1) {
            uint32_t row = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            uint32_t at = grid->first[grid->cell_of[row] + 1]++;
            grid->rows[at] = row;
            grid->near_x[at] = grid->x[row];
            grid->near_y[at] = grid->y[row];
        }
    }
    put_nowhere(grid, grid->first[cells]);
}

float grid_distance2(const struct grid *grid, uint32_t row, float x, float y) {
    const struct grid_axis *axes = grid->axes;
    float dx = grid_across(x, grid->x[row], axes[0].span, grid_half(&axes[0]));
    float dy = grid_across(y, grid->y[row], axes[1].span, grid_half(&axes[1]));
    return dx * dx + dy * dy;
}

static void around(const struct grid *grid, int axis, float at, float radius, uint32_t *first,
                   uint32_t *count) {
    int64_t low = steps(&grid->axes[axis], at - radius), high = steps(&grid->axes[axis], at + radius);
    *first = (uint32_t)low & (grid->side - 1);
    *count = high - low + 1 > grid->side ? grid->side : (uint32_t)(high - low + 1);
}

struct grid_span grid_around(const struct grid *grid, float x, float y, float radius) {
    struct grid_span span;
    around(grid, 0, x, radius, &span.column, &span.columns);
    around(grid, 1, y, radius, &span.line, &span.lines);
    return span;
}
