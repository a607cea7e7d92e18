/* What a session allocates beside itself: of what everybody has some and few have much. */
#include "server/session/session_inside.h"
#include <stdlib.h>

enum { SETS_FEW = 16 /* words of a session's sets; up to so many double, beyond there are so many more */ };

void session_free_parts(struct session *session) {
    link_end(session);
    free(session->held);
    free(session->written);
    free(session->undo);
    if (session->answers) free(session->answers->replies);
    free(session->answers);
    free(session->entry);
}

/* ---- Frames under way. */

bool session_make_room(struct session *session) {
    if (session->written_count < session->written_room) return true;
    if (session->written_room == SESSION_GATE) return false;
    uint8_t room = (uint8_t)(session->written_room ? 2 * session->written_room : SESSION_GATE_FEW);
    struct session_written *written = calloc(room, sizeof *written);
    if (!written) return false;
    for (uint32_t i = 0; i < session->written_count; i++) written[i] = *session_written(session, i);
    free(session->written);
    session->written = written;
    session->written_room = room;
    session->written_first = 0;
    return true;
}

void session_spare_room(struct session *session) {
    if (session->written_count) return;
    free(session->written);
    session->written = NULL;
    session->written_room = session->written_first = 0;
}

/* ---- Sets. */

/* Room for so many words: rooms fill row by row, and their sessions' sets are not to move each time. */
static size_t sets_room(size_t words) {
    size_t room = SESSION_SETS;
    while (room < words && room < SETS_FEW) room *= 2;
    return words <= room ? room : (words + SETS_FEW - 1) / SETS_FEW * SETS_FEW;
}

/* Lays the first `count` sets out anew, each in `words`; those that were not there are empty. */
static bool lay_sets(struct session *session, size_t words, size_t count) {
    size_t before = session->held_words, had = session->owed_kept ? SESSION_SETS_OWING : SESSION_SETS;
    uint64_t *sets = realloc(session->held, sets_room(words * count) * sizeof *sets);
    if (!sets) return false;
    for (size_t i = count; i-- > 0;) { /* from the last on, since each moves towards the end */
        size_t kept = i < had ? before : 0;
        memmove(sets + i * words, sets + i * before, kept * sizeof *sets);
        memset(sets + i * words + kept, 0, (words - kept) * sizeof *sets);
    }
    session->held = sets;
    session->held_words = (uint16_t)words;
    session->owed_kept = count == SESSION_SETS_OWING;
    return true;
}

bool session_widen(struct session *session, size_t words) {
    if (session->held_words >= words) return true;
    session->updated = 0;
    return lay_sets(session, words, session->owed_kept ? SESSION_SETS_OWING : SESSION_SETS);
}

bool session_keep_owed(struct session *session) {
    return session->owed_kept || lay_sets(session, session->held_words, SESSION_SETS_OWING);
}

/* ---- What is not needed any more. */

/* What takes frames back is not kept for who was long given nothing to take back. */
static void give_back_undo(struct session *session) {
    if (!session->undo_used && session->undo_count == 0) {
        free(session->undo);
        session->undo = NULL;
        session->undo_room = session->undo_first = 0;
    }
    session->undo_used = false;
}

void session_give_back(struct session *session) {
    give_back_undo(session);
    if (session->owed_kept && !session->owes && session->undo_count == 0)
        lay_sets(session, session->held_words, SESSION_SETS);
}
