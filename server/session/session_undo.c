#include "server/session/session_undo.h"
#include "protocol/delta.h"
#include <stdlib.h>

enum { ROW_MASK = 0xffff, HELD = 1 << 16 /* the row's place in `held` turned; else: it was owed */ };

/* Takes a larger ring; false: no memory. */
static bool grow(struct session *session, uint32_t count) {
    uint32_t room = session->undo_room ? session->undo_room : SESSION_UNDO_FEW;
    while (room < count) room *= 2;
    uint32_t *undo = malloc(room * sizeof *undo);
    if (!undo) return false;
    for (uint32_t i = 0; i < session->undo_count; i++)
        undo[i] = session->undo[(session->undo_first + i) % session->undo_room];
    free(session->undo);
    session->undo = undo;
    session->undo_room = (uint16_t)room;
    session->undo_first = 0;
    return true;
}

static void drop_oldest(struct session *session, uint32_t count) {
    if (count == 0) return;
    session->undo_first = (uint16_t)((session->undo_first + count) % session->undo_room);
    session->undo_count = (uint16_t)(session->undo_count - count);
}

/* Makes room, if need be by giving up the oldest frames' entries. False: so many never fit. */
static bool make_room(struct session *session, uint32_t count) {
    for (uint32_t i = 0; i < session->written_count && session->undo_count + count > SESSION_UNDO; i++) {
        struct session_written *written = session_written(session, i);
        drop_oldest(session, written->undo);
        written->undo = 0;
        session->undo_floor = written->tick;
    }
    uint32_t needed = session->undo_count + count;
    return needed <= SESSION_UNDO && (needed <= session->undo_room || grow(session, needed));
}

static void put(struct session *session, uint64_t rows, size_t word, uint32_t what) {
    for (; rows; rows &= rows - 1) {
        uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rows);
        session->undo[(session->undo_first + session->undo_count++) % session->undo_room] = row | what;
    }
}

/* Rows that are not owed any more: they were given, or left. */
static uint64_t settled(const struct session *session, const uint64_t *owed_after, size_t i) {
    return owed_after ? session_owed(session)[i] & ~owed_after[i] : 0;
}

static uint32_t count_turned(const struct session *session, const uint64_t *held_after,
                             const uint64_t *owed_after) {
    uint32_t count = 0;
    for (size_t i = 0; i < session->held_words; i++)
        count += (uint32_t)__builtin_popcountll(session->held[i] ^ held_after[i]);
    for (size_t i = 0; owed_after && i < session->held_words; i++)
        count += (uint32_t)__builtin_popcountll(settled(session, owed_after, i));
    return count;
}

void undo_note(struct session *session, const uint64_t *held_after, const uint64_t *owed_after,
               uint32_t tick) {
    struct session_written *written = session_written(session, session->written_count);
    uint32_t count = count_turned(session, held_after, owed_after);
    written->undo = 0;
    /* Who never got its first frame holds nothing, and begins anew for the same price. */
    if (!session->framed || !make_room(session, count)) {
        session->undo_floor = tick;
        return;
    }
    written->undo = count & 0xfff;
    session->undo_used = true;
    for (size_t i = 0; count && i < session->held_words; i++) {
        uint64_t paid = settled(session, owed_after, i), turned = session->held[i] ^ held_after[i];
        if (paid) put(session, paid, i, 0);
        if (turned) put(session, turned, i, HELD);
    }
}

void undo_forget_oldest(struct session *session) {
    drop_oldest(session, session_written(session, 0)->undo);
}

static void take_back(struct session *session, uint32_t entry) {
    uint32_t row = entry & ROW_MASK;
    if (!(entry & HELD)) {
        held_add(session_owed(session), row);
        session->owes = true;
    } else if (held_has(session->held, row)) {
        held_remove(session->held, row);
        if (session->owes) held_remove(session_owed(session), row);
    } else {
        held_add(session->held, row);
    }
}

static uint32_t take_newest(struct session *session) {
    return session->undo[(session->undo_first + --session->undo_count) % session->undo_room];
}

/* Whether a frame of this tick was the last acknowledged one, or is under way. */
static bool known(const struct session *session, uint32_t tick) {
    if (tick == session->acknowledged) return true;
    for (uint32_t i = 0; i < session->written_count; i++)
        if (session_written(session, i)->tick == tick) return true;
    return false;
}

bool undo_to(struct session *session, uint32_t tick) {
    if (!session->framed || tick < session->undo_floor || tick < session->acknowledged ||
        !known(session, tick))
        return false;
    if (session->base > tick) session->first_tick = session->base + 1; /* of two branches one has this tick */
    for (; session->written_count; session->written_count--) {
        const struct session_written *newest = session_written(session, session->written_count - 1u);
        if (newest->tick <= tick) break;
        for (uint32_t left = newest->undo; left; left--) take_back(session, take_newest(session));
        session->stated_used -= (uint32_t)newest->used;
    }
    session->undo_first = session->undo_count = 0;
    session->written_first = session->written_count = 0;
    session->base = session->acknowledged = session->undo_floor = tick;
    return true;
}
