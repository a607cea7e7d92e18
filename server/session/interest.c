#include "server/session/interest.h"

struct eye { /* one player's look, with what all rows are measured by */
    const uint64_t *held;
    uint64_t *near;
    const struct grid *grid;
    float x, y, in2, out2, span[2], half[2];
};

/* GRID_RUN numbers at once; where they come from they need no alignment. */
typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t four_bits __attribute__((vector_size(16)));

/* As grid_across, for four. */
static four across(four from, const float *to, float span, float half) {
    four way = *(const four *)to - from;
    way = (four)((four_bits)way & INT32_MAX);
    four_bits over = way > half;
    return (four)((over & (four_bits)(span - way)) | (~over & (four_bits)way));
}

/* Who of four rows is near: within the radius, or within the outer one and held. Which of them a row is could
 * not be predicted, so that branches would cost more than they save. */
static void judge(const struct eye *eye, uint32_t first) {
    const struct grid *grid = eye->grid;
    four zero = {0}, dx = across(zero + eye->x, grid->near_x + first, eye->span[0], eye->half[0]);
    four dy = across(zero + eye->y, grid->near_y + first, eye->span[1], eye->half[1]);
    four far2 = dx * dx + dy * dy;
    four_bits in = far2 <= eye->in2, out = far2 <= eye->out2;
    for (uint32_t i = 0; i < GRID_RUN; i++) {
        uint32_t row = grid->rows[first + i];
        uint64_t held = eye->held[row / 64] >> (row % 64);
        eye->near[row / 64] |= ((uint64_t)in[i] | ((uint64_t)out[i] & held)) % 2 << (row % 64);
    }
}

/* A run of neighbouring cells, and the first few rows of those behind it, which may as well be looked at. */
static void look_along(const struct eye *eye, uint32_t first_cell, uint32_t end_cell) {
    uint32_t end = eye->grid->first[end_cell];
    for (uint32_t i = eye->grid->first[first_cell]; i < end; i += GRID_RUN) judge(eye, i);
}

/* A line of cells, which may go on at its beginning. */
static void look_at_line(const struct eye *eye, uint32_t line, const struct grid_span *span) {
    uint32_t side = eye->grid->side, start = line * side, end = span->column + span->columns;
    look_along(eye, start + span->column, start + (end < side ? end : side));
    if (end > side) look_along(eye, start, start + end - side);
}

static void look(struct session *session, const struct publication *from, const struct game_seat *seat) {
    const struct grid *grid = &from->grid;
    float in = seat->radius, out = in * INTEREST_OUT;
    struct grid_span span = grid_around(grid, seat->x, seat->y, out);
    struct eye eye = {.held = session->held,
                      .near = session_near(session),
                      .grid = grid,
                      .x = seat->x,
                      .y = seat->y,
                      .in2 = in * in,
                      .out2 = out * out,
                      .span = {grid->axes[0].span, grid->axes[1].span},
                      .half = {grid_half(&grid->axes[0]), grid_half(&grid->axes[1])}};
    for (size_t i = 0; i < from->words; i++) eye.near[i] = ~grid->placed[i];
    for (uint32_t line = 0; line < span.lines; line++)
        look_at_line(&eye, (span.line + line) & (grid->side - 1), &span);
    session->looked = from->tick;
    session->near_x = seat->x;
    session->near_y = seat->y;
}

/* A row number that is another thing now was near or not as the thing before. */
static void look_at_newborn(struct session *session, const struct publication *from,
                            const struct game_seat *seat) {
    for (size_t i = 0; i < from->words; i++) {
        for (uint64_t left = from->newborn[i] & from->grid.placed[i]; left; left &= left - 1) {
            uint32_t row = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            if (grid_distance2(&from->grid, row, seat->x, seat->y) <= seat->radius * seat->radius)
                held_add(session_near(session), row);
            else
                held_remove(session_near(session), row);
        }
    }
}

static bool jumped(const struct session *session, const struct game_seat *seat) {
    float dx = seat->x - session->near_x, dy = seat->y - session->near_y, far = seat->radius / 4;
    return dx * dx + dy * dy > far * far;
}

void interest_update(struct session *session, const struct publication *from) {
    const struct game_seat *seat = &from->seats[session->player];
    bool missed = session->updated + 1 != from->tick;
    session->updated = from->tick;
    if (seat->radius <= 0) {
        if (missed || session->looked) memset(session_near(session), 0xff, from->words * sizeof(uint64_t));
        session->looked = 0;
        return;
    }
    bool whole = session->looked == 0 || (from->tick + session->id) % INTEREST_TICKS == 0 || missed ||
                 from->tick - session->looked >= INTEREST_TICKS || jumped(session, seat);
    if (whole)
        look(session, from, seat);
    else if (from->begins)
        look_at_newborn(session, from, seat);
    uint32_t own = publication_own(from, session->shapes, session->player);
    if (own) held_add(session_near(session), own - 1);
}
