/* What session.c (the table, and how sessions end), session_receive.c (what clients say), session_link.c
 * (those without WebSocket) and session_memory.c share; for nobody else. */
#pragma once
#include "server/edge/admission.h"
#include "server/session/session.h"
#include <pthread.h>
#include <stdatomic.h>

struct sessions {
    void *memory; /* that all of them lie in */
    struct session *all;
    _Atomic uint32_t made; /* of them were ever used */
    uint32_t count, resume_s, silence_s, idle_s, allowance_rate, budget, tick_us;
    struct inbox *inbox;
    struct store *store;
    struct admission *addresses; /* how many sessions each address has begun that still stand */
    pthread_mutex_t free_lock;
    uint32_t *free; /* indices below `made`, a stack */
    uint32_t free_count;
    _Atomic uint32_t *stirs;  /* by room */
    _Atomic uint32_t stirred; /* all of them */
    _Atomic uint32_t used;
    _Atomic bool closed; /* no new sessions */
};

/* A free session, locked, with nothing but a new id; it counts by this address, NULL: by none. NULL: full,
 * closed, or the address has as many as it may. */
struct session *session_take_free(struct sessions *sessions, const char *address);
/* The session of this id, locked; NULL if it is gone. */
struct session *session_find(struct sessions *sessions, uint32_t id);
/* Puts it into the inbox; false, and it is counted, if that is full. */
bool session_put(struct sessions *sessions, const struct arrival *arrival);
/* The session (locked) has something to be told that is no news of its room's and does not come of what its
 * connection said: whoever rests must look. */
void session_stir(struct sessions *sessions, const struct session *session);
/* Where its answers wait; NULL: no memory. */
struct session_answers *session_answers(struct session *session);
/* Gives the session (locked) back if it ended and nobody needs it any more. */
void session_forget_if_done(struct sessions *sessions, struct session *session);
/* One message of a client over HTTP, of its session (locked), which keeps this attachment for it. A code ends
 * the session. */
enum code session_take(struct sessions *sessions, struct session *session, struct attachment *attachment,
                       const uint8_t *bytes, size_t size, uint64_t now_us);
/* Whether this client says more than it may. */
bool session_floods(const struct sessions *sessions, struct attachment *attachment, uint64_t now_us);
/* Notes how far the client has come. */
enum code session_acknowledge(const struct sessions *sessions, struct session *session, uint32_t tick,
                              uint64_t now_us);
/* The client holds what the frame of this tick left, and events up to this one: goes back to there. False:
 * that is not possible, and nothing changed. */
bool session_take_back(struct session *session, uint32_t tick, uint32_t event);

/* ---- session_memory.c */
void session_free_parts(struct session *session); /* all that it allocated */
/* Of that, what it has not needed for a while. */
void session_give_back(struct session *session);

/* ---- session_link.c */
/* A HELLO came by POST: the session (locked) gets a link, or without memory nobody is attached. */
void link_begin(struct session *session, const struct attachment *attachment);
void link_end(struct session *session); /* it has none any more; any number of times */
/* Whether it was not heard of for too long; how long its end waits to be told begins when this is first
 * asked. */
bool link_is_silent(const struct sessions *sessions, struct session *session, uint64_t now_us);
