#include "tests/load/brain.h"
#include <stdlib.h>

static size_t padded(size_t size) {
    return (size + 15) & ~(size_t)15;
}

/* Rows, lives and audiences of all kinds, and the seats, in one block. */
static bool make_view(struct brain_room *room, const struct schema *schema) {
    size_t size = padded(schema->kind_count * sizeof(struct game_rows)) +
                  padded(schema->players_max * sizeof(struct game_seat));
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        const struct schema_kind *kind = &schema->kinds[i];
        size += padded((size_t)kind->slots * kind->row.size) + padded(kind->slots * sizeof(uint32_t)) +
                padded(kind->slots * sizeof(struct game_to));
    }
    uint8_t *at = room->memory = calloc(1, size);
    if (!at) return false;
    room->view.kinds = (struct game_rows *)(void *)at;
    room->view.kind_count = schema->kind_count;
    at += padded(schema->kind_count * sizeof(struct game_rows));
    room->view.seats = (struct game_seat *)(void *)at;
    at += padded(schema->players_max * sizeof(struct game_seat));
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        const struct schema_kind *kind = &schema->kinds[i];
        struct game_rows *rows = &room->view.kinds[i];
        *rows = (struct game_rows){.rows = at, .slots = kind->slots, .size = kind->row.size};
        at += padded((size_t)kind->slots * kind->row.size);
        rows->life = (uint32_t *)(void *)at;
        at += padded(kind->slots * sizeof(uint32_t));
        rows->to = (struct game_to *)(void *)at;
        at += padded(kind->slots * sizeof(struct game_to));
    }
    return true;
}

/* The same rows, field by field. */
static bool shapes_alike(const struct shape_set *a, const struct shape_set *b) {
    if (a->kind_count != b->kind_count || a->row_count != b->row_count) return false;
    for (int i = 0; i < a->kind_count; i++)
        if (a->kinds[i].row.cell_count != b->kinds[i].row.cell_count) return false;
    return a->input.cell_count == b->input.cell_count && a->rules.cell_count == b->rules.cell_count;
}

bool brain_open(struct brain_room *room, const struct game *game, const struct client *client) {
    const struct message_welcome *welcome = &client->welcome;
    char why[128];
    *room = (struct brain_room){.game = game};
    if (!game->calls || !game->calls->think) return false;
    room->shapes = malloc(sizeof *room->shapes);
    bool well = room->shapes &&
                shape_set_make(room->shapes, game->schema, (enum shape_lane)welcome->lane, welcome->rate, why,
                               sizeof why) &&
                shapes_alike(room->shapes, client->shapes) && make_view(room, game->schema);
    if (!well) return brain_close(room), false;
    row_restore(&room->shapes->rules, client->rules, room->rules);
    room->turn =
        (struct game_turn){.dt = 1.0f / (float)welcome->rate, .rules = room->rules, .schema = game->schema};
    return true;
}

void brain_close(struct brain_room *room) {
    free(room->shapes);
    free(room->memory);
    *room = (struct brain_room){0};
}

/* Shows what this client holds, or (`life` 0) takes it away again. */
static void show_rows(struct brain_room *room, const struct client *client, uint32_t life) {
    const struct replica *replica = &client->replica;
    for (size_t word = 0; word < held_words(replica->shapes->row_count); word++) {
        for (uint64_t left = replica->held[word]; left; left &= left - 1) {
            uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(left);
            const struct shape_kind *kind = shape_kind_of(room->shapes, row);
            struct game_rows *rows = &room->view.kinds[kind - room->shapes->kinds];
            uint32_t slot = row - kind->first;
            rows->life[slot] = life;
            if (life)
                row_restore(&kind->row, replica_row(replica, row), rows->rows + (size_t)slot * rows->size);
        }
    }
}

const int32_t *brain_next(struct brain_room *room, const struct client *client, uint32_t *mind) {
    show_rows(room, client, 1);
    room->turn.tick = client->replica.tick;
    memset(room->input, 0, sizeof room->input);
    room->game->calls->think(&room->view, &room->turn, (game_player)client->welcome.player, mind,
                             room->input);
    show_rows(room, client, 0);
    row_quantise(&room->shapes->input, room->input, room->cells);
    return room->cells;
}
