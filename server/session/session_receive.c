/* What clients say: HELLO, and the messages of players who were greeted. */
#include "server/session/session_inside.h"
#include "protocol/message.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/keep/token.h"
#include "server/session/session_undo.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    ALLOWANCE_SECONDS = 4, /* of messages that may come at once after a stall */
    BEHIND_MS = 60000      /* no two threads' looks at the clock lie so far apart */
};

/* ---- Beginning. */

static void attach(struct session *session, struct attachment *attachment) {
    session->epoch = ++session->epochs;
    session->greeted = session->kept = false;
    if (session->answers) session->answers->ping_count = 0;
    session->active_us = 0;
    if (session->entry) session->entry->place_told = 0;
    session->flow = (struct flow){.passed = session->flow.passed}; /* another way, but the same client */
    session->over = attachment->over;
    attachment->session = session->id;
    attachment->epoch = session->epoch;
    link_end(session);
    if (attachment->by_post) link_begin(session, attachment);
}

bool session_take_back(struct session *session, uint32_t tick, uint32_t event) {
    if (!undo_to(session, tick)) return false;
    session->hash_told = false;
    session->event_told = event;
    session->event_seen = event > session->event_first ? event : session->event_first;
    return true;
}

/* What the client says that it holds still is what it was last given, or the frames since are taken back:
 * then it goes on from there. */
static void keep_what_it_holds(struct session *session, const struct message_hello *hello) {
    if (hello->instance != session->instance || session->state != SESSION_SEATED) return;
    session->kept = session_take_back(session, hello->tick, hello->event);
}

/* Who is not seated yet has no game and room to tell of. */
static void tell_resumed(const struct session *session, const char *address) {
    bool seated = session->state == SESSION_SEATED;
    log_limited(LOG_INFO, "resumed", "game=%s room=%s player=%u name=%s from=%s over=%s kept=%u",
                seated ? session->shapes->game : "-", seated ? session->room_name : "-", session->player,
                LOG_QUOTE(session->name), address, session_over_text(session->over), session->kept);
}

static bool resume(struct sessions *sessions, struct attachment *attachment,
                   const struct message_hello *hello, const char *address) {
    char digits[9] = {0};
    memcpy(digits, hello->session, 8);
    struct session *session = session_find(sessions, (uint32_t)strtoul(digits, NULL, 16));
    if (!session) return false;
    char token[LIMIT_TOKEN];
    session_token(session, token);
    bool theirs = token_equal(token, hello->session) && session->state != SESSION_ENDING;
    if (theirs) {
        attach(session, attachment);
        session_stir(sessions, session); /* for the connection that it replaces */
        session->resumed = true;
        keep_what_it_holds(session, hello);
        metrics_add(METRIC_sessions_resumed, 1);
        tell_resumed(session, address);
    }
    session_unlock(session);
    return theirs;
}

static bool put_join(struct sessions *sessions, struct session *session, int64_t kept, int64_t best) {
    struct arrival arrival = {.what = ARRIVAL_JOIN, .lane = session->lane, .session = session->id};
    memcpy(arrival.join.game, session->entry->game, sizeof arrival.join.game);
    memcpy(arrival.join.room, session->entry->room, sizeof arrival.join.room);
    memcpy(arrival.join.name, session->name, sizeof arrival.join.name);
    arrival.join.account = session->entry->account;
    arrival.join.predictor = session->entry->predictor;
    arrival.join.kept = kept;
    arrival.join.best = best;
    session->state = SESSION_JOINING;
    session->pending = session_put(sessions, &arrival);
    return session->pending;
}

/* A name for those who gave none. */
static void make_name(struct session *session) {
    if (session->name[0]) return;
    snprintf(session->name, sizeof session->name, "Player %03u", (unsigned)(token_random() % 1000));
}

static bool ask_store(struct sessions *sessions, struct session *session) {
    const struct session_entry *entry = session->entry;
    struct store_request request = {.what = STORE_LOOK, .ticket = session->id, .account = entry->account};
    memcpy(request.game, entry->game, sizeof request.game);
    session->state = SESSION_LOOKING;
    session->pending = sessions->store && entry->account && store_ask(sessions->store, &request);
    return session->pending;
}

/* Bytes a second; 0 stands for no bound. */
static uint32_t smaller_budget(uint32_t ours, uint32_t theirs) {
    if (!ours || !theirs) return ours | theirs;
    return ours < theirs ? ours : theirs;
}

/* Twelve random bytes: with the id, which everybody may know, they are the token. */
static void make_secret(struct session *session) {
    uint64_t random[2] = {token_random(), token_random()};
    memcpy(session->secret, random, sizeof session->secret);
}

/* What a HELLO says of its player: what is kept while it plays, and what only until WELCOME. False: no
 * memory. */
static bool introduce(const struct sessions *sessions, struct session *session,
                      const struct message_hello *hello, const char *address) {
    struct session_entry *entry = session->entry = calloc(1, sizeof *entry);
    if (!entry) return false;
    memcpy(session->name, hello->name, sizeof session->name);
    session->lane = (uint8_t)(hello->lane < LANE_COUNT ? hello->lane : LANE_COUNT - 1);
    session->budget = smaller_budget(sessions->budget, hello->budget);
    make_secret(session);
    memcpy(entry->game, hello->game, sizeof entry->game);
    snprintf(entry->room, sizeof entry->room, "%s", hello->room[0] ? hello->room : "main");
    snprintf(entry->address, sizeof entry->address, "%s", address);
    entry->predictor = hello->predictor;
    if (strcmp(hello->device, "-") == 0) return true; /* a guest */
    if (hello->device[0])
        memcpy(entry->device, hello->device, sizeof entry->device);
    else
        token_make(entry->device);
    entry->account = token_account(entry->device);
    return true;
}

static enum code judge_hello(const struct message_hello *hello) {
    bool guest = strcmp(hello->device, "-") == 0;
    if (!guest && hello->device[0] && !token_valid(hello->device)) return CODE_BAD_TOKEN;
    if (hello->session[0] && !token_valid(hello->session)) return CODE_BAD_TOKEN;
    if (!message_label_valid(hello->game)) return CODE_NO_GAME;
    if (hello->room[0] && !message_label_valid(hello->room)) return CODE_BAD_ROOM;
    return message_name_valid(hello->name) ? CODE_NONE : CODE_BAD_NAME;
}

static enum code why_refused(const struct sessions *sessions) {
    return atomic_load(&sessions->closed) ? CODE_SHUTDOWN : CODE_SERVER_FULL;
}

/* If it was closed since, sessions_end_all may have passed this session over; if not yet, it will not. */
static enum code begin(struct sessions *sessions, struct attachment *attachment,
                       const struct message_hello *hello, const char *address) {
    struct session *session = session_take_free(sessions, attachment->counted ? address : NULL);
    if (!session) return why_refused(sessions);
    attach(session, attachment);
    bool well = introduce(sessions, session, hello, address) && !atomic_load(&sessions->closed);
    if (well && !ask_store(sessions, session)) {
        make_name(session);
        well = put_join(sessions, session, 0, 0);
    }
    if (!well) {
        session->state = SESSION_ENDING;
        session->epoch = 0;
        attachment->session = 0;
        session_forget_if_done(sessions, session);
    }
    session_unlock(session);
    return well ? CODE_NONE : why_refused(sessions);
}

void sessions_looked(void *context, const struct store_answer *answer) {
    struct sessions *sessions = context;
    struct session *session = session_find(sessions, answer->ticket);
    if (!session) return;
    session->pending = false;
    if (session->state == SESSION_LOOKING) {
        if (answer->known && !session->name[0]) memcpy(session->name, answer->name, sizeof session->name);
        make_name(session);
        if (!put_join(sessions, session, answer->kept, answer->best))
            session_finish(sessions, session, CODE_SERVER_FULL, GAME_LOST);
    }
    session_forget_if_done(sessions, session);
    session_unlock(session);
}

/* ---- Receiving. */

static enum code receive_hello(struct sessions *sessions, struct attachment *attachment,
                               const struct message_hello *hello, const char *address) {
    if (attachment->session) return CODE_HELLO_TWICE;
    enum code judged = judge_hello(hello);
    if (judged != CODE_NONE) return judged;
    if (hello->session[0] && resume(sessions, attachment, hello, address)) return CODE_NONE;
    return begin(sessions, attachment, hello, address);
}

/* Forgets the frames up to `tick`; says what is to be learnt from them. */
static struct flow_news forget_written(struct session *session, uint32_t tick) {
    struct flow_news news = {0};
    for (uint32_t i = 0; i < session->written_count; i++)
        news.bytes_left += session_written(session, i)->bytes;
    for (; session->written_count && session_written(session, 0)->tick <= tick; session->written_count--) {
        const struct session_written *oldest = session_written(session, 0);
        news.last_us = oldest->at_us;
        if (news.frames == 0) news.first_us = news.last_us;
        news.bytes += oldest->bytes;
        news.frames++;
        undo_forget_oldest(session);
        session->written_first = (uint8_t)((session->written_first + 1) & (session->written_room - 1));
    }
    news.bytes_left -= news.bytes;
    return news;
}

/* Over HTTP a post may come after the request that took its client back to an earlier tick. */
enum code session_acknowledge(const struct sessions *sessions, struct session *session, uint32_t tick,
                              uint64_t now_us) {
    if (tick <= session->acknowledged) return CODE_NONE;
    if (tick > session->base) return session->link ? CODE_NONE : CODE_RANGE;
    session->acknowledged = tick;
    struct flow_news news = forget_written(session, tick);
    if (news.frames) flow_acknowledge(&session->flow, &news, sessions->tick_us, now_us);
    return CODE_NONE;
}

static enum code put(struct sessions *sessions, const struct session *session, struct arrival *arrival) {
    arrival->player = session->player;
    arrival->session = session->id;
    arrival->instance = session->instance;
    session_put(sessions, arrival);
    return CODE_NONE;
}

/* Idle is who goes on doing the same, however often that is said. */
static void note_activity(struct session *session, const int32_t *cells, size_t count, uint64_t now_us) {
    uint64_t mix = count;
    for (size_t i = 0; i < count; i++) mix = mix_step(mix, (uint32_t)cells[i]);
    if ((uint32_t)mix != session->input_mix) session->active_us = now_us;
    session->input_mix = (uint32_t)mix;
}

/* A client that came back, or over HTTP was taken back, says anew what it does not know to be used. */
static enum code receive_input(struct sessions *sessions, struct session *session, struct message_up *up,
                               uint64_t now_us) {
    const struct shape *shape = &session->shapes->input;
    struct arrival arrival = {
        .what = ARRIVAL_INPUT, .number = up->sequence, .cell_count = (uint8_t)shape->cell_count};
    uint32_t ahead;
    enum code code = message_read_input(&up->values, shape, arrival.cells, &ahead);
    bool again = up->sequence <= session->sequence, may = session->link || session->resumed;
    if (code == CODE_NONE && again && !may) code = CODE_SEQUENCE;
    if (code == CODE_NONE) code = session_acknowledge(sessions, session, up->acknowledged, now_us);
    if (code != CODE_NONE || again) return code;
    session->sequence = up->sequence;
    arrival.seen = session->acknowledged * LIMIT_SEEN_PARTS + ahead;
    note_activity(session, arrival.cells, shape->cell_count, now_us);
    metrics_add(METRIC_inputs, 1);
    return put(sessions, session, &arrival);
}

static enum code receive_call(struct sessions *sessions, struct session *session, struct message_up *up,
                              uint64_t now_us) {
    struct arrival arrival = {.what = ARRIVAL_CALL, .number = up->ticket, .record = (uint16_t)up->record};
    const struct shape_set *shapes = session->shapes;
    if (up->record >= shapes->record_count || shapes->records[up->record].use != SCHEMA_CALL)
        return CODE_RANGE;
    enum code code = message_read_values(&up->values, &shapes->records[up->record], arrival.cells);
    if (code != CODE_NONE) return code;
    arrival.cell_count = (uint8_t)shapes->records[up->record].cell_count;
    session->active_us = now_us;
    return put(sessions, session, &arrival);
}

static enum code receive_ping(struct session *session, uint64_t stamp, uint64_t now_us) {
    struct session_answers *answers = session_answers(session);
    if (!answers) return CODE_NONE; /* no memory, no answer */
    if (answers->ping_count == SESSION_PINGS) {
        memmove(answers->pings, answers->pings + 1, (SESSION_PINGS - 1) * sizeof *answers->pings);
        answers->ping_count--;
    }
    answers->pings[answers->ping_count].stamp = stamp;
    answers->pings[answers->ping_count++].received_us = now_us;
    return CODE_NONE;
}

/* The room makes hashes for its next publication; the first frame that can state one does. */
static enum code receive_hash(struct sessions *sessions, struct session *session) {
    struct arrival arrival = {.what = ARRIVAL_HASH};
    session->hash_asked = true;
    return put(sessions, session, &arrival);
}

/* A message of a player who was greeted; before that only BYE and PING have a meaning, all else is early and
 * passed over. */
static enum code receive_seated(struct sessions *sessions, struct session *session, struct message_up *up,
                                uint64_t now_us) {
    if (up->type == MESSAGE_BYE_UP) return CODE_LEFT;
    if (up->type == MESSAGE_PING) return receive_ping(session, up->stamp, now_us);
    if (session->state != SESSION_SEATED || !session->greeted) return CODE_NONE;
    switch (up->type) {
    case MESSAGE_INPUT:
        return receive_input(sessions, session, up, now_us);
    case MESSAGE_HASH:
        return receive_hash(sessions, session);
    case MESSAGE_ACK:
        return session_acknowledge(sessions, session, up->acknowledged, now_us);
    default:
        return receive_call(sessions, session, up, now_us);
    }
}

/* Milliseconds since the bucket was refilled last; none if that was on another thread, which looked at the
 * clock after this one. */
static uint32_t unfilled_ms(const struct attachment *attachment, uint32_t now_ms) {
    uint32_t passed_ms = now_ms - attachment->refilled_ms;
    return passed_ms < UINT32_MAX - BEHIND_MS ? passed_ms : 0;
}

/* A bucket of messages that refills with time (three a tick and some). */
bool session_floods(const struct sessions *sessions, struct attachment *attachment, uint64_t now_us) {
    uint64_t full = (uint64_t)sessions->allowance_rate * ALLOWANCE_SECONDS;
    uint32_t now_ms = (uint32_t)(now_us / 1000);
    if (attachment->refilled_ms == 0) {
        attachment->refilled_ms = now_ms;
        attachment->allowance = (uint16_t)full;
    }
    uint64_t earned = (uint64_t)unfilled_ms(attachment, now_ms) * sessions->allowance_rate / 1000;
    if (earned) {
        attachment->refilled_ms = now_ms;
        uint64_t sum = attachment->allowance + earned;
        attachment->allowance = (uint16_t)(sum > full ? full : sum);
    }
    if (attachment->allowance == 0) return true;
    attachment->allowance--;
    return false;
}

enum code session_take(struct sessions *sessions, struct session *session, struct attachment *attachment,
                       const uint8_t *bytes, size_t size, uint64_t now_us) {
    struct message_up up;
    if (session_floods(sessions, attachment, now_us)) return CODE_FLOOD;
    enum code code = message_read_up(bytes, size, &up);
    if (code != CODE_NONE) return code;
    return up.type == MESSAGE_HELLO ? CODE_HELLO_TWICE : receive_seated(sessions, session, &up, now_us);
}

static enum code receive(struct sessions *sessions, struct attachment *attachment, const uint8_t *bytes,
                         size_t size, uint64_t now_us, const char *address) {
    struct message_up up;
    if (session_floods(sessions, attachment, now_us)) return CODE_FLOOD;
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
    enum code code = receive(sessions, attachment, bytes, size, now_us, address);
    if (code != CODE_NONE) session_break(sessions, attachment, code, now_us);
    return code;
}
