#include "server/session/session_inside.h"
#include "server/keep/token.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/session/session_comeback.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    INDEX_BITS = 20, /* of an id; the other 12 count generations, so that a late answer finds nobody */
    INDEX_MASK = (1 << INDEX_BITS) - 1,
    CACHE_LINE = 64,      /* bytes; every other session begins with one */
    HOT_LINES = 4,        /* what each frame needs of a session lies in so many, wherever it begins */
    ALLOWANCE_SPARE = 60, /* messages a second beyond three a tick (input, acknowledgement, call) */
    PER_CONNECTION = 2,   /* sessions an address may have for each connection: who is gone is waited for */
};

/* ---- The table. */

static bool make_table(struct sessions *sessions, uint32_t rooms, uint32_t address_connections) {
    struct admission_limits limits = {.sockets = sessions->count,
                                      .address_sockets = PER_CONNECTION * address_connections};
    sessions->memory = calloc(sessions->count + 1u, sizeof *sessions->all);
    sessions->free = calloc(sessions->count, sizeof *sessions->free);
    sessions->stirs = calloc(rooms, sizeof *sessions->stirs);
    sessions->addresses = admission_create(&limits, token_random());
    uintptr_t past_line = (uintptr_t)sessions->memory % CACHE_LINE;
    sessions->all = (void *)((char *)sessions->memory + (past_line ? CACHE_LINE - past_line : 0));
    return sessions->memory && sessions->free && sessions->stirs && sessions->addresses;
}

struct sessions *sessions_create(const struct config *config, struct inbox *inbox, struct store *store) {
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (!sessions) return NULL;
    uint32_t count = config_conversations(config);
    CHECK(count <= INDEX_MASK);
    *sessions = (struct sessions){.count = count,
                                  .resume_s = config->resume_s,
                                  .silence_s = config->silence_s,
                                  .idle_s = config->idle_s,
                                  .allowance_rate = 3 * config->rate + ALLOWANCE_SPARE,
                                  .budget = config->budget,
                                  .tick_us = 1000000 / config->rate,
                                  .inbox = inbox,
                                  .store = store};
    pthread_mutex_init(&sessions->free_lock, NULL);
    if (make_table(sessions, config->rooms_max, config->address_connections)) return sessions;
    sessions_destroy(sessions);
    return NULL;
}

void sessions_destroy(struct sessions *sessions) {
    if (!sessions) return;
    for (uint32_t i = 0; i < sessions->made; i++) session_free_parts(&sessions->all[i]);
    metrics_take(METRIC_sessions, sessions->used);
    pthread_mutex_destroy(&sessions->free_lock);
    admission_destroy(sessions->addresses);
    free(sessions->memory);
    free(sessions->free);
    free(sessions->stirs);
    free(sessions);
}

/* The place of a session that is gone, or one that was never used: what never was is never touched, so that
 * places cost nothing until they are needed. INDEX_MASK: none is left. */
static uint32_t take_place(struct sessions *sessions) {
    if (sessions->free_count) return sessions->free[--sessions->free_count];
    uint32_t made = atomic_load(&sessions->made);
    if (made == sessions->count) return INDEX_MASK;
    atomic_store(&sessions->made, made + 1);
    return made;
}

/* One more session of this address, which counts at `*place` until it is forgotten. False: it has as many as
 * it may.
 */
static bool admit(struct sessions *sessions, const char *address, uint32_t *place) {
    struct address from;
    *place = 0;
    if (!address || !address_parse(address, strlen(address), &from)) return true;
    if (admission_ask(sessions->addresses, &from, false, 0, place) == ADMISSION_GRANTED) return true;
    metrics_add(METRIC_refused_address, 1);
    log_limited(LOG_INFO, "session_refused", "from=%s why=\"too many sessions of this address\"", address);
    return false;
}

struct session *session_take_free(struct sessions *sessions, const char *address) {
    uint32_t index = INDEX_MASK, place;
    if (!admit(sessions, address, &place)) return NULL;
    pthread_mutex_lock(&sessions->free_lock);
    if (!atomic_load(&sessions->closed)) index = take_place(sessions);
    pthread_mutex_unlock(&sessions->free_lock);
    if (index == INDEX_MASK) {
        admission_release(sessions->addresses, place);
        return NULL;
    }
    struct session *session = &sessions->all[index];
    lock_take(&session->lock);
    uint32_t generation = session->epochs + 1; /* kept by forget: see there */
    session->id = (generation & ((1u << (32 - INDEX_BITS)) - 1)) << INDEX_BITS | index;
    if (session->id >> INDEX_BITS == 0) session->id |= 1u << INDEX_BITS;
    session->place = place;
    atomic_fetch_add(&sessions->used, 1);
    metrics_add(METRIC_sessions, 1);
    metrics_add(METRIC_sessions_opened, 1);
    return session;
}

/* Gives a session back if nobody needs it any more. `epochs` goes on growing over its whole life, which makes
 * ids and attachments of its earlier users strangers. */
void session_forget_if_done(struct sessions *sessions, struct session *session) {
    if (session->state != SESSION_ENDING || session->epoch || session->pending || session->seat_held) return;
    uint32_t index = session->id & INDEX_MASK, epochs = session->epochs + 1;
    admission_release(sessions->addresses, session->place);
    session_free_parts(session);
    memset((char *)session + offsetof(struct session, id), 0, sizeof *session - offsetof(struct session, id));
    session->epochs = epochs;
    atomic_fetch_sub(&sessions->used, 1);
    metrics_take(METRIC_sessions, 1);
    pthread_mutex_lock(&sessions->free_lock);
    sessions->free[sessions->free_count++] = index;
    pthread_mutex_unlock(&sessions->free_lock);
}

/* The session of this id, locked; NULL if it is gone. */
struct session *session_find(struct sessions *sessions, uint32_t id) {
    uint32_t index = id & INDEX_MASK;
    if (id == 0 || index >= atomic_load(&sessions->made)) return NULL;
    struct session *session = &sessions->all[index];
    lock_take(&session->lock);
    if (session->id == id) return session;
    lock_give(&session->lock);
    return NULL;
}

struct session *session_lock(struct sessions *sessions, const struct attachment *attachment) {
    struct session *session = session_find(sessions, attachment->session);
    if (!session || session->epoch == attachment->epoch) return session;
    lock_give(&session->lock);
    return NULL;
}

void session_expect(const struct sessions *sessions, const struct attachment *attachment) {
    const char *session = (const char *)&sessions->all[attachment->session & INDEX_MASK];
    const char *sets = attachment->sets;
    if (!attachment->session) return;
    __builtin_prefetch(attachment->written, 1);
    for (int at = 0; at < HOT_LINES * CACHE_LINE; at += CACHE_LINE) __builtin_prefetch(session + at, 1);
    for (uint32_t at = 0; at < attachment->sets_bytes; at += CACHE_LINE) __builtin_prefetch(sets + at);
}

uint32_t session_stirs(const struct sessions *sessions, uint32_t room) {
    return atomic_load(&sessions->stirs[room]);
}

void session_stir(struct sessions *sessions, const struct session *session) {
    atomic_fetch_add(&sessions->stirs[session->room], 1);
    atomic_fetch_add(&sessions->stirred, 1);
}

uint32_t sessions_stirred(const struct sessions *sessions) {
    return atomic_load(&sessions->stirred);
}

void session_token(const struct session *session, char token[LIMIT_TOKEN]) {
    snprintf(token, LIMIT_TOKEN, "%08x", session->id);
    for (size_t i = 0; i < sizeof session->secret; i++)
        snprintf(token + 8 + 2 * i, 3, "%02x", session->secret[i]);
}

const char *session_over_text(enum session_over over) {
    static const char *const words[] = {"", "ws", "wss", "http", "stream", "sse", "poll", "pull"};
    return words[over];
}

void session_unlock(struct session *session) {
    lock_give(&session->lock);
}

bool session_was_silent(struct sessions *sessions, const struct attachment *attachment) {
    struct session *session = session_find(sessions, attachment->session);
    if (!session) return false;
    bool silent = session->epoch == 0 && session->epochs == attachment->epoch;
    lock_give(&session->lock);
    return silent;
}

bool session_put(struct sessions *sessions, const struct arrival *arrival) {
    bool well = inbox_put(sessions->inbox, arrival);
    if (!well) metrics_add(METRIC_arrivals_refused, 1);
    return well;
}

/* ---- Ending. */

static void put_leave(struct sessions *sessions, struct session *session, enum game_reason reason) {
    struct arrival arrival = {.what = ARRIVAL_LEAVE,
                              .reason = (uint8_t)reason,
                              .player = session->player,
                              .session = session->id,
                              .instance = session->instance};
    session->leave_due = !session_put(sessions, &arrival);
}

void session_finish(struct sessions *sessions, struct session *session, enum code code,
                    enum game_reason reason) {
    if (session->state == SESSION_ENDING) return;
    session->state = SESSION_ENDING;
    session->end_code = (uint16_t)code;
    session_stir(sessions, session);
    if (session->seat_held) put_leave(sessions, session, reason);
}

void session_detach(struct sessions *sessions, struct attachment *attachment, uint64_t now_us) {
    struct session *session = session_lock(sessions, attachment);
    attachment->session = 0;
    if (!session) return;
    session->epoch = 0;
    session->lost_us = now_us;
    session_forget_if_done(sessions, session);
    session_unlock(session);
}

void session_break(struct sessions *sessions, struct attachment *attachment, enum code code,
                   uint64_t now_us) {
    struct session *session = session_lock(sessions, attachment);
    if (session) {
        session_finish(sessions, session, code, code == CODE_LEFT ? GAME_LEFT : GAME_KICKED);
        session_unlock(session);
    }
    session_detach(sessions, attachment, now_us);
}

/* ---- For main. */

bool session_seat(struct sessions *sessions, uint32_t id, const struct session_seat *seat) {
    struct session *session = session_find(sessions, id);
    if (!session) return false;
    session->pending = false;
    bool seated = session->state == SESSION_JOINING || session->state == SESSION_WAITING;
    if (seated) {
        session->state = SESSION_SEATED;
        session->end_code = CODE_NONE;
        session->seat_held = true;
        session->room = seat->room;
        session->player = seat->player;
        session->instance = seat->instance;
        session->first_tick = seat->tick;
        session->lane = seat->lane;
        session->shapes = seat->shapes;
        session->room_name = seat->room_name;
    }
    session_forget_if_done(sessions, session);
    session_unlock(session);
    return seated;
}

bool session_line(struct sessions *sessions, uint32_t id, uint32_t place) {
    struct session *session = session_find(sessions, id);
    if (!session) return false;
    bool waits = session->state == SESSION_JOINING || session->state == SESSION_WAITING;
    if (waits && !session->epoch) { /* nobody can take it up again: its token was not told yet */
        session_finish(sessions, session, CODE_SILENT, GAME_LOST);
        waits = false;
    }
    session->pending = waits;
    if (waits) session->state = SESSION_WAITING;
    if (waits && place) session->entry->place = place;
    session_forget_if_done(sessions, session);
    session_unlock(session);
    return waits;
}

bool session_end(struct sessions *sessions, uint32_t id, enum code code) {
    struct session *session = session_find(sessions, id);
    if (!session) return false;
    session->pending = session->seat_held = false;
    session_finish(sessions, session, code, GAME_KICKED);
    session_forget_if_done(sessions, session);
    session_unlock(session);
    return true;
}

void session_unseat(struct sessions *sessions, uint32_t id) {
    struct session *session = session_find(sessions, id);
    if (!session) return;
    session->seat_held = session->leave_due = false;
    session_forget_if_done(sessions, session);
    session_unlock(session);
}

struct session_answers *session_answers(struct session *session) {
    if (!session->answers) session->answers = calloc(1, sizeof *session->answers);
    return session->answers;
}

static bool put_reply(struct session_answers *answers, const uint8_t *bytes, size_t size) {
    if (answers->reply_bytes + size > SESSION_REPLIES) return false;
    uint8_t *replies = realloc(answers->replies, answers->reply_bytes + size);
    if (!replies) return false;
    memcpy(replies + answers->reply_bytes, bytes, size);
    answers->replies = replies;
    answers->reply_bytes = (uint16_t)(answers->reply_bytes + size);
    answers->reply_count++;
    return true;
}

bool session_reply(struct sessions *sessions, uint32_t id, const uint8_t *bytes, size_t size) {
    struct session *session = session_find(sessions, id);
    if (!session) return false;
    struct session_answers *answers = session_answers(session);
    bool fits = answers && put_reply(answers, bytes, size);
    if (!fits) metrics_add(METRIC_replies_lost, 1);
    session_stir(sessions, session);
    session_unlock(session);
    return fits;
}

bool session_about(struct sessions *sessions, uint32_t id, struct session_about *about) {
    struct session *session = session_find(sessions, id);
    if (!session) return false;
    *about = (struct session_about){.over = session_over_text(session->over),
                                    .rtt_us = flow_rtt_us(&session->flow),
                                    .code = (enum code)session->end_code};
    memcpy(about->name, session->name, sizeof about->name);
    if (session->entry) memcpy(about->address, session->entry->address, sizeof about->address);
    session_unlock(session);
    return true;
}

/* ---- Now and then. */

/* Of who is connected: a lost session has a time of its own. */
static bool is_idle(const struct sessions *sessions, struct session *session, uint64_t now_us) {
    if (!sessions->idle_s || !session->epoch || session->state != SESSION_SEATED) return false;
    if (!session->active_us) session->active_us = now_us;
    return now_us > session->active_us + sessions->idle_s * UINT64_C(1000000);
}

/* Of a player over HTTP nobody else notices that it went: no socket stands for it. Who waits in line has
 * nothing to come back to, and is told now if it is there after all. */
static void detach_silent(struct sessions *sessions, struct session *session, uint64_t now_us) {
    if (!session->epoch || !link_is_silent(sessions, session, now_us)) return;
    if (session->state == SESSION_WAITING) {
        session_finish(sessions, session, CODE_SILENT, GAME_LOST);
    } else {
        session->epoch = 0;
        session->lost_us = now_us;
    }
}

static void sweep(struct sessions *sessions, struct session *session, uint64_t now_us) {
    detach_silent(sessions, session, now_us);
    bool lost = session->epoch == 0 && now_us > session->lost_us + sessions->resume_s * UINT64_C(1000000);
    if (is_idle(sessions, session, now_us)) session_finish(sessions, session, CODE_IDLE, GAME_KICKED);
    if (session->state == SESSION_SEATED && lost) session_finish(sessions, session, CODE_SILENT, GAME_LOST);
    if (session->state == SESSION_ENDING && session->leave_due) put_leave(sessions, session, GAME_LOST);
    session_give_back(session);
    session_forget_if_done(sessions, session);
}

void sessions_sweep(struct sessions *sessions, uint64_t now_us) {
    comeback_crowd(atomic_load(&sessions->used));
    for (uint32_t i = 0; i < atomic_load(&sessions->made); i++) {
        struct session *session = &sessions->all[i];
        lock_take(&session->lock);
        if (session->id) sweep(sessions, session, now_us);
        lock_give(&session->lock);
    }
}

void sessions_end_all(struct sessions *sessions, enum code code) {
    atomic_store(&sessions->closed, true);
    for (uint32_t i = 0; i < atomic_load(&sessions->made); i++) {
        struct session *session = &sessions->all[i];
        lock_take(&session->lock);
        if (session->id) {
            session->pending = session->seat_held = false;
            session_finish(sessions, session, code, GAME_KICKED);
            session_forget_if_done(sessions, session);
        }
        lock_give(&session->lock);
    }
}
