/* Sessions: players' conversations, from HELLO to goodbye. A session outlives its connection; it knows
 * nothing of sockets (net hands it bytes) and nothing of rooms (it puts arrivals down, main tells it its
 * seat). Any I/O thread may reach any session; each has a small lock of its own. */
#pragma once
#include "game/game_api.h"
#include "protocol/codes.h"
#include "protocol/shape.h"
#include "server/config.h"
#include "server/lock.h"
#include "server/world/inbox.h"
#include "server/keep/store.h"
#include "server/session/session_flow.h"

enum session_state {
    SESSION_FREE,
    SESSION_LOOKING, /* waits for the store */
    SESSION_JOINING, /* waits for the next tick */
    SESSION_WAITING, /* in line for a seat */
    SESSION_SEATED,
    SESSION_ENDING, /* has no seat; waits for its connection to hear why */
};

enum {
    SESSION_GATE = 64,      /* frames that may ever be under way: two seconds of a link at 32 a second */
    SESSION_GATE_FEW = 1,   /* of them that there is room for at first; doubled when more are needed */
    SESSION_PINGS = 4,      /* PINGs waiting for the next frame; of more the oldest go unanswered */
    SESSION_USED = 0xffff,  /* inputs that one frame may say were used, if it is to be taken back */
    SESSION_UNDO = 1024,    /* rows entering, leaving or served late in frames that are under way */
    SESSION_UNDO_FEW = 32,  /* of them that there is room for at first */
    SESSION_REPLIES = 1024, /* bytes of REPLYs waiting for the next frame */
    SESSION_BYTES = 288     /* of struct session: three thousand take less than a megabyte */
};

/* How a session's bytes travel. */
enum session_over { OVER_NOTHING, OVER_WS, OVER_WSS, OVER_HTTP, OVER_STREAM, OVER_SSE, OVER_POLL, OVER_PULL };
/* In a word for the log ("wss"). Static. */
const char *session_over_text(enum session_over over);

/* What HELLO said that is needed until WELCOME was written, and no longer. */
struct session_entry {
    char game[LIMIT_LABEL], room[LIMIT_LABEL], address[48];
    char device[LIMIT_TOKEN]; /* empty: a guest */
    uint64_t account;         /* 0: a guest */
    uint64_t predictor;       /* digest of what the client can run */
    uint32_t place;           /* in line, 1: next */
    uint32_t place_told;      /* 0: not yet */
};

/* A frame that was not acknowledged yet. */
struct session_written {
    uint64_t at_us : 48; /* nine years */
    uint64_t used : 16;  /* by how much it said that `used` has grown */
    uint32_t tick;
    uint32_t bytes : 20; /* at most LIMIT_FRAME */
    uint32_t undo : 12;  /* how many of `undo` it takes to take it back */
};

/* What is to be answered with the next frame. */
struct session_answers {
    struct {
        uint64_t stamp, received_us;
    } pings[SESSION_PINGS];
    uint8_t *replies; /* encoded REPLYs, or NULL */
    uint16_t reply_bytes, reply_count;
    uint8_t ping_count;
};

/* One for each player, so its size counts: what not everybody needs is allocated when it is. What each frame
 * needs lies in the first 192 bytes. */
struct session {
    struct lock lock; /* guards all below */
    uint32_t id;      /* index and generation; 0: free */
    uint32_t epoch;   /* of the connection that is attached; 0: none */
    uint8_t state;    /* enum session_state */
    uint8_t lane;     /* asked for; once seated, served */
    uint8_t over;     /* of the attachment: enum session_over */
    bool pending;     /* the store or main still owes an answer to it */
    bool seat_held;   /* main has a seat for it that was not given back */
    bool hash_asked;  /* a frame with a hash is due */
    bool kept;        /* the client goes on with what it held: WELCOME says so */
    bool greeted;     /* WELCOME was written on this attachment */
    bool framed;      /* a frame was written on this attachment, or the client goes on with earlier ones */
    bool owes; /* something is owed; if not, session_owed and session_waiting are empty, or not there */
    uint16_t end_code;     /* of ENDING */
    uint16_t room, player; /* the seat, told by main */

    uint32_t instance;
    uint32_t first_tick;  /* earlier ones know nothing of its seat, or were told on a branch that was left */
    uint32_t base;        /* tick of the newest frame written */
    uint32_t stated_used; /* input sequence that the client was told of */
    uint32_t stated_own;  /* the row that it was told to steer, its number + 1 */
    uint16_t stated_repeated, stated_unused; /* of the player's counts, how far it was told, modulo 2¹⁶ */
    uint32_t event_seen;                     /* number of the last event that was looked at */
    uint32_t looked;                         /* tick of the last whole look at what is near; 0: never */
    uint32_t updated;     /* tick of the last update of it; 0: it is to be looked at anew */
    float near_x, near_y; /* where the player was at that look */
    uint32_t budget;      /* bytes a second; 0: no bound */
    uint64_t *held;       /* bits over row numbers, and the sets behind it: see session_near, session_widen */
    uint64_t wrote_us;    /* when the newest frame was written */
    uint16_t held_words;  /* of each set */
    uint8_t written_first, written_count, written_room; /* in a ring; written_room is a power of two, or 0 */
    bool undo_used : 1;                                 /* since the last sweep */
    bool resumed : 1;                                   /* it was taken up again: inputs may be said twice */
    bool hash_told : 1; /* a hash of what it holds, and nothing was new in its room until the newest frame */
    bool owed_kept : 1; /* there are sets of what is owed */
    bool leave_due : 1; /* its LEAVE found the inbox full */
    uint16_t undo_first;

    struct session_written *written; /* frames under way */
    struct flow flow;                /* how many may be */
    uint64_t paid_us;                /* until when the budget has paid for what was written */
    struct session_answers *answers; /* there while any wait */

    uint32_t *undo; /* what the frames under way did to the sets, oldest first, in a ring */
    uint16_t undo_count, undo_room;
    uint32_t undo_floor;   /* frames up to this tick can't be taken back any more */
    uint32_t acknowledged; /* tick of the newest frame applied */
    uint32_t event_first;  /* newest event when the client began anew: older ones are not for it */
    uint32_t event_told;   /* number of the last event that was written */
    uint32_t sequence;     /* of the newest input */
    uint32_t input_mix;    /* a digest of its values: who holds still says the same again and again */
    uint32_t epochs;       /* attachments so far, of all users of this place */
    const struct shape_set *shapes;
    const char *room_name; /* the room's own, and there while it is seated */
    union {
        uint64_t lost_us;   /* when the last connection went, of who has none */
        uint64_t active_us; /* when the player last did something else than before; 0: not looked at yet */
    };

    struct session_entry *entry; /* until it was greeted */
    struct link *link;           /* of a player who is here over HTTP: session_link.c; else NULL */
    char name[LIMIT_NAME];
    uint8_t secret[12]; /* of its token, behind the id */
    uint32_t place;     /* among those of its address; 0: not counted */
};
_Static_assert(sizeof(struct session) <= SESSION_BYTES, "an idle player is to cost next to nothing");

enum { SESSION_SETS = 2, SESSION_SETS_OWING = 4 };
/* The sets over row numbers lie behind one another. `near`: the placed rows that were near enough at the last
 * look, and all that have no place. `owed`: held rows whose newest sending was not given: they travel whole
 * next. `waiting`: those of them that were owed when the last period of waiting began. */
static inline uint64_t *session_near(const struct session *session) {
    return session->held + session->held_words;
}
static inline uint64_t *session_owed(const struct session *session) {
    return session->held + 2 * session->held_words;
}
static inline uint64_t *session_waiting(const struct session *session) {
    return session->held + 3 * session->held_words;
}
/* The frames under way, oldest first; with `i` = written_count the place of the next. */
static inline struct session_written *session_written(const struct session *session, uint32_t i) {
    return &session->written[(session->written_first + i) & (session->written_room - 1u)];
}
/* Makes the sets at least as wide as those of what was published; false without memory. */
bool session_widen(struct session *session, size_t words);
/* Makes sets of what is owed, empty ones if there were none; false without memory. */
bool session_keep_owed(struct session *session);
/* Makes room for one frame more; false if there are SESSION_GATE under way, or without memory. */
bool session_make_room(struct session *session);
/* Gives that room back if nothing is under way: of one who rests. */
void session_spare_room(struct session *session);

/* What one connection keeps of its conversation; lies inside the connection, zeroed at its start. */
struct attachment {
    uint32_t session, epoch; /* 0: no HELLO yet */
    uint32_t refilled_ms;    /* when `allowance` was, of the time its lower 32 bits; 0: not yet */
    uint32_t downlink;       /* which one of its link; 0: it is none */
    const void *sets;        /* where its session's sets were: never read, only fetched ahead */
    const void *written;     /* likewise, where its next frame will be noted */
    uint16_t allowance;      /* messages it may still send, refilled as time passes */
    uint16_t sets_bytes;     /* behind `sets` */
    uint16_t room;           /* of its session, when that was last looked at */
    bool by_post : 1;        /* its HELLO begins a link */
    bool counted : 1;        /* a new session counts by its address */
    bool quiet : 1;          /* frames that only show that the line stands are not for it */
    bool rests : 1;          /* rests.h */
    uint8_t over;            /* enum session_over */
};

struct sessions;

/* `config` is read during the call only. `store` may be NULL: nothing is kept, nobody is known. */
struct sessions *sessions_create(const struct config *config, struct inbox *inbox, struct store *store);
void sessions_destroy(struct sessions *sessions);

/* ---- For net, on any I/O thread. */

/* One whole message from a connection whose peer is `address`. CODE_NONE, or why the connection must be told
 * BYE and closed; the session is then ended or left as the code demands, and the attachment is detached. */
enum code session_receive(struct sessions *sessions, struct attachment *attachment, const uint8_t *bytes,
                          size_t size, uint64_t now_us, const char *address);
/* The connection is gone or about to be closed: the session may be taken up again for config.resume_s. */
void session_detach(struct sessions *sessions, struct attachment *attachment, uint64_t now_us);
/* As session_detach; and the session ends at once: its client left, or broke the rules. */
void session_break(struct sessions *sessions, struct attachment *attachment, enum code code, uint64_t now_us);

/* ---- For the broadcaster, on any I/O thread. */

/* The session that this attachment is attached to, locked; NULL (and nothing locked) if it is another's by
 * now or gone. Unlock with session_unlock. */
struct session *session_lock(struct sessions *sessions, const struct attachment *attachment);
void session_unlock(struct session *session);
/* The session (locked) ends; its seat, if it has one, is asked back with a LEAVE. */
void session_finish(struct sessions *sessions, struct session *session, enum code code,
                    enum game_reason reason);
/* This attachment's session is locked next: what a frame needs of it is asked from memory already. */
void session_expect(const struct sessions *sessions, const struct attachment *attachment);
/* How often somebody else than its connection changed what a session of this room must be told. Whoever holds
 * a session's lock reads no less than what was changed of it. */
uint32_t session_stirs(const struct sessions *sessions, uint32_t room);
/* The same of all rooms together, modulo 2³². */
uint32_t sessions_stirred(const struct sessions *sessions);
/* The token to come back with: the id in its first 8 digits, then 96 bits that nobody can guess. */
void session_token(const struct session *session, char token[LIMIT_TOKEN]);
/* Whether the session lost this attachment by its silence, and not to another one. */
bool session_was_silent(struct sessions *sessions, const struct attachment *attachment);

/* ---- For the store's thread. */

/* An answer to STORE_LOOK: puts the JOIN into the inbox. A store_listener. */
void sessions_looked(void *sessions, const struct store_answer *answer);

/* ---- For main, between ticks. Each takes the session's id; false: it is gone. */

struct session_seat {
    uint16_t room, player;
    uint32_t instance, tick; /* tick: the first that knows the player */
    uint8_t lane;
    const struct shape_set *shapes;
    const char *room_name; /* outlives the seat */
};
/* False also if it ended meanwhile: the seat is then to be given back at once. */
bool session_seat(struct sessions *sessions, uint32_t id, const struct session_seat *seat);
/* There is no seat for it yet: its place in line is `place`, 1 is next; 0: as it was. False: it waits no
 * longer, and is forgotten. */
bool session_line(struct sessions *sessions, uint32_t id, uint32_t place);
/* The session ends: its connection, if any, is told `code`. The seat must be given back by the caller. */
bool session_end(struct sessions *sessions, uint32_t id, enum code code);
/* Puts an encoded REPLY down for the next frame; false also if SESSION_REPLIES bytes wait already: then it is
 * lost, and counted. */
bool session_reply(struct sessions *sessions, uint32_t id, const uint8_t *bytes, size_t size);
/* Its seat was given back: forgets the session if nobody is attached any more. */
void session_unseat(struct sessions *sessions, uint32_t id);

struct session_about {
    char name[LIMIT_NAME];
    char address[48]; /* empty once it was greeted */
    const char *over; /* session_over_text */
    uint32_t rtt_us;  /* 0: unknown */
    enum code code;   /* why it ended, if it did */
};
/* What a log line or the store wants to know. */
bool session_about(struct sessions *sessions, uint32_t id, struct session_about *about);
/* Ends what was lost for longer than config.resume_s (as LEAVE arrivals). Call about once a second. */
void sessions_sweep(struct sessions *sessions, uint64_t now_us);
/* No new sessions from now on; every session ends with `code`. */
void sessions_end_all(struct sessions *sessions, enum code code);
