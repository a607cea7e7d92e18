/* What one client gets in one write: WELCOME, then frames from the newest publication, then BYE. Runs on the
 * I/O threads; one broadcaster each, which pins one publication at a time and owns the scratch memory. */
#pragma once
#include "protocol/codes.h"
#include "server/world/publication.h"
#include "server/session/rests.h"
#include "server/session/session.h"

struct broadcaster;

/* `thread`: 0 … io_threads − 1, which names the pin on the board. */
struct broadcaster *broadcaster_create(struct board *board, struct sessions *sessions,
                                       const struct config *config, uint32_t thread);
void broadcaster_destroy(struct broadcaster *broadcaster);
/* Who of its attachments rests; whoever is asked for does no more. */
struct rests *broadcaster_rests(const struct broadcaster *broadcaster);

/* A round over the connections is done: lets go of the publication that was pinned last, hands counts in. */
void broadcaster_end(struct broadcaster *broadcaster);

struct broadcast {
    const uint8_t
        *bytes; /* one whole message to write now; valid until the next call. size 0: nothing is due */
    size_t size;
    enum code end; /* not CODE_NONE: after this message close the connection with this code */
    bool followed; /* a newer downlink took this one's place: it ends without a word */
    bool placed;   /* the message says where the client stands once it has it: */
    uint32_t tick, event;
    uint64_t rests_until_us; /* not 0: this one rests, and need not be asked for before */
};
/* What this connection is owed now. The message counts as written: if it can't be, close the connection. Call
 * it only when the connection can take a whole message at once, and broadcaster_end afterwards. */
struct broadcast broadcaster_next(struct broadcaster *broadcaster, struct attachment *attachment,
                                  uint64_t now_us);
/* A hint that broadcaster_next will be asked for this one soon, best one call ahead: fetches what it needs.
 */
void broadcaster_expect(const struct broadcaster *broadcaster, const struct attachment *attachment);
/* Everything that this link's client may see now, as one frame counted from its WELCOME; and a digest of the
 * rows in it. Size 0: there is nothing to be seen yet. */
struct broadcast broadcaster_state(struct broadcaster *broadcaster, struct attachment *attachment,
                                   uint64_t now_us, uint64_t *mix);
/* Encodes a BYE for a conversation that ended with `code` before or outside of a session. Returns its size.
 */
size_t broadcaster_bye(enum code code, uint8_t *into, size_t size);
