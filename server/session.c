#include "server/session.h"
#include "protocol/message.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/token.h"
#include "game/game_api.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    INDEX_BITS = 20, /* of an id; the other 12 count generations, so that a late answer finds nobody */
    INDEX_MASK = (1 << INDEX_BITS) - 1,
    ALLOWANCE_SPARE = 60, /* messages a second beyond three a tick (input, acknowledgement, call) */
    ALLOWANCE_SECONDS = 4 /* of messages that may come at once after a stall */
};

struct sessions {
    struct session *all;
    uint32_t count, resume_s, allowance_rate;
    struct inbox *inbox;
    struct store *store;
    pthread_mutex_t free_lock;
    uint32_t *free; /* indices, a stack */
    uint32_t free_count;
    _Atomic uint32_t used;
    _Atomic bool closed; /* no new sessions */
};

/* ---- The table. */

struct sessions *sessions_create(const struct config *config, struct inbox *inbox, struct store *store) {
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (!sessions) return NULL;
    CHECK(config->sessions_max <= INDEX_MASK);
    *sessions = (struct sessions){.count = config->sessions_max,
                                  .resume_s = config->resume_s,
                                  .allowance_rate = 3 * config->rate + ALLOWANCE_SPARE,
                                  .inbox = inbox,
                                  .store = store};
    sessions->all = calloc(sessions->count, sizeof *sessions->all);
    sessions->free = calloc(sessions->count, sizeof *sessions->free);
    if (!sessions->all || !sessions->free) {
        free(sessions->all);
        free(sessions->free);
        free(sessions);
        return NULL;
    }
    pthread_mutex_init(&sessions->free_lock, NULL);
    for (uint32_t i = 0; i < sessions->count; i++) {
        pthread_mutex_init(&sessions->all[i].lock, NULL);
        sessions->free[sessions->free_count++] = sessions->count - 1 - i;
    }
    return sessions;
}

void sessions_destroy(struct sessions *sessions) {
    if (!sessions) return;
    for (uint32_t i = 0; i < sessions->count; i++) {
        free(sessions->all[i].held);
        free(sessions->all[i].replies);
        pthread_mutex_destroy(&sessions->all[i].lock);
    }
    pthread_mutex_destroy(&sessions->free_lock);
    free(sessions->all);
    free(sessions->free);
    free(sessions);
}

bool sessions_full(const struct sessions *sessions) {
    return atomic_load(&sessions->closed) || atomic_load(&sessions->used) >= sessions->count;
}

/* A free session, locked, with nothing but a new id. */
static struct session *take_free(struct sessions *sessions) {
    struct session *session = NULL;
    uint32_t index = 0;
    pthread_mutex_lock(&sessions->free_lock);
    if (sessions->free_count && !atomic_load(&sessions->closed)) {
        index = sessions->free[--sessions->free_count];
        session = &sessions->all[index];
    }
    pthread_mutex_unlock(&sessions->free_lock);
    if (!session) return NULL;
    pthread_mutex_lock(&session->lock);
    uint32_t generation = session->epochs + 1; /* kept by forget: see there */
    session->id = (generation & ((1u << (32 - INDEX_BITS)) - 1)) << INDEX_BITS | index;
    if (session->id >> INDEX_BITS == 0) session->id |= 1u << INDEX_BITS;
    atomic_fetch_add(&sessions->used, 1);
    metrics_set(METRIC_sessions, atomic_load(&sessions->used));
    metrics_add(METRIC_sessions_opened, 1);
    return session;
}

/* Gives a session back if nobody needs it any more. `epochs` goes on growing over its whole life, which makes
 * ids and attachments of its earlier users strangers. */
static void forget_if_done(struct sessions *sessions, struct session *session) {
    if (session->state != SESSION_ENDING || session->epoch || session->pending || session->seat_held) return;
    uint32_t index = session->id & INDEX_MASK, epochs = session->epochs + 1;
    free(session->held);
    free(session->replies);
    memset((char *)session + offsetof(struct session, id), 0, sizeof *session - offsetof(struct session, id));
    session->epochs = epochs;
    atomic_fetch_sub(&sessions->used, 1);
    metrics_set(METRIC_sessions, atomic_load(&sessions->used));
    pthread_mutex_lock(&sessions->free_lock);
    sessions->free[sessions->free_count++] = index;
    pthread_mutex_unlock(&sessions->free_lock);
}

/* The session of this id, locked; NULL if it is gone. */
static struct session *find(struct sessions *sessions, uint32_t id) {
    uint32_t index = id & INDEX_MASK;
    if (id == 0 || index >= sessions->count) return NULL;
    struct session *session = &sessions->all[index];
    pthread_mutex_lock(&session->lock);
    if (session->id == id) return session;
    pthread_mutex_unlock(&session->lock);
    return NULL;
}

struct session *session_lock(struct sessions *sessions, const struct attachment *attachment) {
    struct session *session = find(sessions, attachment->session);
    if (!session || session->epoch == attachment->epoch) return session;
    pthread_mutex_unlock(&session->lock);
    return NULL;
}

void session_unlock(struct session *session) {
    pthread_mutex_unlock(&session->lock);
}

/* ---- Ending. */

static void put_leave(struct sessions *sessions, struct session *session, enum game_reason reason) {
    struct arrival arrival = {.what = ARRIVAL_LEAVE,
                              .reason = (uint8_t)reason,
                              .player = session->player,
                              .session = session->id,
                              .instance = session->instance,
                              .record = session->room};
    session->leave_due = !inbox_put(sessions->inbox, &arrival);
}

static void end(struct sessions *sessions, struct session *session, enum code code, enum game_reason reason) {
    if (session->state == SESSION_ENDING) return;
    session->state = SESSION_ENDING;
    session->end_code = (uint16_t)code;
    if (session->seat_held) put_leave(sessions, session, reason);
}

void session_detach(struct sessions *sessions, struct attachment *attachment, uint64_t now_us) {
    struct session *session = session_lock(sessions, attachment);
    attachment->session = 0;
    if (!session) return;
    session->epoch = 0;
    session->lost_us = now_us;
    forget_if_done(sessions, session);
    session_unlock(session);
}

void session_break(struct sessions *sessions, struct attachment *attachment, enum code code,
                   uint64_t now_us) {
    struct session *session = session_lock(sessions, attachment);
    if (session) {
        end(sessions, session, code,
            code == CODE_LEFT     ? GAME_LEFT
            : code == CODE_SILENT ? GAME_LOST
                                  : GAME_KICKED);
        session_unlock(session);
    }
    session_detach(sessions, attachment, now_us);
}

/* ---- Beginning. */

static void attach(struct session *session, struct attachment *attachment, const char *address) {
    session->epoch = ++session->epochs;
    session->greeted = session->framed = false;
    session->ping_count = 0;
    session->rtt_min_us = 0;
    session->written_first = session->written_count = 0;
    snprintf(session->address, sizeof session->address, "%s", address);
    attachment->session = session->id;
    attachment->epoch = session->epoch;
}

/* A session's token tells its id in its first 8 digits; the other 96 bits are what nobody can guess. */
static void make_session_token(struct session *session) {
    char id[9];
    token_make(session->token);
    snprintf(id, sizeof id, "%08x", session->id);
    memcpy(session->token, id, 8);
}

static bool resume(struct sessions *sessions, struct attachment *attachment, const char *token,
                   const char *address) {
    char digits[9] = {0};
    memcpy(digits, token, 8);
    struct session *session = find(sessions, (uint32_t)strtoul(digits, NULL, 16));
    if (!session) return false;
    bool theirs = token_equal(session->token, token) && session->state != SESSION_ENDING;
    if (theirs) {
        attach(session, attachment, address);
        metrics_add(METRIC_sessions_resumed, 1);
        log_limited(LOG_INFO, "resumed", "room=%s player=%u from=%s", session->room_name, session->player,
                    address);
    }
    session_unlock(session);
    return theirs;
}

static bool put_join(struct sessions *sessions, struct session *session, int64_t kept, int64_t best) {
    struct arrival arrival = {.what = ARRIVAL_JOIN, .lane = session->lane, .session = session->id};
    memcpy(arrival.join.game, session->game, sizeof arrival.join.game);
    memcpy(arrival.join.room, session->room_name, sizeof arrival.join.room);
    memcpy(arrival.join.name, session->name, sizeof arrival.join.name);
    arrival.join.account = session->account;
    arrival.join.kept = kept;
    arrival.join.best = best;
    session->state = SESSION_JOINING;
    session->pending = inbox_put(sessions->inbox, &arrival);
    if (!session->pending) metrics_add(METRIC_arrivals_refused, 1);
    return session->pending;
}

/* A name for those who gave none. */
static void make_name(struct session *session) {
    if (session->name[0]) return;
    snprintf(session->name, sizeof session->name, "Pilot %03u", (unsigned)(token_random() % 1000));
}

static bool ask_store(struct sessions *sessions, struct session *session) {
    struct store_request request = {.what = STORE_LOOK, .ticket = session->id, .account = session->account};
    memcpy(request.game, session->game, sizeof request.game);
    session->state = SESSION_LOOKING;
    session->pending = sessions->store && session->account && store_ask(sessions->store, &request);
    return session->pending;
}

/* Fills in what a HELLO says of its player. */
static void introduce(struct session *session, const struct message_hello *hello) {
    memcpy(session->game, hello->game, sizeof session->game);
    memcpy(session->name, hello->name, sizeof session->name);
    snprintf(session->room_name, sizeof session->room_name, "%s", hello->room[0] ? hello->room : "main");
    session->lane = (uint8_t)(hello->lane < LANE_COUNT ? hello->lane : LANE_COUNT - 1);
    bool guest = strcmp(hello->device, "-") == 0;
    if (!guest && hello->device[0] == 0)
        token_make(session->device);
    else if (!guest)
        memcpy(session->device, hello->device, sizeof session->device);
    session->account = guest ? 0 : token_account(session->device);
    make_session_token(session);
}

static enum code judge_hello(const struct message_hello *hello) {
    bool guest = strcmp(hello->device, "-") == 0;
    if (!guest && hello->device[0] && !token_valid(hello->device)) return CODE_BAD_TOKEN;
    if (hello->session[0] && !token_valid(hello->session)) return CODE_BAD_TOKEN;
    if (!message_label_valid(hello->game)) return CODE_NO_GAME;
    if (hello->room[0] && !message_label_valid(hello->room)) return CODE_BAD_ROOM;
    return message_name_valid(hello->name) ? CODE_NONE : CODE_BAD_NAME;
}

static enum code begin(struct sessions *sessions, struct attachment *attachment,
                       const struct message_hello *hello, const char *address) {
    struct session *session = take_free(sessions);
    if (!session) return CODE_SERVER_FULL;
    introduce(session, hello);
    attach(session, attachment, address);
    bool well = ask_store(sessions, session);
    if (!well) {
        make_name(session);
        well = put_join(sessions, session, 0, 0);
    }
    if (!well) {
        session->state = SESSION_ENDING;
        session->epoch = 0;
        attachment->session = 0;
        forget_if_done(sessions, session);
    }
    session_unlock(session);
    return well ? CODE_NONE : CODE_SERVER_FULL;
}

void sessions_looked(void *context, const struct store_answer *answer) {
    struct sessions *sessions = context;
    struct session *session = find(sessions, answer->ticket);
    if (!session) return;
    session->pending = false;
    if (session->state == SESSION_LOOKING) {
        if (answer->known && !session->name[0]) memcpy(session->name, answer->name, sizeof session->name);
        make_name(session);
        if (!put_join(sessions, session, answer->kept, answer->best))
            end(sessions, session, CODE_SERVER_FULL, GAME_LOST);
    }
    forget_if_done(sessions, session);
    session_unlock(session);
}

/* ---- Receiving. */

static enum code receive_hello(struct sessions *sessions, struct attachment *attachment,
                               const struct message_hello *hello, const char *address) {
    if (attachment->session) return CODE_HELLO_TWICE;
    enum code judged = judge_hello(hello);
    if (judged != CODE_NONE) return judged;
    if (hello->session[0] && resume(sessions, attachment, hello->session, address)) return CODE_NONE;
    return begin(sessions, attachment, hello, address);
}

/* Notes how far the client has come; the time since those frames were written is a round trip. */
static enum code acknowledge(struct session *session, uint32_t tick, uint64_t now_us) {
    if (!session->framed || tick <= session->acknowledged) return CODE_NONE;
    if (tick > session->base) return CODE_RANGE;
    session->acknowledged = tick;
    while (session->written_count && session->written[session->written_first].tick <= tick) {
        uint32_t took_us =
            ((uint32_t)(now_us / 1000) - session->written[session->written_first].at_ms) * 1000 + 1;
        if (!session->rtt_min_us || took_us < session->rtt_min_us) session->rtt_min_us = took_us;
        session->written_first = (uint16_t)((session->written_first + 1) % SESSION_GATE);
        session->written_count--;
    }
    return CODE_NONE;
}

static enum code put(struct sessions *sessions, const struct session *session, struct arrival *arrival) {
    arrival->player = session->player;
    arrival->session = session->id;
    arrival->instance = session->instance;
    if (!inbox_put(sessions->inbox, arrival)) metrics_add(METRIC_arrivals_refused, 1);
    return CODE_NONE;
}

static enum code receive_input(struct sessions *sessions, struct session *session, struct message_up *up,
                               uint64_t now_us) {
    struct arrival arrival = {.what = ARRIVAL_INPUT, .number = up->sequence, .record = session->room};
    enum code code = message_read_values(&up->values, &session->shapes->input, arrival.cells);
    if (code == CODE_NONE && up->sequence <= session->sequence) code = CODE_SEQUENCE;
    if (code == CODE_NONE) code = acknowledge(session, up->acknowledged, now_us);
    if (code != CODE_NONE) return code;
    session->sequence = up->sequence;
    metrics_add(METRIC_inputs, 1);
    return put(sessions, session, &arrival);
}

static enum code receive_call(struct sessions *sessions, const struct session *session,
                              struct message_up *up) {
    struct arrival arrival = {.what = ARRIVAL_CALL, .number = up->ticket, .record = (uint16_t)up->record};
    const struct shape_set *shapes = session->shapes;
    if (up->record >= shapes->record_count || shapes->records[up->record].use != SCHEMA_CALL)
        return CODE_RANGE;
    enum code code = message_read_values(&up->values, &shapes->records[up->record], arrival.cells);
    return code == CODE_NONE ? put(sessions, session, &arrival) : code;
}

static enum code receive_ping(struct session *session, uint64_t stamp, uint64_t now_us) {
    if (session->ping_count == SESSION_PINGS) {
        memmove(session->pings, session->pings + 1, (SESSION_PINGS - 1) * sizeof *session->pings);
        session->ping_count--;
    }
    session->pings[session->ping_count].stamp = stamp;
    session->pings[session->ping_count++].received_us = now_us;
    return CODE_NONE;
}

/* A message of a player who was greeted; before that only BYE has a meaning, all else is early and passed
 * over. */
static enum code receive_seated(struct sessions *sessions, struct session *session, struct message_up *up,
                                uint64_t now_us) {
    if (up->type == MESSAGE_BYE_UP) return CODE_LEFT;
    if (session->state != SESSION_SEATED || !session->greeted) return CODE_NONE;
    switch (up->type) {
    case MESSAGE_INPUT:
        return receive_input(sessions, session, up, now_us);
    case MESSAGE_ACK:
        return acknowledge(session, up->acknowledged, now_us);
    case MESSAGE_PING:
        return receive_ping(session, up->stamp, now_us);
    default:
        return receive_call(sessions, session, up);
    }
}

/* A bucket of messages that refills with time (three a tick and some). */
static bool flooding(const struct sessions *sessions, struct attachment *attachment, uint64_t now_us) {
    uint64_t full = (uint64_t)sessions->allowance_rate * ALLOWANCE_SECONDS;
    if (attachment->refilled_us == 0) {
        attachment->refilled_us = now_us;
        attachment->allowance = (uint32_t)full;
    }
    uint64_t earned = (now_us - attachment->refilled_us) * sessions->allowance_rate / 1000000;
    if (earned) {
        attachment->refilled_us = now_us;
        uint64_t sum = attachment->allowance + earned;
        attachment->allowance = (uint32_t)(sum > full ? full : sum);
    }
    if (attachment->allowance == 0) return true;
    attachment->allowance--;
    return false;
}

static enum code receive(struct sessions *sessions, struct attachment *attachment, const uint8_t *bytes,
                         size_t size, uint64_t now_us, const char *address) {
    struct message_up up;
    if (flooding(sessions, attachment, now_us)) return CODE_FLOOD;
    enum code code = message_read_up(bytes, size, &up);
    if (code != CODE_NONE) return code;
    if (up.type == MESSAGE_HELLO) return receive_hello(sessions, attachment, &up.hello, address);
    if (!attachment->session) return CODE_HELLO_FIRST;
    struct session *session = session_lock(sessions, attachment);
    if (!session) return CODE_NONE; /* taken over: the broadcaster says so */
    code = receive_seated(sessions, session, &up, now_us);
    session_unlock(session);
    return code;
}

enum code session_receive(struct sessions *sessions, struct attachment *attachment, const uint8_t *bytes,
                          size_t size, uint64_t now_us, const char *address) {
    metrics_add(METRIC_messages, 1);
    metrics_add(METRIC_message_bytes, size);
    enum code code = receive(sessions, attachment, bytes, size, now_us, address);
    if (code != CODE_NONE) session_break(sessions, attachment, code, now_us);
    return code;
}

/* ---- For main. */

bool session_seat(struct sessions *sessions, uint32_t id, const struct session_seat *seat) {
    struct session *session = find(sessions, id);
    if (!session) return false;
    session->pending = false;
    bool seated = session->state == SESSION_JOINING;
    if (seated) {
        session->held_words = (seat->shapes->row_count + 63u) / 64;
        session->held = calloc(session->held_words + 1, sizeof *session->held);
        seated = session->held != NULL;
        session->state = seated ? SESSION_SEATED : SESSION_ENDING;
        session->end_code = seated ? CODE_NONE : CODE_BROKEN;
        session->seat_held = seated;
        session->room = seat->room;
        session->player = seat->player;
        session->instance = seat->instance;
        session->shapes = seat->shapes;
    }
    forget_if_done(sessions, session);
    session_unlock(session);
    return seated;
}

bool session_end(struct sessions *sessions, uint32_t id, enum code code) {
    struct session *session = find(sessions, id);
    if (!session) return false;
    session->pending = session->seat_held = false;
    end(sessions, session, code, GAME_KICKED);
    forget_if_done(sessions, session);
    session_unlock(session);
    return true;
}

void session_unseat(struct sessions *sessions, uint32_t id) {
    struct session *session = find(sessions, id);
    if (!session) return;
    session->seat_held = session->leave_due = false;
    forget_if_done(sessions, session);
    session_unlock(session);
}

bool session_reply(struct sessions *sessions, uint32_t id, const uint8_t *bytes, size_t size) {
    struct session *session = find(sessions, id);
    if (!session) return false;
    if (!session->replies) session->replies = calloc(1, SESSION_REPLIES);
    bool fits = session->replies && SESSION_REPLIES - session->reply_bytes >= (int)size;
    if (fits) {
        memcpy(session->replies + session->reply_bytes, bytes, size);
        session->reply_bytes = (uint16_t)(session->reply_bytes + size);
        session->reply_count++;
    }
    session_unlock(session);
    return fits;
}

bool session_about(struct sessions *sessions, uint32_t id, struct session_about *about) {
    struct session *session = find(sessions, id);
    if (!session) return false;
    *about = (struct session_about){
        .account = session->account, .rtt_us = session->rtt_min_us, .code = (enum code)session->end_code};
    memcpy(about->name, session->name, sizeof about->name);
    memcpy(about->address, session->address, sizeof about->address);
    session_unlock(session);
    return true;
}

static void sweep(struct sessions *sessions, struct session *session, uint64_t now_us) {
    bool lost = session->epoch == 0 && now_us > session->lost_us + sessions->resume_s * UINT64_C(1000000);
    if (session->state == SESSION_SEATED && lost) end(sessions, session, CODE_SILENT, GAME_LOST);
    if (session->state == SESSION_ENDING && session->leave_due) put_leave(sessions, session, GAME_LOST);
    forget_if_done(sessions, session);
}

void sessions_sweep(struct sessions *sessions, uint64_t now_us) {
    for (uint32_t i = 0; i < sessions->count; i++) {
        struct session *session = &sessions->all[i];
        pthread_mutex_lock(&session->lock);
        if (session->id) sweep(sessions, session, now_us);
        pthread_mutex_unlock(&session->lock);
    }
}

void sessions_end_all(struct sessions *sessions, enum code code) {
    atomic_store(&sessions->closed, true);
    for (uint32_t i = 0; i < sessions->count; i++) {
        struct session *session = &sessions->all[i];
        pthread_mutex_lock(&session->lock);
        if (session->id) {
            session->pending = session->seat_held = false;
            end(sessions, session, code, GAME_KICKED);
            forget_if_done(sessions, session);
        }
        pthread_mutex_unlock(&session->lock);
    }
}
