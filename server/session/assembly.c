#include "server/session/assembly.h"
#include "server/session/interest.h"
#include "server/session/session_undo.h"
#include <stdlib.h>

enum {
    GAPS_LONG_BYTES =
        2 * 512, /* gaps sum up to less than 65,536, so at most 512 of them take more than a byte */
    ENTRY_BYTES = 3 + 5 + 1 /* gap, age and mask before an entry's values */
};

struct list { /* growing: numbers or ranks go upward */
    struct wire_writer writer;
    uint32_t elements, next;
};

struct candidate { /* a row that something could be said of, if not all fits */
    float key;     /* the smaller, the sooner */
    uint32_t row;
};

struct assembly {
    uint32_t wait_ticks;
    /* What is being made. */
    struct session *session;
    const struct publication *from;
    const struct publication_lane *lane;
    const struct shape_set *shapes;
    const struct lane_blobs *blobs_of;
    size_t words;
    uint32_t bytes_left;
    bool owes; /* something is left for a later frame */
    struct list lists[FRAME_LISTS];
    /* Bits over row numbers. */
    uint64_t held[LIMIT_ROWS / 64], leave[LIMIT_ROWS / 64], enter[LIMIT_ROWS / 64];
    uint64_t need[LIMIT_ROWS / 64]; /* held rows that something is to be said of */
    uint64_t owed[LIMIT_ROWS / 64], waiting[LIMIT_ROWS / 64];
    struct candidate candidates[LIMIT_ROWS];
    uint8_t scratch[FRAME_LISTS][LIMIT_FRAME];
};

struct assembly *assembly_create(uint32_t rate) {
    struct assembly *assembly = calloc(1, sizeof *assembly);
    if (assembly) assembly->wait_ticks = rate * ASSEMBLY_WAIT_S;
    return assembly;
}

void assembly_destroy(struct assembly *assembly) {
    free(assembly);
}

static uint32_t row_at(size_t word, uint64_t bits) {
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
}

/* ---- Sets: who leaves, what something is to be said of, who enters. */

/* Everything that this player may hold and is near enough to; into `enter` for now. */
static void find_wanted(struct assembly *assembly) {
    const struct publication *from = assembly->from;
    uint64_t *wanted = assembly->enter;
    interest_update(assembly->session, from);
    memcpy(wanted, from->everyone, assembly->words * sizeof *wanted);
    for (uint32_t i = 0; i < from->reserved_count; i++)
        if (publication_may_hold(from, assembly->session->player, from->reserved_to[i]))
            held_add(wanted, from->reserved[i]);
    for (size_t i = 0; i < assembly->words; i++)
        wanted[i] &= assembly->session->near[i] | ~from->grid.placed[i];
}

/* Held rows that became another thing since the base. */
static uint64_t reborn(const struct assembly *assembly, size_t word, uint64_t held) {
    uint64_t found = 0;
    if (assembly->session->base + 1 == assembly->from->tick) return held & assembly->from->newborn[word];
    for (; held; held &= held - 1)
        if (assembly->from->born[row_at(word, held)] > assembly->session->base) found |= held & -held;
    return found;
}

/* Held rows that were sent since the base. */
static uint64_t resent(const struct assembly *assembly, size_t word, uint64_t held) {
    uint64_t found = 0;
    if (assembly->session->base + 1 == assembly->from->tick) return held & assembly->lane->changed[word];
    for (; held; held &= held - 1)
        if (assembly->lane->rows[row_at(word, held)].sent > assembly->session->base) found |= held & -held;
    return found;
}

static void find_sets(struct assembly *assembly) {
    const struct session *session = assembly->session;
    find_wanted(assembly);
    for (size_t i = 0; i < assembly->words; i++) {
        uint64_t held = session->held[i], wanted = assembly->enter[i];
        uint64_t leave = assembly->leave[i] = (held & ~wanted) | reborn(assembly, i, held & wanted);
        assembly->need[i] = resent(assembly, i, held & ~leave) | (session->owed[i] & ~leave);
        assembly->enter[i] = wanted & ~(held & ~leave);
        assembly->owed[i] = 0;
        assembly->waiting[i] = session->waiting[i];
    }
}

/* ---- What fits. */

/* Whether the change says it all, or the whole must travel. */
static bool takes_change(const struct assembly *assembly, uint32_t number) {
    const struct lane_row *row = &assembly->lane->rows[number];
    return row->sent_before <= assembly->session->base && row->change_size > 0 &&
           assembly->from->tick - row->sent <= LIMIT_AGE && !held_has(assembly->session->owed, number);
}

static uint32_t bytes_of(const struct assembly *assembly, uint32_t number, bool enters) {
    const struct lane_row *row = &assembly->lane->rows[number];
    return ENTRY_BYTES + (!enters && takes_change(assembly, number) ? row->change_size : row->whole_size);
}

static bool everything_fits(const struct assembly *assembly) {
    uint32_t bytes = 0;
    for (size_t i = 0; i < assembly->words; i++) {
        for (uint64_t left = assembly->need[i]; left; left &= left - 1)
            bytes += bytes_of(assembly, row_at(i, left), false);
        for (uint64_t left = assembly->enter[i]; left; left &= left - 1)
            bytes += bytes_of(assembly, row_at(i, left), true);
        if (bytes > assembly->bytes_left) return false;
    }
    return true;
}

/* Near rows first, and such as wait sooner than those that don't: a row that has waited long counts as if it
 * were four times as near. Rows without a place count as very near. */
static float key_of(const struct assembly *assembly, uint32_t row) {
    const struct publication_player *player = &assembly->from->players[assembly->session->player];
    float key = held_has(assembly->from->grid.placed, row)
                    ? grid_distance2(&assembly->from->grid, row, player->x, player->y)
                    : 0;
    if (player->owns && row == player->own_row) key = 0;
    if (held_has(assembly->session->owed, row)) key /= held_has(assembly->session->waiting, row) ? 16 : 4;
    return key;
}

static int by_key(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->row < y->row ? -1 : 1;
}

static uint32_t gather(struct assembly *assembly) {
    uint32_t count = 0;
    for (size_t i = 0; i < assembly->words; i++) {
        for (uint64_t left = assembly->need[i] | assembly->enter[i]; left; left &= left - 1) {
            uint32_t row = row_at(i, left);
            assembly->candidates[count++] = (struct candidate){key_of(assembly, row), row};
        }
    }
    qsort(assembly->candidates, count, sizeof *assembly->candidates, by_key);
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

static void choose(struct assembly *assembly) {
    uint32_t count = gather(assembly);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = assembly->candidates[i].row;
        uint32_t bytes = bytes_of(assembly, row, held_has(assembly->enter, row));
        if (bytes <= assembly->bytes_left)
            assembly->bytes_left -= bytes;
        else
            put_off(assembly, row);
    }
}

/* Rows that waited through a whole period leave: so nobody looks at a row that stands still for longer than
 * two. */
static void age_owed(struct assembly *assembly) {
    bool period =
        assembly->from->tick / assembly->wait_ticks != assembly->session->base / assembly->wait_ticks;
    for (size_t i = 0; i < assembly->words; i++) {
        uint64_t owed = assembly->owed[i], late = period ? owed & assembly->waiting[i] : 0;
        assembly->leave[i] |= late;
        assembly->owed[i] = owed & ~late;
        assembly->waiting[i] = period ? owed & ~late : owed & assembly->waiting[i];
    }
}

static void choose_what_fits(struct assembly *assembly, uint32_t bytes) {
    uint32_t leavings = held_count(assembly->session->held, assembly->words) + GAPS_LONG_BYTES;
    assembly->bytes_left = ASSEMBLY_ROW_BYTES - leavings;
    if (assembly->bytes_left > bytes) assembly->bytes_left = bytes;
    if (!everything_fits(assembly)) choose(assembly);
    age_owed(assembly);
}

/* ---- Lists. */

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

static void write_entering(struct assembly *assembly, uint32_t number) {
    struct list *list = &assembly->lists[FRAME_ENTERINGS];
    const struct shape_kind *kind = shape_kind_of(assembly->shapes, number);
    const struct lane_blobs *blobs = &assembly->blobs_of[kind - assembly->shapes->kinds];
    const struct lane_row *row = &assembly->lane->rows[number];
    put_gap(list, number, false);
    wire_uint(&list->writer, kind->predictor == PREDICT_NONE ? 0 : assembly->from->tick - row->whole_tick);
    wire_copy(&list->writer, lane_whole(blobs, assembly->lane->blobs, number - kind->first), row->whole_size);
    list->elements += 1u + row->whole_elements;
}

/* Enterings, by row number; after it `held` is what is held from now on. */
static void write_enterings(struct assembly *assembly) {
    for (size_t i = 0; i < assembly->words; i++) {
        assembly->held[i] = (assembly->session->held[i] & ~assembly->leave[i]) | assembly->enter[i];
        for (uint64_t left = assembly->enter[i]; left; left &= left - 1)
            write_entering(assembly, row_at(i, left));
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
    wire_uint(&list->writer, 0);
    wire_copy(&list->writer, lane_whole(blobs, assembly->lane->blobs, slot), row->whole_size);
    list->elements += 1u + row->whole_elements;
}

static void write_update(struct assembly *assembly, uint32_t number, uint32_t rank) {
    const struct shape_kind *kind = shape_kind_of(assembly->shapes, number);
    const struct lane_blobs *blobs = &assembly->blobs_of[kind - assembly->shapes->kinds];
    const struct lane_row *row = &assembly->lane->rows[number];
    uint32_t tick = assembly->from->tick, slot = number - kind->first;
    bool change = takes_change(assembly, number), fresh = change && row->sent == tick;
    struct list *list = &assembly->lists[fresh ? FRAME_CHANGES : FRAME_STALE];
    put_gap(list, rank, change && row->mask_size);
    if (!fresh) {
        bool still = kind->predictor == PREDICT_NONE && !change;
        wire_uint(&list->writer, still ? 0 : tick - (change ? row->sent : row->whole_tick));
        list->elements++;
    }
    if (change)
        write_change(assembly, list, blobs, slot, row);
    else
        write_whole(assembly, list, blobs, slot, row);
}

/* Changes, by rank in what is held from now on. */
static void write_updates(struct assembly *assembly) {
    uint32_t before = 0;
    for (size_t i = 0; i < assembly->words; i++) {
        uint64_t held = assembly->held[i];
        for (uint64_t left = assembly->need[i]; left; left &= left - 1)
            write_update(assembly, row_at(i, left),
                         before + held_below(held, (uint32_t)__builtin_ctzll(left)));
        before += (uint32_t)__builtin_popcountll(held);
    }
}

/* ---- All of it. */

static void start(struct assembly *assembly, struct session *session, const struct publication *from) {
    assembly->session = session;
    assembly->from = from;
    assembly->lane = &from->lanes[session->lane];
    assembly->shapes = from->shapes[session->lane];
    assembly->blobs_of = from->blobs_of[session->lane];
    assembly->words = from->words;
    assembly->owes = false;
    for (int i = 0; i < FRAME_LISTS; i++)
        assembly->lists[i] = (struct list){.writer = wire_writer_init(assembly->scratch[i], LIMIT_FRAME)};
}

void assembly_make(struct assembly *assembly, struct session *session, const struct publication *from,
                   uint32_t bytes) {
    start(assembly, session, from);
    find_sets(assembly);
    choose_what_fits(assembly, bytes);
    write_leavings(assembly);
    write_enterings(assembly);
    write_updates(assembly);
}

struct frame_slice assembly_list(const struct assembly *assembly, enum frame_list which) {
    const struct list *list = &assembly->lists[which];
    CHECK(!list->writer.full);
    return (struct frame_slice){list->writer.bytes, list->writer.size, list->elements};
}

uint64_t assembly_hash(const struct assembly *assembly) {
    uint64_t sum = 0;
    if (!assembly->from->hashed || assembly->owes) return 0;
    for (size_t i = 0; i < assembly->words; i++)
        for (uint64_t left = assembly->held[i]; left; left &= left - 1)
            sum += assembly->lane->hashes[row_at(i, left)];
    return sum ? sum : 1;
}

void assembly_commit(const struct assembly *assembly, struct session *session) {
    undo_note(session, assembly->held, assembly->owed, assembly->from->tick);
    memcpy(session->held, assembly->held, assembly->words * sizeof *session->held);
    memcpy(session->owed, assembly->owed, assembly->words * sizeof *session->owed);
    memcpy(session->waiting, assembly->waiting, assembly->words * sizeof *session->waiting);
}
