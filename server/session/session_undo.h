/* Taking frames back: what each unacknowledged frame did to its session's sets, so that a client which never
 * got it can go on from the tick that it has. A ring of row numbers, not copies of sets. */
#pragma once
#include "server/session/session.h"

/* The frame that is about to be the newest in session->written did this: sets before and after (`owed_after`:
 * NULL if nothing was owed and nothing is). Called before the session's own sets change. */
void undo_note(struct session *session, const uint64_t *held_after, const uint64_t *owed_after,
               uint32_t tick);
/* It left them as they were. */
static inline void undo_note_nothing(struct session *session) {
    session_written(session, session->written_count)->undo = 0;
}
/* The oldest frame in session->written was acknowledged. */
void undo_forget_oldest(struct session *session);
/* Rolls the sets back to where they were after the frame of `tick`, which becomes the base, and forgets all
 * that are under way. False, and nothing changed, if that is not possible: the client begins anew. */
bool undo_to(struct session *session, uint32_t tick);
