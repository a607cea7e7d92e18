#include "server/world/shown.h"
#include "server/world/clipped.h"
#include <stdlib.h>

static bool make_view(struct shown *shown, const struct schema *schema) {
    bool well = true;
    for (uint16_t i = 0; i < schema->kind_count; i++) {
        const struct schema_kind *kind = &schema->kinds[i];
        shown->kinds[i] = (struct game_rows){.rows = calloc(kind->slots + 1u, kind->row.size),
                                             .life = calloc(kind->slots + 1u, sizeof(uint32_t)),
                                             .to = calloc(kind->slots + 1u, sizeof(struct game_to)),
                                             .slots = kind->slots,
                                             .size = kind->row.size};
        well = well && shown->kinds[i].rows && shown->kinds[i].life && shown->kinds[i].to;
    }
    shown->view = (struct game_view){.kinds = shown->kinds,
                                     .kind_count = schema->kind_count,
                                     .seats = calloc(schema->players_max + 1u, sizeof *shown->view.seats)};
    return well && shown->view.seats;
}

static bool make_rows(struct shown *shown) {
    const struct shape_set *shapes = shown->shapes;
    uint32_t cells = 0;
    for (int i = 0; i < shapes->kind_count; i++) {
        shown->cells_first[i] = cells;
        cells += shapes->kinds[i].slots * shapes->kinds[i].row.cell_count;
    }
    shown->life = calloc(shapes->row_count + 1u, sizeof *shown->life);
    shown->born = calloc(shapes->row_count + 1u, sizeof *shown->born);
    shown->alive = calloc(held_words(shapes->row_count) + 1, sizeof *shown->alive);
    shown->newborn = calloc(held_words(shapes->row_count) + 1, sizeof *shown->newborn);
    shown->cells = calloc(cells + 1u, sizeof *shown->cells);
    return shown->life && shown->born && shown->alive && shown->newborn && shown->cells;
}

static bool find_placed(struct shown *shown) {
    shown->placed = calloc(held_words(shown->shapes->row_count) + 1, sizeof *shown->placed);
    for (int i = 0; shown->placed && i < shown->shapes->kind_count; i++) {
        const struct shape_kind *kind = &shown->shapes->kinds[i];
        for (uint32_t slot = 0; kind->placed && slot < kind->slots; slot++)
            held_add(shown->placed, kind->first + slot);
    }
    return shown->placed != NULL;
}

bool shown_init(struct shown *shown, const struct schema *schema, const struct shape_set *shapes) {
    *shown = (struct shown){.shapes = shapes, .words = 1};
    bool view = make_view(shown, schema);
    return make_rows(shown) && find_placed(shown) && view;
}

void shown_finish(struct shown *shown) {
    for (int i = 0; shown->shapes && i < shown->shapes->kind_count; i++) {
        free(shown->kinds[i].rows);
        free(shown->kinds[i].life);
        free(shown->kinds[i].to);
    }
    free(shown->view.seats);
    free(shown->life);
    free(shown->born);
    free(shown->alive);
    free(shown->newborn);
    free(shown->placed);
    free(shown->cells);
}

void shown_clear(struct shown *shown, uint32_t players) {
    for (int i = 0; i < shown->shapes->kind_count; i++)
        memset(shown->kinds[i].life, 0, shown->used[i] * sizeof *shown->kinds[i].life);
    memset(shown->view.seats, 0, players * sizeof *shown->view.seats);
}

/* How many slots of a kind were ever shown, `used` before. */
static uint32_t count_used(const struct game_rows *rows, uint32_t used) {
    uint32_t slots = rows->slots;
    while (slots > used && !rows->life[slots - 1]) slots--;
    return slots;
}

static void count_values(const struct shown *shown, int kind, uint32_t slot) {
    const struct game_rows *rows = &shown->kinds[kind];
    const struct shape *of = &shown->shapes->kinds[kind].row;
    const char *row = (const char *)rows->rows + (size_t)slot * rows->size;
    int32_t *cells = shown->cells + shown->cells_first[kind] + (size_t)slot * of->cell_count;
    uint32_t clipped = row_quantise(of, row, cells);
    if (clipped) clipped_tell(shown->shapes->game, of, row, clipped);
}

void shown_count(struct shown *shown, uint32_t tick) {
    const struct shape_set *shapes = shown->shapes;
    memset(shown->alive, 0, held_words(shapes->row_count) * sizeof *shown->alive);
    memset(shown->newborn, 0, held_words(shapes->row_count) * sizeof *shown->newborn);
    for (int kind = 0; kind < shapes->kind_count; kind++) {
        const struct shape_kind *of = &shapes->kinds[kind];
        const struct game_rows *rows = &shown->kinds[kind];
        shown->used[kind] = count_used(rows, shown->used[kind]);
        if (shown->used[kind]) shown->words = held_words(of->first + shown->used[kind]);
        for (uint32_t slot = 0; slot < shown->used[kind]; slot++) {
            uint32_t number = of->first + slot, life = rows->life[slot];
            bool begins = life != shown->life[number];
            shown->life[number] = life;
            if (begins) shown->born[number] = tick;
            if (!life) continue;
            held_add(shown->alive, number);
            if (begins) held_add(shown->newborn, number);
            count_values(shown, kind, slot);
        }
    }
}

struct lane_truth shown_truth(const struct shown *shown) {
    return (struct lane_truth){.alive = shown->alive,
                               .born = shown->born,
                               .used = shown->used,
                               .shapes = shown->shapes,
                               .cells = shown->cells,
                               .cells_first = shown->cells_first};
}

/* Puts the placed rows of one kind where they are shown. */
static void place_kind(const struct shown *shown, int kind, struct grid *grid) {
    const struct shape_kind *of = &shown->shapes->kinds[kind];
    const struct shape_field *fields = of->row.fields;
    const int32_t *cells = shown->cells + shown->cells_first[kind];
    for (uint32_t slot = 0; slot < shown->used[kind]; slot++, cells += of->row.cell_count)
        if (shown->life[of->first + slot])
            grid_put(grid, of->first + slot, (float)cells[0] * fields[0].step,
                     (float)cells[1] * fields[1].step);
}

static void publish_places(const struct shown *shown, struct publication *into) {
    for (int kind = 0; kind < shown->shapes->kind_count; kind++)
        if (shown->shapes->kinds[kind].placed) place_kind(shown, kind, &into->grid);
    grid_sort(&into->grid, shown->alive, into->words);
}

void shown_publish(const struct shown *shown, struct publication *into) {
    const struct shape_set *shapes = shown->shapes;
    into->words = shown->words;
    memcpy(into->alive, shown->alive, into->words * sizeof *into->alive);
    memcpy(into->newborn, shown->newborn, into->words * sizeof *into->newborn);
    into->begins = held_count(shown->newborn, into->words) > 0;
    memcpy(into->everyone, shown->alive, into->words * sizeof *into->everyone);
    publish_places(shown, into);
    into->reserved_count = 0;
    for (int kind = 0; kind < shapes->kind_count; kind++) {
        const struct game_rows *rows = &shown->kinds[kind];
        uint32_t first = shapes->kinds[kind].first;
        memcpy(into->born + first, shown->born + first, shown->used[kind] * sizeof *into->born);
        for (uint32_t slot = 0; slot < shown->used[kind]; slot++) {
            uint32_t number = first + slot;
            if (!rows->life[slot] || rows->to[slot].whom == GAME_TO_ALL) continue;
            held_remove(into->everyone, number);
            into->reserved[into->reserved_count] = number;
            into->reserved_to[into->reserved_count++] = rows->to[slot];
        }
    }
}

uint64_t shown_hash(const struct shown *shown) {
    const struct shape_set *shapes = shown->shapes;
    uint64_t sum = 0;
    for (int kind = 0; kind < shapes->kind_count; kind++) {
        const struct shape_kind *of = &shapes->kinds[kind];
        for (uint32_t slot = 0; slot < shown->used[kind]; slot++)
            if (held_has(shown->alive, of->first + slot))
                sum += row_hash(&of->row, of->first + slot,
                                shown->cells + shown->cells_first[kind] + (size_t)slot * of->row.cell_count);
    }
    return sum;
}
