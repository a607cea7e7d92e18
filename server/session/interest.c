#include "server/session/interest.h"

static bool near_enough(const struct publication *from, const struct publication_player *player, uint32_t row,
                        bool held) {
    float radius = held ? player->radius * INTEREST_OUT : player->radius;
    return grid_distance2(&from->grid, row, player->x, player->y) <= radius * radius;
}

static void look_at_cell(struct session *session, const struct publication *from,
                         const struct publication_player *player, uint32_t cell) {
    for (uint32_t i = from->grid.first[cell]; i < from->grid.first[cell + 1]; i++) {
        uint32_t row = from->grid.rows[i];
        if (near_enough(from, player, row, held_has(session->held, row))) held_add(session->near, row);
    }
}

static void look(struct session *session, const struct publication *from,
                 const struct publication_player *player) {
    uint32_t side = from->grid.side;
    struct grid_span span = grid_around(&from->grid, player->x, player->y, player->radius * INTEREST_OUT);
    memset(session->near, 0, from->words * sizeof *session->near);
    for (uint32_t line = 0; line < span.lines; line++)
        for (uint32_t column = 0; column < span.columns; column++)
            look_at_cell(session, from, player,
                         ((span.line + line) & (side - 1)) * side + ((span.column + column) & (side - 1)));
    session->looked = from->tick;
    session->near_x = player->x;
    session->near_y = player->y;
}

/* A row number that is another thing now was near or not as the thing before. */
static void look_at_newborn(struct session *session, const struct publication *from,
                            const struct publication_player *player) {
    for (size_t i = 0; i < from->words; i++) {
        for (uint64_t left = from->newborn[i] & from->grid.placed[i]; left; left &= left - 1) {
            uint32_t row = (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left);
            if (near_enough(from, player, row, false))
                held_add(session->near, row);
            else
                held_remove(session->near, row);
        }
    }
}

static bool jumped(const struct session *session, const struct publication_player *player) {
    float dx = player->x - session->near_x, dy = player->y - session->near_y, far = player->radius / 4;
    return dx * dx + dy * dy > far * far;
}

void interest_update(struct session *session, const struct publication *from) {
    const struct publication_player *who = &from->players[session->player];
    if (who->radius <= 0) {
        memset(session->near, 0xff, from->words * sizeof *session->near);
        session->looked = 0;
        return;
    }
    bool missed = session->updated + 1 != from->tick;
    session->updated = from->tick;
    bool whole = session->looked == 0 || (from->tick + session->id) % INTEREST_TICKS == 0 || missed ||
                 from->tick - session->looked >= INTEREST_TICKS || jumped(session, who);
    if (whole)
        look(session, from, who);
    else
        look_at_newborn(session, from, who);
    if (who->owns) held_add(session->near, who->own_row);
}
