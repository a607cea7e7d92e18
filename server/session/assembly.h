/* The rows of one frame: who leaves, who enters, what changed, put together from encoded copies. Within a
 * byte budget: what does not fit is owed, nearest and longest waiting first. One a broadcaster, with all
 * scratch memory. */
#pragma once
#include "protocol/frame.h"
#include "server/world/publication.h"
#include "server/session/session.h"

enum {
    /* A row that is owed for one to two of these leaves, and enters again when it can: */
    ASSEMBLY_WAIT_MS = 1000,     /* by a budget, which may be tight for ever */
    ASSEMBLY_WAIT_LINK_MS = 100, /* by a slow link, whose client is to see nothing that is old */
    ASSEMBLY_ROW_BYTES =
        LIMIT_FRAME - 14 * 1024 /* for rows; the rest is for events, answers and the frame's head */
};

struct assembly;

/* `rate`: ticks a second. NULL without memory. */
struct assembly *assembly_create(uint32_t rate);
void assembly_destroy(struct assembly *assembly); /* NULL is fine */
struct assembly_room {
    uint32_t bytes;   /* for rows at most; leavings always fit */
    uint32_t wait_ms; /* one of the two above */
};
/* Makes the row lists that `session` (locked) shall get now, from a base to the publication's tick. Changes
 * nothing in the session but its interest; valid until the next call. False: no memory, and there are none.
 */
bool assembly_make(struct assembly *assembly, struct session *session, const struct publication *from,
                   struct assembly_room room);
/* How many encoded rows its lists are made of, copied anew or with all lists of the session before. */
uint32_t assembly_copies(const struct assembly *assembly);
/* Whether they are empty, and not for want of room. */
bool assembly_says_nothing(const struct assembly *assembly);
/* Whether they are those of the session before, byte for byte, and were not written anew. */
bool assembly_alike(const struct assembly *assembly);
/* The lists; those that rows are not in are empty. */
struct frame_slice assembly_list(const struct assembly *assembly, enum frame_list which);
/* The hash of what the session will hold; 0: not to be stated (something is owed, or no hashes were
 * published). */
uint64_t assembly_hash(const struct assembly *assembly);
/* A digest of which rows the session will hold and when each was last sent: what is between two equal ones a
 * client could predict. */
uint64_t assembly_mix(const struct assembly *assembly);
/* The frame was written: the session holds and is owed what assembly_make found. */
void assembly_commit(const struct assembly *assembly, struct session *session);
