/* What session.c (the table, and how sessions end) and session_receive.c (what clients say) share; for nobody
 * else. */
#pragma once
#include "game/game_api.h"
#include "server/session/session.h"
#include <stdatomic.h>

struct sessions {
    void *memory; /* that all of them lie in */
    struct session *all;
    _Atomic uint32_t made; /* of them were ever used */
    uint32_t count, resume_s, idle_s, allowance_rate, budget, tick_us;
    struct inbox *inbox;
    struct store *store;
    pthread_mutex_t free_lock;
    uint32_t *free; /* indices below `made`, a stack */
    uint32_t free_count;
    _Atomic uint32_t used;
    _Atomic bool closed; /* no new sessions */
};

/* A free session, locked, with nothing but a new id; NULL: full, or closed. */
struct session *session_take_free(struct sessions *sessions);
/* The session of this id, locked; NULL if it is gone. */
struct session *session_find(struct sessions *sessions, uint32_t id);
/* The session (locked) ends; its seat, if it has one, is asked back with a LEAVE. */
void session_finish(struct sessions *sessions, struct session *session, enum code code,
                    enum game_reason reason);
/* Where its answers wait; NULL: no memory. */
struct session_answers *session_answers(struct session *session);
/* Gives the session (locked) back if it ended and nobody needs it any more. */
void session_forget_if_done(struct sessions *sessions, struct session *session);
