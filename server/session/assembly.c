#include "server/session/assembly_inside.h"
#include "server/session/interest.h"
#include "server/session/session_undo.h"
#include <stdlib.h>

struct assembly *assembly_create(uint32_t rate) {
    struct assembly *assembly = calloc(1, sizeof *assembly);
    if (assembly) assembly->rate = rate;
    return assembly;
}

void assembly_destroy(struct assembly *assembly) {
    free(assembly);
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
        if (assembly->from->born[assembly_row_at(word, held)] > assembly->base) found |= held & -held;
    return found;
}

/* Held rows that were sent since the base, ticks ago. */
static uint64_t resent(const struct assembly *assembly, size_t word, uint64_t held) {
    uint64_t found = 0;
    for (; held; held &= held - 1)
        if (assembly->lane->rows[assembly_row_at(word, held)].sent > assembly->base) found |= held & -held;
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

/* ---- All of it. */

static bool everything_fits(const struct assembly *assembly, uint32_t bytes) {
    static const enum frame_list rows[] = {FRAME_ENTERINGS, FRAME_CHANGES, FRAME_STALE};
    size_t sum = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (assembly->lists[rows[i]].writer.full) return false;
        sum += assembly->lists[rows[i]].writer.size;
    }
    return sum <= assembly_bytes_most(assembly, bytes, assembly->leaves);
}

static void owe_nothing(struct assembly *assembly) {
    if (!assembly->session->owes) return; /* then nobody looks at them */
    memset(assembly->owed, 0, assembly->words * sizeof *assembly->owed);
    memset(assembly->waiting, 0, assembly->words * sizeof *assembly->waiting);
}

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
    if (!assembly->alike) assembly_write_lists(assembly);
    assembly->plain = !assembly->leaves && !assembly->enters && !session->owes;
    if (everything_fits(assembly, room.bytes)) {
        owe_nothing(assembly);
        return true;
    }
    assembly->plain = assembly->alike = false;
    if (!session_keep_owed(session)) return false;
    assembly_choose(assembly, room);
    assembly_write_lists(assembly);
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
            sum += assembly->lane->hashes[assembly_row_at(i, left)];
    return sum ? sum : 1;
}

uint64_t assembly_mix(const struct assembly *assembly) {
    uint64_t mix = assembly->from->instance;
    for (size_t i = 0; i < assembly->words; i++)
        for (uint64_t left = assembly->held[i]; left; left &= left - 1) {
            uint32_t row = assembly_row_at(i, left);
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
