#include "protocol/replica.h"

/* ---- Walking a held set by rank. */

struct walk {
    const uint64_t *held;
    size_t words, word;
    uint64_t left; /* bits of the current word that were not passed */
};

static struct walk walk_start(const uint64_t *held, size_t words) {
    return (struct walk){.held = held, .words = words, .left = words ? held[0] : 0};
}

/* Passes over `gap` rows and gives the next; UINT32_MAX if there are not so many. */
static uint32_t walk_next(struct walk *walk, uint32_t gap) {
    for (;;) {
        uint32_t here = (uint32_t)__builtin_popcountll(walk->left);
        if (gap < here) break;
        gap -= here;
        if (walk->word + 1 >= walk->words) return UINT32_MAX;
        walk->left = walk->held[++walk->word];
    }
    for (; gap; gap--) walk->left &= walk->left - 1;
    uint32_t row = (uint32_t)(walk->word * 64) + (uint32_t)__builtin_ctzll(walk->left);
    walk->left &= walk->left - 1;
    return row;
}

/* ---- Memory. */

size_t replica_cells(const struct shape_set *shapes) {
    size_t cells = 0;
    for (int i = 0; i < shapes->kind_count; i++)
        cells += (size_t)shapes->kinds[i].slots * row_stride(&shapes->kinds[i]);
    return cells;
}

size_t replica_bytes(const struct shape_set *shapes) {
    size_t words = shapes->row_count + replica_cells(shapes);
    return 4 * held_words(shapes->row_count) * sizeof(uint64_t) + (words + words % 2) * sizeof(int32_t);
}

void replica_init(struct replica *replica, const struct shape_set *shapes, uint32_t tick, uint32_t used,
                  void *memory) {
    size_t words = held_words(shapes->row_count);
    uint32_t cell = 0;
    memset(memory, 0, replica_bytes(shapes));
    *replica =
        (struct replica){.shapes = shapes, .tick = tick, .used = used, .used_tick = tick, .held = memory};
    replica->entered = replica->held + words;
    replica->left = replica->entered + words;
    replica->changed = replica->left + words;
    replica->stands = (uint32_t *)(void *)(replica->changed + words);
    replica->cells = (int32_t *)(void *)(replica->stands + shapes->row_count);
    for (int i = 0; i < shapes->kind_count; i++) {
        replica->first_cell[i] = cell;
        cell += shapes->kinds[i].slots * row_stride(&shapes->kinds[i]);
    }
}

static int32_t *cells_of(const struct replica *replica, const struct shape_kind *kind, uint32_t row) {
    size_t index = (size_t)(kind - replica->shapes->kinds);
    return replica->cells + replica->first_cell[index] + (size_t)(row - kind->first) * row_stride(kind);
}

/* ---- Catching up. */

/* Moves a row on to `tick`; gives its cells. (One that stands beyond it stays: a frame that was refused half
 * way leaves such.) */
static int32_t *bring(const struct replica *replica, const struct shape_kind *kind, uint32_t row,
                      uint32_t tick) {
    int32_t *cells = cells_of(replica, kind, row);
    if ((int32_t)(tick - replica->stands[row]) <= 0) return cells;
    row_advance(kind, row, cells, replica->stands[row], tick);
    replica->stands[row] = tick;
    return cells;
}

const int32_t *replica_row(const struct replica *replica, uint32_t row) {
    if (row >= replica->shapes->row_count || !held_has(replica->held, row)) return NULL;
    return bring(replica, shape_kind_of(replica->shapes, row), row, replica->tick);
}

void replica_forward(const struct replica *replica, const struct shape_kind *kind) {
    if (kind->predictor == PREDICT_NONE) return;
    uint32_t end = kind->first + kind->slots;
    for (uint32_t row = kind->first; (row = held_next(replica->held, row, end)) < end; row++)
        bring(replica, kind, row, replica->tick);
}

/* Rows whose anchor lies after `base`: none waits longer. */
static void bring_anchored(const struct replica *replica, uint32_t base) {
    uint32_t ticks = replica->tick - base;
    if (ticks > ROW_ANCHOR_TICKS) ticks = ROW_ANCHOR_TICKS;
    for (uint32_t tick = replica->tick - ticks + 1; tick != replica->tick + 1; tick++)
        for (uint32_t row = -tick % ROW_ANCHOR_TICKS; row < replica->shapes->row_count;
             row += ROW_ANCHOR_TICKS)
            replica_row(replica, row);
}

/* ---- One frame. */

struct work {
    struct replica *replica;
    uint32_t base, tick;
    size_t words;
};

static bool leave(const struct work *work, const struct frame_slice *list) {
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    uint64_t *held = work->replica->held, *left = work->replica->left;
    struct walk walk = walk_start(held, work->words);
    for (uint32_t i = 0; i < list->elements; i++) {
        uint32_t row = walk_next(&walk, (uint32_t)wire_read_uint(&reader, LIMIT_ROWS));
        if (reader.failed || row == UINT32_MAX) return false;
        held_add(left, row);
    }
    for (size_t i = 0; i < work->words && list->elements; i++) held[i] &= ~left[i];
    return wire_read_all(&reader);
}

/* Reads a whole row as of tick − age. */
static bool take_whole(const struct work *work, struct wire_reader *reader, uint32_t row, uint32_t age) {
    const struct shape_kind *kind = shape_kind_of(work->replica->shapes, row);
    int32_t *cells = cells_of(work->replica, kind, row);
    bool in_range = true;
    message_take_values(reader, &kind->row, cells, &in_range);
    row_anchor(kind, cells);
    work->replica->stands[row] = work->tick - age;
    return !reader->failed && in_range;
}

static bool enter(const struct work *work, const struct frame_slice *list) {
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    uint64_t *held = work->replica->held, *entered = work->replica->entered;
    for (uint32_t next = 0; reader.at < reader.end;) {
        uint32_t row = next + (uint32_t)wire_read_uint(&reader, LIMIT_ROWS);
        uint32_t age = (uint32_t)wire_read_uint(&reader, LIMIT_AGE);
        if (reader.failed || row >= work->replica->shapes->row_count || held_has(held, row)) return false;
        if (!take_whole(work, &reader, row, age)) return false;
        held_add(entered, row);
        next = row + 1;
    }
    for (size_t i = 0; i < work->words && list->elements; i++) held[i] |= entered[i];
    return true;
}

/* Carries out a change that was sent `age` ticks ago. */
static bool take_change(const struct work *work, struct wire_reader *reader, uint32_t row, uint32_t age,
                        uint32_t mask) {
    const struct shape_kind *kind = shape_kind_of(work->replica->shapes, row);
    struct delta_change change;
    delta_read(reader, &kind->row, mask, &change);
    if (reader->failed) return false;
    work->replica->corrections += (mask & kind->predicted) != 0;
    int32_t *cells = bring(work->replica, kind, row, work->tick - age - 1);
    work->replica->stands[row] = work->tick - age;
    return delta_apply(kind, &change, cells);
}

/* The mask of a change, given or usual. 0: malformed. */
static uint32_t read_mask(const struct work *work, struct wire_reader *reader, uint32_t row, bool usual) {
    if (usual) return delta_usual(shape_kind_of(work->replica->shapes, row));
    return (uint32_t)wire_read_uint(reader, (1u << LIMIT_FIELDS) - 1);
}

/* News of a tick `age` ticks ago; what is older than the base was news after it all the same. */
static void note_age(const struct work *work, uint32_t age) {
    uint32_t most = work->tick - work->base - 1;
    if (age > most) age = most;
    if (age > work->replica->late && work->tick != work->base) work->replica->late = age;
}

static bool take_entry(const struct work *work, struct wire_reader *reader, uint32_t row,
                       const struct delta_stale *how) {
    note_age(work, how->age);
    if (how->whole) return take_whole(work, reader, row, how->age);
    uint32_t mask = read_mask(work, reader, row, how->usual);
    if (reader->failed || mask == 0 || how->age >= work->tick - work->base) return false;
    return take_change(work, reader, row, how->age, mask);
}

/* A change of this very tick. */
static struct delta_stale read_fresh(struct wire_reader *reader) {
    struct delta_stale fresh = {0};
    fresh.gap = delta_read_gap(reader, &fresh.usual);
    return fresh;
}

static bool change(const struct work *work, const struct frame_slice *list, bool stale) {
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica *replica = work->replica;
    struct walk walk = walk_start(replica->held, work->words);
    while (reader.at < reader.end) {
        struct delta_stale how = stale ? delta_read_stale(&reader) : read_fresh(&reader);
        uint32_t row = walk_next(&walk, how.gap);
        if (reader.failed || row == UINT32_MAX || held_has(replica->entered, row) ||
            held_has(replica->changed, row))
            return false;
        if (!take_entry(work, &reader, row, &how)) return false;
        held_add(replica->changed, row);
    }
    return true;
}

static bool count_events(struct replica *replica, const struct frame_slice *list, uint32_t tick) {
    struct wire_reader reader = wire_reader_init(list->bytes, list->size);
    struct replica_event event = {.number = replica->event_number};
    while (replica_event_next(replica->shapes, &reader, tick, &event))
        if (tick - event.tick > replica->late) replica->late = tick - event.tick;
    replica->event_number = event.number;
    return wire_read_all(&reader);
}

bool replica_apply(struct replica *replica, const struct frame *frame) {
    struct work work = {replica, replica->tick, replica->tick + frame->advance,
                        held_words(replica->shapes->row_count)};
    replica->late = 0;
    if (!count_events(replica, &frame->lists[FRAME_EVENTS], work.tick)) return false;
    memset(replica->entered, 0, 3 * work.words * sizeof *replica->entered); /* left and changed, too */
    if (!leave(&work, &frame->lists[FRAME_LEAVINGS]) || !enter(&work, &frame->lists[FRAME_ENTERINGS]))
        return false;
    if (!change(&work, &frame->lists[FRAME_CHANGES], false) ||
        !change(&work, &frame->lists[FRAME_STALE], true))
        return false;
    replica->tick = work.tick;
    bring_anchored(replica, work.base);
    if (frame->used) {
        replica->used += frame->used;
        replica->used_tick = work.tick - frame->late;
    }
    if (frame->hash) {
        replica->hash = replica_hash(replica);
        replica->hash_differs = replica->hash != frame->hash;
    }
    return true;
}

uint64_t replica_hash(const struct replica *replica) {
    uint64_t sum = 0;
    uint32_t end = replica->shapes->row_count;
    for (uint32_t row = 0; (row = held_next(replica->held, row, end)) < end; row++) {
        const struct shape_kind *kind = shape_kind_of(replica->shapes, row);
        sum += row_hash(&kind->row, row, bring(replica, kind, row, replica->tick));
    }
    return sum ? sum : 1;
}

bool replica_event_next(const struct shape_set *shapes, struct wire_reader *events, uint32_t frame_tick,
                        struct replica_event *event) {
    bool in_range = true;
    if (events->failed || events->at == events->end) return false;
    uint32_t advance = wire_read_u32(events);
    event->record = (uint32_t)wire_read_uint(events, LIMIT_RECORDS - 1);
    event->tick = frame_tick - wire_read_u32(events);
    bool known = event->record < shapes->record_count && schema_is_event(shapes->records[event->record].use);
    if (!known || advance == 0) events->failed = true;
    if (events->failed) return false;
    message_take_values(events, &shapes->records[event->record], event->cells, &in_range);
    if (!in_range) events->failed = true;
    if (!events->failed) event->number += advance;
    return !events->failed;
}
