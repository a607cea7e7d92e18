/* What fits into a frame, if not all does: near rows and short entries first. The rest is owed, and leaves if
 * that lasts. */
#include "server/session/assembly_inside.h"

enum {
    GAP_BYTES = 2,
    AGE_BYTES = 2,      /* before an entry's values */
    AGE_WHOLE_BYTES = 3 /* the same of a whole among the stale, below zero */
};

/* What an entry takes; few gaps take more than two bytes. */
static uint32_t bytes_of(const struct assembly *assembly, uint32_t number) {
    const struct lane_row *row = &assembly->lane->rows[number];
    if (held_has(assembly->enter, number)) return GAP_BYTES + AGE_BYTES + row->whole_size;
    if (!assembly_takes_change(assembly, number)) return GAP_BYTES + AGE_WHOLE_BYTES + row->whole_size;
    uint32_t age = row->sent == assembly->from->tick ? 0 : AGE_BYTES;
    return GAP_BYTES + age + (uint32_t)(row->change_size - row->mask_size);
}

/* Near rows first, and short entries before long ones: many changes keep many rows right for what one whole
 * costs. A row that is owed counts as if it were twice as near. Rows without a place come first. */
static float key_of(const struct assembly *assembly, uint32_t row) {
    const struct publication *from = assembly->from;
    uint16_t player = assembly->session->player;
    if (!held_has(from->grid.placed, row) || row + 1 == publication_own(from, assembly->shapes, player))
        return 0;
    float key = grid_distance2(&from->grid, row, from->seats[player].x, from->seats[player].y);
    return key * (float)bytes_of(assembly, row) /
           (assembly->session->owes && held_has(session_owed(assembly->session), row) ? 4 : 1);
}

/* Keys as steps of an eighth of an octave: floats that are not negative sort as whole numbers do. */
static uint32_t step_of(float key) {
    uint32_t bits;
    memcpy(&bits, &key, sizeof bits);
    return bits >> KEY_SHIFT;
}

/* All rows that something could be said of, by step of key: a counting sort. */
static uint32_t sort_candidates(struct assembly *assembly) {
    uint32_t count = 0, *first = assembly->key_first;
    memset(first, 0, sizeof assembly->key_first);
    for (size_t i = 0; i < assembly->words; i++) {
        for (uint64_t left = assembly->need[i] | assembly->enter[i]; left; left &= left - 1) {
            uint32_t row = assembly_row_at(i, left), step = step_of(key_of(assembly, row));
            assembly->candidates[count++] = (struct candidate){step, row};
            first[step + 1]++;
        }
    }
    for (uint32_t i = 1; i < KEY_STEPS; i++) first[i] += first[i - 1];
    for (uint32_t i = 0; i < count; i++)
        assembly->order[first[assembly->candidates[i].step]++] = assembly->candidates[i].row;
    return count;
}

/* What does not fit: a row that would enter stays outside, one that is held is owed its whole from now on. */
static void put_off(struct assembly *assembly, uint32_t row) {
    if (held_has(assembly->enter, row)) {
        held_remove(assembly->enter, row);
        return;
    }
    held_remove(assembly->need, row);
    held_add(assembly->owed, row);
    assembly->owes = true;
}

/* Rows that waited through a whole period leave: so nobody looks at a row that stands still for longer than
 * two. */
static void age_owed(struct assembly *assembly, uint32_t wait_ms) {
    const struct session *session = assembly->session;
    uint32_t wait = (assembly->rate * wait_ms + 999) / 1000;
    bool period = assembly->from->tick / wait != session->base / wait;
    for (size_t i = 0; i < assembly->words; i++) {
        uint64_t owed = assembly->owed[i], late = period ? owed & session_waiting(session)[i] : 0;
        assembly->leave[i] |= late;
        assembly->owed[i] = owed & ~late;
        assembly->waiting[i] = period ? owed & ~late : owed & session_waiting(session)[i];
    }
}

void assembly_choose(struct assembly *assembly, struct assembly_room room) {
    uint32_t count = sort_candidates(assembly);
    uint32_t left = assembly_bytes_most(assembly, room.bytes, true); /* age_owed makes rows leave */
    memset(assembly->owed, 0, assembly->words * sizeof *assembly->owed);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t needed = bytes_of(assembly, assembly->order[i]);
        if (needed <= left)
            left -= needed;
        else
            put_off(assembly, assembly->order[i]);
    }
    age_owed(assembly, room.wait_ms);
    for (size_t i = 0; i < assembly->words; i++)
        assembly->held[i] = (assembly->session->held[i] & ~assembly->leave[i]) | assembly->enter[i];
    assembly->leaves = assembly->enters = true;
}
