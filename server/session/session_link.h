/* The HTTP side of a session, for players without WebSocket (docs/protocol.md, "Without WebSocket"): a link
 * lasts from one HELLO to its BYE, its silence or the next HELLO. The client speaks by numbered posts, the
 * server on one downlink at a time. Requests land on any I/O thread: so what belongs to a link lies here,
 * under its session's lock. */
#pragma once
#include "server/session/session.h"

enum {
    LINK_POST_BYTES = 4096, /* of one post: a hundred inputs, or four messages of the longest kind */
    LINK_POSTS_EARLY = 4,   /* posts that may wait for one before them; browsers send six requests at once */
    LINK_MET_S = 10,        /* to the first request after HELLO: who asks for a seat must want it */
    LINK_ENDED_S = 10,      /* how long the reason of an end waits for its client's next request */
    LINK_TOLD_S = 1         /* how long it is told to requests that were under way when it was told first */
};

struct link_name { /* /play/TOKEN-EPOCH: what only its client knows */
    char token[LIMIT_TOKEN];
    uint32_t epoch; /* of the attachment: another HELLO gets another */
};

enum link_standing {
    LINK_STANDS,  /* with a code: the request has just ended it */
    LINK_UNKNOWN, /* there is no such link, or not any more */
    LINK_TAKEN,   /* its session goes on over another connection or link: told CODE_REPLACED */
    LINK_ENDED,   /* for the reason told */
    LINK_AHEAD    /* as many posts wait already as may: this one is to be sent again */
};

struct link_post {
    uint32_t number; /* 1, 2, 3 … */
    const uint8_t *bytes;
    size_t size; /* LINK_POST_BYTES at most */
};
/* Takes a post: applied in the order of numbers, each once. One that breaks a rule ends the session. */
enum link_standing link_take_post(struct sessions *sessions, const struct link_name *name,
                                  const struct link_post *post, uint64_t now_us, enum code *code);

struct link_holds { /* what the client says that it has */
    bool said;
    uint32_t tick, event;
};
/* Opens a downlink, which ends the one before: fills the attachment, of which `over` (in a word for the log)
 * and `quiet` are set. A client that does not hold what was last written is taken back to what it holds, or
 * begins anew. `holds` NULL: it pulls, and what it holds does not matter. */
enum link_standing link_open(struct sessions *sessions, const struct link_name *name,
                             const struct link_holds *holds, uint64_t now_us, struct attachment *attachment,
                             enum code *code);
/* The client is being told that this downlink's link ended. */
void link_tell(struct sessions *sessions, const struct attachment *attachment, uint64_t now_us);
/* The HELLO of this attachment is answered: by what name its link goes from now on. False: its session is
 * another's by now. */
bool link_name(struct sessions *sessions, const struct attachment *attachment, uint64_t now_us,
               struct link_name *name);
/* Whether the session (locked) speaks on this attachment, and not on a newer downlink. */
bool link_speaks(const struct session *session, const struct attachment *attachment);

struct link_origin {     /* where the link's client began */
    uint32_t tick, used; /* WELCOME's */
};
/* A WELCOME was written on the session (locked); fine without a link. */
void link_welcome(struct session *session, const struct link_origin *origin);
/* The whole state is about to be written on the session (locked): whoever wants frames now is greeted first.
 * False: no WELCOME was written yet, or too long ago to count from it. */
bool link_pull(struct session *session, uint32_t tick, struct link_origin *origin);
