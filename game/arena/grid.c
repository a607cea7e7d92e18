/* The grid: a list of things for each square, linked by number. */
#include "game/arena/grid.h"

enum { SQUARE = ARENA_SIZE / GRID_ACROSS };

void grid_clear(struct grid *grid) {
    memset(grid->first, 0, sizeof(grid->first));
}

static int32_t square_of(float place) {
    return math_floor(place / SQUARE);
}

static uint16_t *first_of(struct grid *grid, int32_t column, int32_t line) {
    return &grid->first[(line & (GRID_ACROSS - 1)) * GRID_ACROSS + (column & (GRID_ACROSS - 1))];
}

void grid_put(struct grid *grid, uint16_t thing, float x, float y) {
    uint16_t *first = first_of(grid, square_of(x), square_of(y));
    grid->next[thing] = *first;
    *first = (uint16_t)(thing + 1);
}

/* The last square that a reach covers, never so far that the world is gone around twice. */
static int32_t last_square(int32_t first, float place) {
    int32_t last = square_of(place);
    return last - first >= GRID_ACROSS ? first + GRID_ACROSS - 1 : last;
}

uint32_t grid_near(const struct grid *grid, float x, float y, float reach, uint16_t *found) {
    uint32_t count = 0;
    int32_t left = square_of(x - reach), top = square_of(y - reach);
    int32_t right = last_square(left, x + reach), bottom = last_square(top, y + reach);
    for (int32_t line = top; line <= bottom; line++)
        for (int32_t column = left; column <= right; column++) {
            const uint16_t *row = &grid->first[(line & (GRID_ACROSS - 1)) * GRID_ACROSS];
            for (uint16_t at = row[column & (GRID_ACROSS - 1)]; at; at = grid->next[at - 1])
                found[count++] = (uint16_t)(at - 1);
        }
    return count;
}
