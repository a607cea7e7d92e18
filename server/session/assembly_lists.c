/* What is said of rows, as lists that rise by rank or by row number: mostly copies of what is encoded
 * already. */
#include "server/session/assembly_inside.h"

static void put_gap(struct list *list, uint32_t number, bool usual) {
    wire_int(&list->writer, delta_gap(number - list->next, usual));
    list->next = number + 1;
    list->elements++;
}

/* Leavings, by rank in what was held. */
static void write_leavings(struct assembly *assembly) {
    struct list *list = &assembly->lists[FRAME_LEAVINGS];
    uint32_t before = 0;
    for (size_t i = 0; i < assembly->words; i++) {
        uint64_t held = assembly->session->held[i];
        for (uint64_t left = assembly->leave[i]; left; left &= left - 1)
            put_gap(list, before + held_below(held, (uint32_t)__builtin_ctzll(left)), false);
        before += (uint32_t)__builtin_popcountll(held);
    }
}

/* Numbers go upward, so the kind is that of the row before or a later one. */
static const struct shape_kind *kind_at(struct assembly *assembly, uint32_t number) {
    while (number >= assembly->kind->first + assembly->kind->slots) assembly->kind++;
    return assembly->kind;
}

static void write_entering(struct assembly *assembly, uint32_t number) {
    struct list *list = &assembly->lists[FRAME_ENTERINGS];
    const struct shape_kind *kind = kind_at(assembly, number);
    const struct lane_blobs *blobs = &assembly->blobs_of[kind - assembly->shapes->kinds];
    const struct lane_row *row = &assembly->lane->rows[number];
    put_gap(list, number, false);
    wire_uint(&list->writer, kind->predictor == PREDICT_NONE ? 0 : assembly->from->tick - row->whole_tick);
    wire_copy(&list->writer, lane_whole(blobs, assembly->lane->blobs, number - kind->first), row->whole_size);
    list->elements += 1u + row->whole_elements;
    assembly->copies++;
}

/* Enterings, by row number. */
static void write_enterings(struct assembly *assembly) {
    assembly->kind = assembly->shapes->kinds;
    for (size_t i = 0; i < assembly->words; i++) {
        for (uint64_t left = assembly->enter[i]; left; left &= left - 1)
            write_entering(assembly, assembly_row_at(i, left));
    }
}

static void write_change(struct assembly *assembly, struct list *list, const struct lane_blobs *blobs,
                         uint32_t slot, const struct lane_row *row) {
    const uint8_t *bytes = lane_change(blobs, assembly->lane->blobs, slot);
    wire_copy(&list->writer, bytes + row->mask_size, row->change_size - row->mask_size);
    list->elements += row->change_elements - (row->mask_size ? 1u : 0u);
}

static void write_whole(struct assembly *assembly, struct list *list, const struct lane_blobs *blobs,
                        uint32_t slot, const struct lane_row *row) {
    wire_copy(&list->writer, lane_whole(blobs, assembly->lane->blobs, slot), row->whole_size);
    list->elements += row->whole_elements;
}

/* Which row, and how old: a change since it was sent, a whole since it was so. */
static void put_stale(struct assembly *assembly, struct list *list, uint32_t rank,
                      const struct shape_kind *kind, const struct lane_row *row, bool change) {
    uint32_t at = change ? row->sent : row->whole_tick, tick = assembly->from->tick;
    bool still = !change && kind->predictor == PREDICT_NONE;
    struct delta_stale stale = {.whole = !change,
                                .usual = change && row->mask_size,
                                .gap = rank - list->next,
                                .age = still ? 0 : tick - at};
    list->elements += delta_write_stale(&list->writer, &stale);
    list->next = rank + 1;
}

static void write_update(struct assembly *assembly, uint32_t number, uint32_t rank) {
    const struct shape_kind *kind = kind_at(assembly, number);
    const struct lane_blobs *blobs = &assembly->blobs_of[kind - assembly->shapes->kinds];
    const struct lane_row *row = &assembly->lane->rows[number];
    uint32_t slot = number - kind->first;
    bool change = assembly_takes_change(assembly, number),
         fresh = change && row->sent == assembly->from->tick;
    struct list *list = &assembly->lists[fresh ? FRAME_CHANGES : FRAME_STALE];
    assembly->copies++;
    if (fresh)
        put_gap(list, rank, row->mask_size);
    else
        put_stale(assembly, list, rank, kind, row, change);
    if (change)
        write_change(assembly, list, blobs, slot, row);
    else
        write_whole(assembly, list, blobs, slot, row);
}

/* A change of this very tick, for who has the tick before and is owed nothing: no need to ask what the client
 * has. */
static void write_fresh(struct assembly *assembly, uint32_t number, uint32_t rank) {
    const struct shape_kind *kind = kind_at(assembly, number);
    const struct lane_blobs *blobs = &assembly->blobs_of[kind - assembly->shapes->kinds];
    const struct lane_row *row = &assembly->lane->rows[number];
    struct list *list = &assembly->lists[FRAME_CHANGES];
    put_gap(list, rank, row->mask_size);
    assembly->copies++;
    write_change(assembly, list, blobs, number - kind->first, row);
}

/* Changes, by rank in what is held from now on. */
static void write_updates(struct assembly *assembly) {
    bool fresh = assembly->next && !assembly->session->owes;
    uint32_t before = 0;
    assembly->kind = assembly->shapes->kinds;
    for (size_t i = 0; i < assembly->words; i++) {
        uint64_t held = assembly->held[i];
        for (uint64_t left = assembly->need[i]; left; left &= left - 1) {
            uint32_t rank = before + held_below(held, (uint32_t)__builtin_ctzll(left));
            if (fresh)
                write_fresh(assembly, assembly_row_at(i, left), rank);
            else
                write_update(assembly, assembly_row_at(i, left), rank);
        }
        before += (uint32_t)__builtin_popcountll(held);
    }
}

void assembly_write_lists(struct assembly *assembly) {
    assembly->copies = 0;
    for (int i = 0; i < LISTS; i++)
        assembly->lists[i] = (struct list){.writer = wire_writer_init(assembly->scratch[i], LIMIT_FRAME)};
    if (assembly->leaves) write_leavings(assembly);
    if (assembly->enters) write_enterings(assembly);
    write_updates(assembly);
}
