#include "server/session/session_undo.h"
#include "protocol/delta.h"

enum { ROW_MASK = 0xffff, HELD = 1 << 16 /* the row's place in `held` turned; else: it was owed */ };

/* Makes room by giving up the oldest frames' entries. False: so many never fit. */
static bool make_room(struct session *session, uint32_t count) {
    for (uint16_t i = 0; i < session->written_count && session->undo_count + count > SESSION_UNDO; i++) {
        uint32_t at = (session->written_first + i) % SESSION_GATE;
        session->undo_first = (session->undo_first + session->written[at].undo) % SESSION_UNDO;
        session->undo_count -= session->written[at].undo;
        session->written[at].undo = 0;
        session->undo_floor = session->written[at].tick;
    }
    return session->undo_count + count <= SESSION_UNDO;
}

static void put(struct session *session, uint64_t rows, size_t word, uint32_t what) {
    for (; rows; rows &= rows - 1) {
        uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(rows);
        session->undo[(session->undo_first + session->undo_count++) % SESSION_UNDO] = row | what;
    }
}

/* Rows that are not owed any more: they were given, or left. */
static uint64_t settled(const struct session *session, const uint64_t *owed_after, size_t i) {
    return session->owed[i] & ~owed_after[i];
}

void undo_note(struct session *session, const uint64_t *held_after, const uint64_t *owed_after,
               uint32_t tick) {
    uint32_t count = 0, last = (session->written_first + session->written_count) % SESSION_GATE;
    for (size_t i = 0; i < session->held_words; i++)
        count += (uint32_t)__builtin_popcountll(session->held[i] ^ held_after[i]) +
                 (uint32_t)__builtin_popcountll(settled(session, owed_after, i));
    session->written[last].undo = 0;
    if (!make_room(session, count)) {
        session->undo_floor = tick;
        return;
    }
    session->written[last].undo = count;
    for (size_t i = 0; count && i < session->held_words; i++) {
        put(session, settled(session, owed_after, i), i, 0);
        put(session, session->held[i] ^ held_after[i], i, HELD);
    }
}

void undo_forget_oldest(struct session *session) {
    uint32_t count = session->written[session->written_first].undo;
    session->undo_first = (session->undo_first + count) % SESSION_UNDO;
    session->undo_count -= count;
}

static void take_back(struct session *session, uint32_t entry) {
    uint32_t row = entry & ROW_MASK;
    if (!(entry & HELD)) {
        held_add(session->owed, row);
        session->owes = true;
    } else if (held_has(session->held, row)) {
        held_remove(session->held, row);
        held_remove(session->owed, row);
    } else {
        held_add(session->held, row);
    }
}

/* Whether a frame of this tick was the last acknowledged one, or is under way. */
static bool known(const struct session *session, uint32_t tick) {
    if (tick == session->acknowledged) return true;
    for (uint16_t i = 0; i < session->written_count; i++)
        if (session->written[(session->written_first + i) % SESSION_GATE].tick == tick) return true;
    return false;
}

bool undo_to(struct session *session, uint32_t tick) {
    if (!session->framed || tick < session->undo_floor || tick < session->acknowledged ||
        !known(session, tick))
        return false;
    for (; session->written_count; session->written_count--) {
        uint32_t last = (uint32_t)(session->written_first + session->written_count - 1) % SESSION_GATE;
        if (session->written[last].tick <= tick) break;
        for (uint32_t left = session->written[last].undo; left; left--)
            take_back(session, session->undo[(session->undo_first + --session->undo_count) % SESSION_UNDO]);
    }
    session->undo_first = session->undo_count = 0;
    session->written_first = session->written_count = 0;
    session->base = session->acknowledged = session->undo_floor = tick;
    return true;
}
