#include "server/session/broadcaster.h"
#include "protocol/frame.h"
#include "server/session/assembly.h"
#include "server/session/session_link.h"
#include "server/metrics.h"
#include "server/session/session_comeback.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    EVENT_BYTES = 8192,    /* of events in one frame; the rest rides in the next */
    ANSWER_BYTES = 2048,   /* SESSION_PINGS and SESSION_REPLIES fit */
    EVENT_HEAD_BYTES = 16, /* number, record and age before an event's values */
    HEAD_BYTES = 16,       /* of a frame; kept back from a budget */
    EXPECT_BYTES = 1024, /* of sets that are worth fetching ahead: beyond it the processor sees the pattern */
    SECOND_US = 1000000,
    REST_US = SECOND_US / 2, /* shorter rests are not worth their timer */
    LINE_US = 10 * SECOND_US /* how long the line may stand still before its place is told again */
};

struct broadcaster {
    struct board *board;
    struct sessions *sessions;
    uint32_t thread, tick_us, rate;
    uint64_t keepalive_us;
    uint64_t frames, frames_alike, rows_copied, frame_bytes, held_back; /* not handed in to the metrics yet */
    struct assembly *assembly;
    struct rests *rests;
    uint8_t events[EVENT_BYTES], answers[ANSWER_BYTES];
    uint8_t out[LIMIT_FRAME];
};

struct broadcaster *broadcaster_create(struct board *board, struct sessions *sessions,
                                       const struct config *config, uint32_t thread) {
    struct broadcaster *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    made->board = board;
    made->sessions = sessions;
    made->thread = thread;
    made->rate = config->rate;
    made->tick_us = 1000000 / config->rate;
    made->keepalive_us = config->keepalive_ms * UINT64_C(1000);
    made->assembly = assembly_create(config->rate);
    made->rests = rests_create(board, sessions, config->rooms_max);
    if (made->assembly && made->rests) return made;
    broadcaster_destroy(made);
    return NULL;
}

void broadcaster_destroy(struct broadcaster *broadcaster) {
    if (!broadcaster) return;
    assembly_destroy(broadcaster->assembly);
    rests_destroy(broadcaster->rests);
    free(broadcaster);
}

struct rests *broadcaster_rests(const struct broadcaster *broadcaster) {
    return broadcaster->rests;
}

void broadcaster_end(struct broadcaster *broadcaster) {
    board_unpin(broadcaster->board, broadcaster->thread);
    metrics_add(METRIC_frames, broadcaster->frames);
    metrics_add(METRIC_frames_alike, broadcaster->frames_alike);
    metrics_add(METRIC_rows_copied, broadcaster->rows_copied);
    metrics_add(METRIC_frame_bytes, broadcaster->frame_bytes);
    metrics_add(METRIC_frames_held_back, broadcaster->held_back);
    broadcaster->frames = broadcaster->frames_alike = broadcaster->rows_copied = broadcaster->frame_bytes =
        broadcaster->held_back = 0;
}

/* ---- Events and answers. */

struct making { /* one frame */
    struct broadcaster *by;
    struct session *session;
    const struct publication *from;
    uint64_t now_us;
    bool quiet; /* nothing is due that only shows that the line stands */
};

static void write_event(const struct making *making, const struct publication_event *event,
                        struct wire_writer *into, uint32_t *elements) {
    wire_uint(into, event->number - making->session->event_told);
    wire_uint(into, event->record);
    wire_uint(into, making->from->tick - event->tick);
    wire_copy(into, making->from->events->bytes + event->at, event->size);
    *elements += 3u + event->elements;
    making->session->event_told = event->number;
}

/* Whether a later event of the same record is on its way to this player. */
static bool is_superseded(const struct making *making, uint32_t at) {
    const struct publication *from = making->from;
    for (uint32_t i = at + 1; i < from->event_count; i++)
        if (from->events->all[i].record == from->events->all[at].record &&
            publication_may_hold(from, making->session->player, from->events->all[i].to))
            return true;
    return false;
}

static bool is_worth_telling(const struct making *making, uint32_t at) {
    const struct publication_event *event = &making->from->events->all[at];
    if (!publication_may_hold(making->from, making->session->player, event->to)) return false;
    if (event->use == SCHEMA_MAY_DROP) return making->from->tick - event->tick <= PUBLICATION_MAY_DROP_TICKS;
    return event->use != SCHEMA_NEWEST_WINS || !is_superseded(making, at);
}

static struct frame_slice write_events(const struct making *making) {
    struct session *session = making->session;
    struct wire_writer into = wire_writer_init(making->by->events, sizeof making->by->events);
    struct frame_slice list = {.bytes = into.bytes};
    for (uint32_t i = 0; i < making->from->event_count; i++) {
        const struct publication_event *event = &making->from->events->all[i];
        if (event->number <= session->event_seen) continue;
        if (into.size + event->size + EVENT_HEAD_BYTES > EVENT_BYTES) break;
        session->event_seen = event->number;
        if (is_worth_telling(making, i)) write_event(making, event, &into, &list.elements);
    }
    CHECK(!into.full);
    list.size = into.size;
    return list;
}

/* They are told, whether or not they arrive. */
static void forget_answers(struct session *session) {
    free(session->answers->replies);
    free(session->answers);
    session->answers = NULL;
}

/* Which row is the player's own, if that is another than it was told. */
static void write_own(const struct making *making, struct frame_slice *list, struct wire_writer *into) {
    struct session *session = making->session;
    uint32_t own = publication_own(making->from, session->shapes, session->player);
    if (own == session->stated_own) return;
    session->stated_own = own;
    message_write_own(into, own);
    list->elements++;
}

/* What became of inputs, as far as `used` does not say: each tick that used none repeated the last. */
static void write_missed(const struct making *making, struct frame_slice *list, struct wire_writer *into) {
    const struct publication_player *player = &making->from->players[making->session->player];
    const struct session *session = making->session;
    uint32_t ticks = making->from->tick - session->base, used = player->used - session->stated_used;
    uint16_t repeated = (uint16_t)(player->repeated - session->stated_repeated);
    uint16_t unused = (uint16_t)(player->unused - session->stated_unused);
    if (unused == 0 && repeated <= (ticks > used ? ticks - used : 0)) return;
    message_write_missed(into, repeated, unused);
    list->elements++;
}

static void write_asked(const struct making *making, struct frame_slice *list, struct wire_writer *into) {
    struct session_answers *answers = making->session->answers;
    if (!answers) return;
    for (int i = 0; i < answers->ping_count; i++) {
        uint64_t received_us = answers->pings[i].received_us; /* another thread may have looked later */
        uint64_t held_us = received_us < making->now_us ? making->now_us - received_us : 0;
        message_write_pong(into, &(struct message_pong){answers->pings[i].stamp, received_us, held_us});
    }
    if (answers->reply_count) wire_copy(into, answers->replies, answers->reply_bytes);
    list->elements += answers->ping_count + (uint32_t)answers->reply_count;
    forget_answers(making->session);
}

static struct frame_slice write_answers(const struct making *making) {
    struct wire_writer into = wire_writer_init(making->by->answers, sizeof making->by->answers);
    struct frame_slice list = {.bytes = into.bytes};
    write_own(making, &list, &into);
    write_missed(making, &list, &into);
    write_asked(making, &list, &into);
    CHECK(!into.full);
    list.size = into.size;
    return list;
}

/* ---- One frame. */

/* What the session's budget allows for rows now. What was written is paid for as time passes; at most a
 * second's worth is saved up. */
static uint32_t allowance(struct session *session, uint64_t now_us) {
    if (!session->budget) return UINT32_MAX;
    if (session->paid_us + SECOND_US < now_us) session->paid_us = now_us - SECOND_US;
    if (session->paid_us >= now_us) return 0;
    uint64_t earned = (now_us - session->paid_us) * session->budget / SECOND_US;
    return earned > HEAD_BYTES ? (uint32_t)(earned - HEAD_BYTES) : 0;
}

/* The link may be slower than the budget: then what it can't pass on within a tick leaves soon. */
static struct assembly_room room_for_rows(const struct broadcaster *by, struct session *session,
                                          uint64_t now_us) {
    uint32_t budget = allowance(session, now_us), link = flow_room(&session->flow, by->tick_us, now_us);
    if (budget <= link) return (struct assembly_room){budget, ASSEMBLY_WAIT_MS};
    return (struct assembly_room){link, ASSEMBLY_WAIT_LINK_MS};
}

static bool anything_due(const struct making *making, const struct frame *frame) {
    const struct session *session = making->session;
    for (int i = 0; i < FRAME_LISTS; i++)
        if (frame->lists[i].elements) return true;
    if (frame->used || !session->framed) return true;
    if (making->quiet) return frame->hash && session->hash_asked;
    return frame->hash || making->now_us - session->wrote_us >= making->by->keepalive_us;
}

/* Nothing was new in its room since a hash was told. */
static bool stands_still(const struct making *making) {
    return making->session->hash_told && making->from->news <= making->session->base;
}

static bool states_hash(const struct making *making) {
    return (making->from->scheduled && !stands_still(making)) || making->session->hash_asked;
}

static struct frame outline(const struct making *making) {
    const struct publication_player *player = &making->from->players[making->session->player];
    struct frame frame = {.advance = making->from->tick - making->session->base,
                          .used = player->used - making->session->stated_used,
                          .hash = states_hash(making) ? assembly_hash(making->by->assembly) : 0};
    if (frame.used) frame.late = making->from->tick - player->used_tick;
    for (int i = 0; i < FRAME_EVENTS; i++)
        frame.lists[i] = assembly_list(making->by->assembly, (enum frame_list)i);
    frame.lists[FRAME_EVENTS] = write_events(making);
    frame.lists[FRAME_ANSWERS] = write_answers(making);
    return frame;
}

static void commit(const struct making *making, const struct frame *frame, size_t bytes) {
    struct session *session = making->session;
    struct session_written *written = session_written(session, session->written_count);
    assembly_commit(making->by->assembly, session);
    written->tick = making->from->tick;
    written->at_us = making->now_us & 0xffffffffffff;
    written->used = frame->used & SESSION_USED;
    if (frame->used > SESSION_USED) session->undo_floor = making->from->tick;
    written->bytes = (uint32_t)bytes & 0xfffff;
    flow_write(&session->flow, bytes, making->now_us);
    session->written_count++;
    session->hash_told = frame->hash || (stands_still(making) && assembly_says_nothing(making->by->assembly));
    session->base = making->from->tick;
    session->stated_used += frame->used;
    session->stated_repeated = (uint16_t)making->from->players[session->player].repeated;
    session->stated_unused = (uint16_t)making->from->players[session->player].unused;
    session->wrote_us = making->now_us;
    if (session->budget) session->paid_us += bytes * SECOND_US / session->budget;
    session->framed = true;
    if (frame->hash) session->hash_asked = false;
    making->by->frames++;
    making->by->frames_alike += assembly_alike(making->by->assembly);
    making->by->rows_copied += assembly_copies(making->by->assembly);
    making->by->frame_bytes += bytes;
}

/* How many frames an acknowledgement is to tell of, if that is another number than it was told: with the next
 * frame that is due, since it is of use only then. */
static void add_acks(const struct making *making, struct frame_slice *answers) {
    struct flow *flow = &making->session->flow;
    uint32_t acks = flow_acks(flow);
    if (acks == flow->more + 1u || !making->session->framed) return;
    struct wire_writer into =
        wire_writer_init(making->by->answers + answers->size, sizeof making->by->answers - answers->size);
    flow_tell(flow, acks);
    message_write_acks(&into, acks);
    CHECK(!into.full);
    answers->size += into.size;
    answers->elements++;
}

static size_t write_frame(const struct making *making) {
    struct assembly_room room = room_for_rows(making->by, making->session, making->now_us);
    if (!assembly_make(making->by->assembly, making->session, making->from, room)) return 0;
    struct frame frame = outline(making);
    if (!anything_due(making, &frame)) return 0;
    add_acks(making, &frame.lists[FRAME_ANSWERS]);
    struct wire_writer writer = wire_writer_init(making->by->out, sizeof making->by->out);
    frame_write(&writer, &frame);
    CHECK(!writer.full);
    commit(making, &frame, writer.size);
    return writer.size;
}

/* ---- Welcome and goodbye. */

/* The client holds nothing, as of this publication. */
static void begin_anew(struct session *session, const struct publication *from) {
    session->framed = false;
    session->base = session->acknowledged = from->tick;
    session->undo_floor = from->tick + 1; /* what somebody else held at this very tick is another's */
    session->written_first = session->written_count = 0;
    session->undo_first = session->undo_count = 0;
    session->paid_us = 0;
    session->event_first = session->event_seen = from->event_last;
    session->event_told = 0;
    session->looked = 0;
    memset(session->held, 0, session->held_words * sizeof *session->held);
    if (!session->owes) return;
    memset(session_owed(session), 0, session->held_words * sizeof *session->held);
    memset(session_waiting(session), 0, session->held_words * sizeof *session->held);
    session->owes = false;
}

static size_t write_welcome(struct broadcaster *by, struct session *session, const struct publication *from,
                            uint64_t now_us) {
    struct message_welcome welcome = {.instance = from->instance,
                                      .player = session->player,
                                      .tick = session->kept ? session->base : from->tick,
                                      .kept = session->kept,
                                      .rate = by->rate,
                                      .lane = session->lane,
                                      .now_us = now_us,
                                      .used = session->kept ? session->stated_used
                                                            : from->players[session->player].used};
    session_token(session, welcome.session);
    if (session->entry) memcpy(welcome.device, session->entry->device, sizeof welcome.device);
    memcpy(welcome.name, session->name, sizeof welcome.name);
    snprintf(welcome.room, sizeof welcome.room, "%s", session->room_name);
    struct wire_writer writer = wire_writer_init(by->out, sizeof by->out);
    message_write_welcome(&writer, &welcome, from->shapes[session->lane], from->rules);
    CHECK(!writer.full);
    session->greeted = true;
    session->hash_told = false;
    free(session->entry);
    session->entry = NULL;
    session->stated_used = session->sequence = welcome.used;
    session->stated_own = 0;
    session->flow.more = 0;
    session->stated_repeated = (uint16_t)from->players[session->player].repeated;
    session->stated_unused = (uint16_t)from->players[session->player].unused;
    if (!session->kept) begin_anew(session, from);
    link_welcome(session, &(struct link_origin){welcome.tick, welcome.used});
    return writer.size;
}

size_t broadcaster_bye(enum code code, uint8_t *into, size_t size) {
    struct wire_writer writer = wire_writer_init(into, size);
    message_write_bye(&writer, code, comeback_wait_ms(code));
    CHECK(!writer.full);
    return writer.size;
}

static struct broadcast goodbye(struct broadcaster *broadcaster, enum code code) {
    return (struct broadcast){.bytes = broadcaster->out,
                              .size = broadcaster_bye(code, broadcaster->out, sizeof broadcaster->out),
                              .end = code};
}

static struct broadcast message(const struct broadcaster *by, const struct session *session, size_t size) {
    return (struct broadcast){
        .bytes = by->out, .size = size, .placed = true, .tick = session->base, .event = session->event_told};
}

static void expect_again(struct attachment *attachment, const struct session *session) {
    size_t bytes = 2 * session->held_words * sizeof *session->held; /* held and near */
    attachment->room = session->room;
    attachment->sets = session->held;
    attachment->written = session->written_room ? session_written(session, session->written_count) : NULL;
    attachment->sets_bytes = bytes < EXPECT_BYTES ? (uint16_t)bytes : EXPECT_BYTES;
}

void broadcaster_expect(const struct broadcaster *broadcaster, const struct attachment *attachment) {
    session_expect(broadcaster->sessions, attachment);
}

static const struct publication *pin_for(struct broadcaster *by, const struct session *session) {
    const struct publication *from = board_pin(by->board, by->thread, session->room);
    if (!from || from->instance != session->instance || from->tick < session->first_tick) return NULL;
    return from->lanes[session->lane].active ? from : NULL;
}

/* It was looked at in full since its room stands still, and was told so by a hash: what it must be told next
 * is not here yet, but for its keep-alive. Over HTTP a link has times of its own. */
static struct broadcast rest(const struct making *making, struct attachment *attachment) {
    struct session *session = making->session;
    uint64_t until_us = session->wrote_us + making->by->keepalive_us;
    bool seen = session->looked == 0 || session->looked >= making->from->news;
    bool rests = seen && stands_still(making) && assembly_says_nothing(making->by->assembly) &&
                 !session->hash_asked && !attachment->downlink && until_us >= making->now_us + REST_US;
    if (rests) {
        session_spare_room(session);
        rests_take(making->by->rests, attachment, session, making->from);
    }
    return (struct broadcast){.rests_until_us = rests ? until_us : 0};
}

/* Something that must arrive can't be told any more. */
static bool misses_events(const struct session *session, const struct publication *from) {
    return publication_event_lost(from, session->player) > session->event_seen;
}

/* Nor how much time passed. */
static bool is_too_long(const struct session *session, const struct publication *from) {
    return from->tick - session->base > LIMIT_ADVANCE;
}

/* Who comes back too late for what it holds begins anew. */
static struct broadcast greet(struct broadcaster *by, struct session *session, const struct publication *from,
                              uint64_t now_us) {
    if (misses_events(session, from) || is_too_long(session, from)) session->kept = false;
    return message(by, session, write_welcome(by, session, from, now_us));
}

static struct broadcast next_seated(struct broadcaster *by, struct session *session,
                                    struct attachment *attachment, uint64_t now_us) {
    const struct publication *from = pin_for(by, session);
    struct broadcast nothing = {0};
    if (!from) return nothing;
    if (!session_widen(session, from->words)) return goodbye(by, CODE_BROKEN);
    if (!session->greeted) return greet(by, session, from, now_us);
    if (from->tick <= session->base) return nothing;
    bool closed = !session_make_room(session) ||
                  flow_closed(&session->flow, session->written_count, by->tick_us, now_us);
    if (misses_events(session, from) || (closed && is_too_long(session, from))) {
        session_finish(by->sessions, session, CODE_TOO_SLOW, GAME_KICKED);
        return goodbye(by, CODE_TOO_SLOW);
    }
    if (closed) {
        by->held_back++;
        return nothing;
    }
    struct making making = {by, session, from, now_us, attachment->quiet};
    size_t size = write_frame(&making);
    return size ? message(by, session, size) : rest(&making, attachment);
}

/* Of a session that this attachment has no part in any more. */
static enum code why_lost(struct sessions *sessions, const struct attachment *attachment) {
    return session_was_silent(sessions, attachment) ? CODE_SILENT : CODE_REPLACED;
}

/* The place in line: when it has changed, and as a sign of life. */
static struct broadcast next_waiting(struct broadcaster *by, struct session *session, uint64_t now_us) {
    struct session_entry *entry = session->entry;
    uint64_t quiet_us = now_us - session->wrote_us;
    bool changed = entry->place != entry->place_told;
    if (entry->place_told && quiet_us < (changed ? SECOND_US : LINE_US)) return (struct broadcast){0};
    struct wire_writer writer = wire_writer_init(by->out, sizeof by->out);
    message_write_queued(&writer, entry->place);
    entry->place_told = entry->place;
    session->wrote_us = now_us;
    return (struct broadcast){.bytes = by->out, .size = writer.size};
}

struct broadcast broadcaster_next(struct broadcaster *broadcaster, struct attachment *attachment,
                                  uint64_t now_us) {
    struct broadcast due = {0};
    rests_leave(broadcaster->rests, attachment);
    if (!attachment->session) return due;
    struct session *session = session_lock(broadcaster->sessions, attachment);
    if (!session) return goodbye(broadcaster, why_lost(broadcaster->sessions, attachment));
    if (!link_speaks(session, attachment))
        due.followed = true;
    else if (session->state == SESSION_ENDING)
        due = goodbye(broadcaster, (enum code)session->end_code);
    else if (session->state == SESSION_WAITING)
        due = next_waiting(broadcaster, session, now_us);
    else if (session->state == SESSION_SEATED)
        due = next_seated(broadcaster, session, attachment, now_us);
    expect_again(attachment, session);
    session_unlock(session);
    return due;
}

/* ---- The whole state. */

static size_t write_state(struct broadcaster *by, struct session *session, uint64_t now_us, uint64_t *mix) {
    const struct publication *from = pin_for(by, session);
    struct link_origin origin;
    if (!from || !session_widen(session, from->words) || !link_pull(session, from->tick, &origin)) return 0;
    begin_anew(session, from);
    session->base = origin.tick;
    session->stated_used = origin.used;
    session->stated_own = 0;
    struct assembly_room room = {UINT32_MAX, ASSEMBLY_WAIT_MS};
    if (!assembly_make(by->assembly, session, from, room)) return 0;
    struct making making = {.by = by, .session = session, .from = from, .now_us = now_us};
    struct frame frame = outline(&making);
    struct wire_writer writer = wire_writer_init(by->out, sizeof by->out);
    frame_write(&writer, &frame);
    CHECK(!writer.full);
    *mix = assembly_mix(by->assembly);
    return writer.size;
}

struct broadcast broadcaster_state(struct broadcaster *broadcaster, struct attachment *attachment,
                                   uint64_t now_us, uint64_t *mix) {
    struct broadcast due = {.bytes = broadcaster->out};
    struct session *session = session_lock(broadcaster->sessions, attachment);
    if (!session) return due;
    if (session->state == SESSION_SEATED) due.size = write_state(broadcaster, session, now_us, mix);
    session_unlock(session);
    return due;
}
