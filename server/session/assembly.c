#include "server/session/assembly.h"
#include "server/session/interest.h"
#include "server/session/session_undo.h"
#include <stdlib.h>

enum {
    LISTS = FRAME_EVENTS, /* those of a frame that rows are in */
    SETS = 11,
    GAPS_LONG_BYTES =
        2 * 512, /* gaps sum up to less than 65,536, so at most 512 of them take more than a byte */
    GAP_BYTES = 2,
    AGE_BYTES = 2,       /* before an entry's values */
    AGE_WHOLE_BYTES = 3, /* the same of a whole among the stale, below zero */
    KEY_SHIFT = 20,
    KEY_STEPS = (1 << (31 - KEY_SHIFT)) + 1
};

struct list { /* growing: numbers or ranks go upward */
    struct wire_writer writer;
    uint32_t elements, next;
};

struct candidate { /* a row that something could be said of, if not all fits */
    uint32_t step; /* of its key: the smaller, the sooner */
    uint32_t row;
};

struct assembly {
    uint32_t rate;
    /* What is being made. */
    struct session *session;
    const struct publication *from;
    const struct publication_lane *lane;
    const struct shape_set *shapes;
    const struct lane_blobs *blobs_of;
    size_t words;
    uint32_t tick, instance, base; /* of `from` and `session` */
    bool next;                     /* the base is the tick before */
    bool leaves, enters;           /* there are such */
    bool owes;                     /* something is left for a later frame */
    bool plain;                    /* the lists are changes alone, of what was not owed */
    uint32_t copies;               /* encoded rows that the lists are made of */
    bool alike; /* the lists are those of the session before: same rows held, same to say of them */
    const struct shape_kind *kind; /* of the row that was written last: numbers go upward */
    struct list lists[LISTS];
    /* Bits over row numbers; side by side in `sets`, so that those of a usual room fill a few cache lines. */
    uint64_t *held, *leave, *enter, *allowed, *again, *sent, *owed, *waiting;
    uint64_t *need;                  /* held rows that something is to be said of */
    uint64_t *held_last, *need_last; /* of the session before, if its lists may serve again */
    uint64_t sets[SETS * LIMIT_ROWS / 64];
    struct candidate candidates[LIMIT_ROWS];
    uint32_t order[LIMIT_ROWS], key_first[KEY_STEPS + 1];
    uint8_t scratch[LISTS][LIMIT_FRAME];
};

struct assembly *assembly_create(uint32_t rate) {
    struct assembly *assembly = calloc(1, sizeof *assembly);
    if (assembly) assembly->rate = rate;
    return assembly;
}

void assembly_destroy(struct assembly *assembly) {
    free(assembly);
}

static uint32_t row_at(size_t word, uint64_t bits) {
    return (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bits);
}

/* ---- Sets: who leaves, what something is to be said of, who enters. */

/* Everything that this player may hold if it is near. Most rooms have nothing that is not everyone's. */
static const uint64_t *find_allowed(struct assembly *assembly) {
    const struct publication *from = assembly->from;
    if (from->reserved_count == 0) return from->everyone;
    memcpy(assembly->allowed, from->everyone, assembly->words * sizeof *assembly->allowed);
    for (uint32_t i = 0; i < from->reserved_count; i++)
        if (publication_may_hold(from, assembly->session->player, from->reserved_to[i]))
            held_add(assembly->allowed, from->reserved[i]);
    return assembly->allowed;
}

/* Held rows that became another thing since the base, ticks ago. */
static uint64_t reborn(const struct assembly *assembly, size_t word, uint64_t held) {
    uint64_t found = 0;
    for (; held; held &= held - 1)
        if (assembly->from->born[row_at(word, held)] > assembly->base) found |= held & -held;
    return found;
}

/* Held rows that were sent since the base, ticks ago. */
static uint64_t resent(const struct assembly *assembly, size_t word, uint64_t held) {
    uint64_t found = 0;
    for (; held; held &= held - 1)
        if (assembly->lane->rows[row_at(word, held)].sent > assembly->base) found |= held & -held;
    return found;
}

/* Held rows that are another thing now, and rows that were sent, both since the base: for who has the tick
 * before, the publication knows all of them; else each held row is asked. */
static void find_news(struct assembly *assembly, const uint64_t **again, const uint64_t **sent) {
    *again = assembly->from->newborn;
    *sent = assembly->lane->changed;
    if (assembly->next) return;
    for (size_t i = 0; i < assembly->words; i++) {
        assembly->again[i] = reborn(assembly, i, assembly->session->held[i]);
        assembly->sent[i] = resent(assembly, i, assembly->session->held[i]);
    }
    *again = assembly->again;
    *sent = assembly->sent;
}

/* This is where the time of most sessions goes, who have nothing but changes to be told of. Nothing overlaps,
 * so that the compiler can take several words at once. What is left over of `stay` is what the frame is
 * about. */
static void sift(size_t words, const uint64_t *restrict wanted, const uint64_t *restrict near,
                 const uint64_t *restrict before, const uint64_t *restrict again,
                 const uint64_t *restrict sent, uint64_t *restrict held, uint64_t *restrict need,
                 uint64_t *restrict leave, uint64_t *restrict enter) {
    for (size_t i = 0; i < words; i++) {
        uint64_t after = wanted[i] & near[i], stay = before[i] & after & ~again[i];
        held[i] = after;
        need[i] = stay & sent[i];
        leave[i] = before[i] & ~stay;
        enter[i] = after & ~stay;
    }
}

static bool any(const uint64_t *set, size_t words) {
    uint64_t found = 0;
    for (size_t i = 0; i < words; i++) found |= set[i];
    return found != 0;
}

static void swap(uint64_t **a, uint64_t **b) {
    uint64_t *before = *a;
    *a = *b;
    *b = before;
}

static void find_sets(struct assembly *assembly) {
    const struct session *session = assembly->session;
    const uint64_t *again, *sent, *allowed = find_allowed(assembly);
    find_news(assembly, &again, &sent);
    if (assembly->alike) {
        swap(&assembly->held, &assembly->held_last);
        swap(&assembly->need, &assembly->need_last);
    }
    sift(assembly->words, allowed, session_near(session), session->held, again, sent, assembly->held,
         assembly->need, assembly->leave, assembly->enter);
    assembly->leaves = any(assembly->leave, assembly->words);
    assembly->enters = any(assembly->enter, assembly->words);
    size_t bytes = assembly->words * sizeof *assembly->held;
    assembly->alike = assembly->alike && !assembly->leaves && !assembly->enters &&
                      memcmp(assembly->held, assembly->held_last, bytes) == 0 &&
                      memcmp(assembly->need, assembly->need_last, bytes) == 0;
}

/* What is owed from before is to be said, too. */
static void find_owed(struct assembly *assembly) {
    for (size_t i = 0; i < assembly->words; i++)
        assembly->need[i] |= session_owed(assembly->session)[i] & ~assembly->leave[i];
    assembly->alike = false;
}

/* ---- Lists. */

/* Whether the change says it all, or the whole must travel. */
static bool takes_change(const struct assembly *assembly, uint32_t number) {
    const struct lane_row *row = &assembly->lane->rows[number];
    return row->sent_before <= assembly->session->base && row->change_size > 0 &&
           assembly->from->tick - row->sent <= LIMIT_AGE &&
           !(assembly->session->owes && held_has(session_owed(assembly->session), number));
}

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
    bool change = takes_change(assembly, number), fresh = change && row->sent == assembly->from->tick;
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
                write_fresh(assembly, row_at(i, left), rank);
            else
                write_update(assembly, row_at(i, left), rank);
        }
        before += (uint32_t)__builtin_popcountll(held);
    }
}

static void write_lists(struct assembly *assembly) {
    assembly->copies = 0;
    for (int i = 0; i < LISTS; i++)
        assembly->lists[i] = (struct list){.writer = wire_writer_init(assembly->scratch[i], LIMIT_FRAME)};
    if (assembly->leaves) write_leavings(assembly);
    if (assembly->enters) write_enterings(assembly);
    write_updates(assembly);
}

/* ---- What fits. */

/* What may be spent on rows: leavings always fit, and so do those of rows that will have waited too long. */
static uint32_t bytes_at_most(const struct assembly *assembly, uint32_t bytes) {
    bool leave = assembly->leaves || assembly->session->owes;
    uint32_t leavings = leave ? held_count(assembly->session->held, assembly->words) + GAPS_LONG_BYTES : 0;
    return bytes < ASSEMBLY_ROW_BYTES - leavings ? bytes : ASSEMBLY_ROW_BYTES - leavings;
}

static bool everything_fits(const struct assembly *assembly, uint32_t bytes) {
    static const enum frame_list rows[] = {FRAME_ENTERINGS, FRAME_CHANGES, FRAME_STALE};
    size_t sum = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (assembly->lists[rows[i]].writer.full) return false;
        sum += assembly->lists[rows[i]].writer.size;
    }
    return sum <= bytes_at_most(assembly, bytes);
}

/* What an entry takes; few gaps take more than two bytes. */
static uint32_t bytes_of(const struct assembly *assembly, uint32_t number) {
    const struct lane_row *row = &assembly->lane->rows[number];
    if (held_has(assembly->enter, number)) return GAP_BYTES + AGE_BYTES + row->whole_size;
    if (!takes_change(assembly, number)) return GAP_BYTES + AGE_WHOLE_BYTES + row->whole_size;
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
            uint32_t row = row_at(i, left), step = step_of(key_of(assembly, row));
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

static void owe_nothing(struct assembly *assembly) {
    if (!assembly->session->owes) return; /* then nobody looks at them */
    memset(assembly->owed, 0, assembly->words * sizeof *assembly->owed);
    memset(assembly->waiting, 0, assembly->words * sizeof *assembly->waiting);
}

static void choose(struct assembly *assembly, struct assembly_room room) {
    uint32_t count = sort_candidates(assembly), left = bytes_at_most(assembly, room.bytes);
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

/* ---- All of it. */

/* The lists of the session before may serve again if they were made for the same step of the same lane, and
 * of what everybody is told. */
static bool may_be_alike(const struct assembly *assembly, const struct session *session,
                         const struct publication *from) {
    return assembly->plain && assembly->from == from && assembly->tick == from->tick &&
           assembly->instance == from->instance && assembly->lane == &from->lanes[session->lane] &&
           assembly->base == session->base;
}

static void lay_out(struct assembly *assembly) {
    uint64_t **sets[SETS] = {&assembly->held,      &assembly->need,      &assembly->leave,   &assembly->enter,
                             &assembly->held_last, &assembly->need_last, &assembly->allowed, &assembly->again,
                             &assembly->sent,      &assembly->owed,      &assembly->waiting};
    for (size_t i = 0; i < COUNT_OF(sets); i++) *sets[i] = assembly->sets + i * assembly->words;
}

static void start(struct assembly *assembly, struct session *session, const struct publication *from) {
    assembly->alike = may_be_alike(assembly, session, from);
    assembly->session = session;
    assembly->from = from;
    assembly->lane = &from->lanes[session->lane];
    assembly->shapes = from->shapes[session->lane];
    assembly->blobs_of = from->blobs_of[session->lane];
    if (assembly->words != from->words) {
        assembly->words = from->words;
        lay_out(assembly);
    }
    assembly->tick = from->tick;
    assembly->instance = from->instance;
    assembly->base = session->base;
    assembly->next = session->base + 1 == from->tick;
    assembly->owes = false;
}

bool assembly_make(struct assembly *assembly, struct session *session, const struct publication *from,
                   struct assembly_room room) {
    start(assembly, session, from);
    interest_update(session, from);
    find_sets(assembly);
    if (session->owes) find_owed(assembly);
    if (!assembly->alike) write_lists(assembly);
    assembly->plain = !assembly->leaves && !assembly->enters && !session->owes;
    if (everything_fits(assembly, room.bytes)) {
        owe_nothing(assembly);
        return true;
    }
    assembly->plain = assembly->alike = false;
    if (!session_keep_owed(session)) return false;
    choose(assembly, room);
    write_lists(assembly);
    return true;
}

uint32_t assembly_copies(const struct assembly *assembly) {
    return assembly->copies;
}

bool assembly_says_nothing(const struct assembly *assembly) {
    bool said = false;
    for (int i = 0; i < FRAME_EVENTS; i++) said = said || assembly->lists[i].elements;
    return assembly->plain && !said;
}

bool assembly_alike(const struct assembly *assembly) {
    return assembly->alike;
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

uint64_t assembly_mix(const struct assembly *assembly) {
    uint64_t mix = assembly->from->instance;
    for (size_t i = 0; i < assembly->words; i++)
        for (uint64_t left = assembly->held[i]; left; left &= left - 1) {
            uint32_t row = row_at(i, left);
            mix = mix_step(mix_step(mix, row), assembly->lane->rows[row].sent);
        }
    return mix;
}

void assembly_commit(const struct assembly *assembly, struct session *session) {
    size_t bytes = assembly->words * sizeof *session->held;
    if (!assembly->leaves && !assembly->enters && !assembly->owes && !session->owes) {
        undo_note_nothing(session);
        return;
    }
    bool owed = assembly->owes || session->owes;
    undo_note(session, assembly->held, owed ? assembly->owed : NULL, assembly->from->tick);
    memcpy(session->held, assembly->held, bytes);
    if (!owed) return;
    memcpy(session_owed(session), assembly->owed, bytes);
    memcpy(session_waiting(session), assembly->waiting, bytes);
    session->owes = assembly->owes;
}
