#include "server/broadcaster.h"
#include "protocol/frame.h"
#include "server/interest.h"
#include "server/metrics.h"
#include <stdlib.h>

enum {
    EVENT_BYTES = 8192,  /* of events in one frame; the rest rides in the next */
    ANSWER_BYTES = 2048, /* SESSION_PINGS and SESSION_REPLIES fit */
    GAPS_LONG_BYTES = 2 * 512,
    ENTRY_BYTES = 3 + 5 + 1, /* gap, age and mask before an entry's values */
    ROW_BYTES = LIMIT_FRAME - EVENT_BYTES - ANSWER_BYTES - 64,
    GATE_UNKNOWN = 4, /* frames under way before the first round trip is known */
    WAIT_MS = 2000    /* told with codes that let a client come back */
};

struct list { /* of a frame, growing: numbers or ranks go upward */
    struct wire_writer writer;
    uint32_t elements, next;
};

struct broadcaster {
    struct board *board;
    struct sessions *sessions;
    uint32_t thread, tick_us, rate;
    uint64_t keepalive_us;
    uint64_t frames, frame_bytes, held_back; /* not handed in to the metrics yet */
    uint64_t held[LIMIT_ROWS / 64], leave[LIMIT_ROWS / 64], enter[LIMIT_ROWS / 64], need[LIMIT_ROWS / 64];
    uint8_t scratch[FRAME_LISTS][LIMIT_FRAME];
    uint8_t out[LIMIT_FRAME];
};

/* What one frame is made from. */
struct making {
    struct broadcaster *by;
    struct session *session;
    const struct publication *from;
    const struct publication_lane *lane;
    const struct shape_set *shapes;
    const struct lane_blobs *blobs_of;
    size_t words;
    uint32_t bytes_left; /* for rows */
    struct list lists[FRAME_LISTS];
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
    return made;
}

void broadcaster_destroy(struct broadcaster *broadcaster) {
    free(broadcaster);
}

void broadcaster_end(struct broadcaster *broadcaster) {
    board_unpin(broadcaster->board, broadcaster->thread);
    metrics_add(METRIC_frames, broadcaster->frames);
    metrics_add(METRIC_frame_bytes, broadcaster->frame_bytes);
    metrics_add(METRIC_frames_held_back, broadcaster->held_back);
    broadcaster->frames = broadcaster->frame_bytes = broadcaster->held_back = 0;
}

/* ---- Sets: who leaves, what needs an update, who enters. */

static bool may_hold(const struct making *making, struct game_to to) {
    if (to.whom == GAME_TO_ONE) return to.id == making->session->player;
    if (to.whom == GAME_TO_GROUP)
        return making->from->players[making->session->player].groups >> (to.id & 63) & 1;
    return true;
}

/* Everything that this player may hold and is near enough to; into `enter` for now. */
static void find_wanted(const struct making *making) {
    const struct publication *from = making->from;
    struct session *session = making->session;
    uint64_t *wanted = making->by->enter;
    interest_update(session, from);
    memcpy(wanted, from->everyone, making->words * sizeof *wanted);
    for (uint32_t i = 0; i < from->reserved_count; i++)
        if (may_hold(making, from->reserved_to[i])) held_add(wanted, from->reserved[i]);
    for (size_t i = 0; i < making->words; i++) wanted[i] &= session->near[i] | ~from->grid.placed[i];
}

/* Held rows that became another thing since the base. */
static uint64_t reborn(const struct making *making, size_t word, uint64_t held) {
    uint64_t found = 0;
    if (making->session->base + 1 == making->from->tick) return held & making->from->newborn[word];
    for (; held; held &= held - 1) {
        uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(held);
        if (making->from->born[row] > making->session->base) found |= held & -held;
    }
    return found;
}

/* Held rows that were sent since the base. */
static uint64_t resent(const struct making *making, size_t word, uint64_t held) {
    uint64_t found = 0;
    if (making->session->base + 1 == making->from->tick) return held & making->lane->changed[word];
    for (; held; held &= held - 1) {
        uint32_t row = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(held);
        if (making->lane->rows[row].sent > making->session->base) found |= held & -held;
    }
    return found;
}

static void find_sets(const struct making *making) {
    struct broadcaster *by = making->by;
    find_wanted(making);
    for (size_t i = 0; i < making->words; i++) {
        uint64_t held = making->session->held[i], wanted = by->enter[i];
        by->leave[i] = (held & ~wanted) | reborn(making, i, held & wanted);
        by->need[i] = resent(making, i, held & ~by->leave[i]);
        by->enter[i] = wanted & ~(held & ~by->leave[i]);
    }
}

/* ---- What fits. Rows whose update does not fit leave and enter again with a later frame. */

static bool takes_change(const struct making *making, const struct lane_row *row) {
    return row->sent_before <= making->session->base && row->change_size > 0;
}

static bool spend(struct making *making, uint32_t bytes) {
    if (making->bytes_left < bytes) return false;
    making->bytes_left -= bytes;
    return true;
}

/* Leavings always fit: gaps sum up to less than 65,536, so at most 512 of them take more than a byte. All
 * that is held might leave in the end, when updates don't fit. */
static void reserve_leavings(struct making *making) {
    bool well = spend(making, held_count(making->session->held, making->words) + GAPS_LONG_BYTES);
    CHECK(well);
}

static void spend_updates(struct making *making) {
    struct broadcaster *by = making->by;
    for (size_t i = 0; i < making->words; i++) {
        for (uint64_t left = by->need[i]; left; left &= left - 1) {
            uint64_t bit = left & -left;
            const struct lane_row *row = &making->lane->rows[i * 64 + (size_t)__builtin_ctzll(left)];
            uint32_t size = takes_change(making, row) ? row->change_size : row->whole_size;
            if (spend(making, size + ENTRY_BYTES)) continue;
            by->need[i] &= ~bit;
            by->leave[i] |= bit;
        }
    }
}

static void spend_enterings(struct making *making) {
    struct broadcaster *by = making->by;
    for (size_t i = 0; i < making->words; i++) {
        for (uint64_t left = by->enter[i]; left; left &= left - 1) {
            const struct lane_row *row = &making->lane->rows[i * 64 + (size_t)__builtin_ctzll(left)];
            if (!spend(making, row->whole_size + ENTRY_BYTES)) by->enter[i] &= ~(left & -left);
        }
    }
}

/* ---- Lists. */

static void put_gap(struct list *list, uint32_t number) {
    wire_uint(&list->writer, number - list->next);
    list->next = number + 1;
    list->elements++;
}

/* Leavings, by rank in what was held. */
static void write_leavings(struct making *making) {
    struct list *list = &making->lists[FRAME_LEAVINGS];
    uint32_t before = 0;
    for (size_t i = 0; i < making->words; i++) {
        uint64_t held = making->session->held[i];
        for (uint64_t left = making->by->leave[i]; left; left &= left - 1)
            put_gap(list, before + held_below(held, (uint32_t)__builtin_ctzll(left)));
        before += (uint32_t)__builtin_popcountll(held);
    }
}

static void write_entering(struct making *making, uint32_t number) {
    struct list *list = &making->lists[FRAME_ENTERINGS];
    const struct shape_kind *kind = shape_kind_of(making->shapes, number);
    const struct lane_blobs *blobs = &making->blobs_of[kind - making->shapes->kinds];
    const struct lane_row *row = &making->lane->rows[number];
    put_gap(list, number);
    wire_uint(&list->writer, kind->predictor == PREDICT_NONE ? 0 : making->from->tick - row->whole_tick);
    wire_copy(&list->writer, lane_whole(blobs, making->lane->blobs, number - kind->first), row->whole_size);
    list->elements += 1u + row->whole_elements;
}

/* Enterings, by row number; after it `held` is what is held from now on. */
static void write_enterings(struct making *making) {
    struct broadcaster *by = making->by;
    for (size_t i = 0; i < making->words; i++) {
        by->held[i] = (making->session->held[i] & ~by->leave[i]) | by->enter[i];
        for (uint64_t left = by->enter[i]; left; left &= left - 1)
            write_entering(making, (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(left));
    }
}

static void write_update(struct making *making, uint32_t number, uint32_t rank) {
    const struct shape_kind *kind = shape_kind_of(making->shapes, number);
    const struct lane_blobs *blobs = &making->blobs_of[kind - making->shapes->kinds];
    const struct lane_row *row = &making->lane->rows[number];
    uint32_t tick = making->from->tick, slot = number - kind->first;
    bool change = takes_change(making, row), fresh = change && row->sent == tick;
    struct list *list = &making->lists[fresh ? FRAME_CHANGES : FRAME_STALE];
    put_gap(list, rank);
    if (!fresh) {
        bool still = kind->predictor == PREDICT_NONE && !change;
        wire_uint(&list->writer, still ? 0 : tick - (change ? row->sent : row->whole_tick));
        list->elements++;
    }
    if (change) {
        wire_copy(&list->writer, lane_change(blobs, making->lane->blobs, slot), row->change_size);
        list->elements += row->change_elements;
    } else {
        wire_uint(&list->writer, 0);
        wire_copy(&list->writer, lane_whole(blobs, making->lane->blobs, slot), row->whole_size);
        list->elements += 1u + row->whole_elements;
    }
}

/* Changes, by rank in what is held from now on. */
static void write_updates(struct making *making) {
    struct broadcaster *by = making->by;
    uint32_t before = 0;
    for (size_t i = 0; i < making->words; i++) {
        uint64_t held = by->held[i];
        for (uint64_t left = by->need[i]; left; left &= left - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(left);
            write_update(making, (uint32_t)(i * 64) + bit, before + held_below(held, bit));
        }
        before += (uint32_t)__builtin_popcountll(held);
    }
}

/* ---- Events and answers. */

static void write_event(struct making *making, const struct publication_event *event) {
    struct list *list = &making->lists[FRAME_EVENTS];
    wire_uint(&list->writer, event->number - making->session->event_told);
    wire_uint(&list->writer, event->record);
    wire_uint(&list->writer, making->from->tick - event->tick);
    wire_copy(&list->writer, making->from->event_bytes + event->at, event->size);
    list->elements += 3u + event->elements;
    making->session->event_told = event->number;
}

static void write_events(struct making *making) {
    struct session *session = making->session;
    for (uint32_t i = 0; i < making->from->event_count; i++) {
        const struct publication_event *event = &making->from->events[i];
        if (event->number <= session->event_seen) continue;
        if (making->lists[FRAME_EVENTS].writer.size + event->size + 16 > EVENT_BYTES) return;
        session->event_seen = event->number;
        bool late = !event->must_arrive && making->from->tick - event->tick > PUBLICATION_MAY_DROP_TICKS;
        if (!late && may_hold(making, event->to)) write_event(making, event);
    }
    session->event_seen = making->from->event_last;
}

static void write_answers(struct making *making, uint64_t now_us) {
    struct session *session = making->session;
    struct list *list = &making->lists[FRAME_ANSWERS];
    for (int i = 0; i < session->ping_count; i++) {
        struct message_pong pong = {session->pings[i].stamp, session->pings[i].received_us, now_us};
        message_write_pong(&list->writer, &pong);
    }
    if (session->reply_count) wire_copy(&list->writer, session->replies, session->reply_bytes);
    list->elements = session->ping_count + (uint32_t)session->reply_count;
    session->ping_count = 0;
    session->reply_count = session->reply_bytes = 0;
}

/* ---- One frame. */

static uint64_t hash_held(const struct making *making) {
    uint64_t sum = 0;
    for (size_t i = 0; i < making->words; i++) {
        if (making->by->held[i] & ~making->from->alive[i]) return 0;
        for (uint64_t left = making->by->held[i]; left; left &= left - 1)
            sum += making->lane->hashes[i * 64 + (size_t)__builtin_ctzll(left)];
    }
    return sum ? sum : 1;
}

/* Frames that may be under way: enough to fill one round trip, and one more. */
static bool gate_closed(const struct broadcaster *broadcaster, const struct session *session) {
    uint32_t ticks = (session->rtt_min_us + broadcaster->tick_us - 1) / broadcaster->tick_us + 1;
    uint32_t most = session->rtt_min_us == 0 ? GATE_UNKNOWN : ticks < SESSION_GATE ? ticks : SESSION_GATE;
    return session->written_count >= (most < 2 ? 2 : most);
}

static void commit(struct making *making, const struct frame *frame, uint64_t now_us) {
    struct session *session = making->session;
    uint16_t last = (uint16_t)((session->written_first + session->written_count) % SESSION_GATE);
    memcpy(session->held, making->by->held, making->words * sizeof *session->held);
    session->written[last].tick = making->from->tick;
    session->written[last].at_ms = (uint32_t)(now_us / 1000);
    session->written_count++;
    session->base = making->from->tick;
    session->stated_used += frame->used;
    session->wrote_us = now_us;
    session->framed = true;
}

static void write_rows(struct making *making) {
    find_sets(making);
    reserve_leavings(making);
    spend_updates(making);
    spend_enterings(making);
    write_leavings(making);
    write_enterings(making);
    write_updates(making);
}

static bool anything_due(const struct making *making, const struct frame *frame, uint64_t now_us) {
    for (int i = 0; i < FRAME_LISTS; i++)
        if (frame->lists[i].elements) return true;
    return frame->used || frame->hash || !making->session->framed ||
           now_us - making->session->wrote_us >= making->by->keepalive_us;
}

static struct frame outline(const struct making *making) {
    const struct publication_player *player = &making->from->players[making->session->player];
    struct frame frame = {.advance = making->from->tick - making->session->base,
                          .used = player->used - making->session->stated_used,
                          .hash = making->from->hashed ? hash_held(making) : 0};
    if (frame.used) frame.late = making->from->tick - player->used_tick;
    for (int i = 0; i < FRAME_LISTS; i++) {
        CHECK(!making->lists[i].writer.full);
        frame.lists[i] = (struct frame_slice){making->lists[i].writer.bytes, making->lists[i].writer.size,
                                              making->lists[i].elements};
    }
    return frame;
}

static struct making start(struct broadcaster *by, struct session *session, const struct publication *from) {
    struct making making = {.by = by,
                            .session = session,
                            .from = from,
                            .lane = &from->lanes[session->lane],
                            .shapes = from->shapes[session->lane],
                            .blobs_of = from->blobs_of[session->lane],
                            .words = held_words(from->shapes[session->lane]->row_count),
                            .bytes_left = ROW_BYTES};
    for (int i = 0; i < FRAME_LISTS; i++)
        making.lists[i].writer = wire_writer_init(by->scratch[i], LIMIT_FRAME);
    return making;
}

static size_t write_frame(struct broadcaster *by, struct session *session, const struct publication *from,
                          uint64_t now_us) {
    struct making making = start(by, session, from);
    write_rows(&making);
    write_events(&making);
    write_answers(&making, now_us);
    struct frame frame = outline(&making);
    if (!anything_due(&making, &frame, now_us)) return 0;
    struct wire_writer writer = wire_writer_init(by->out, sizeof by->out);
    frame_write(&writer, &frame);
    CHECK(!writer.full);
    commit(&making, &frame, now_us);
    by->frames++;
    by->frame_bytes += writer.size;
    return writer.size;
}

/* ---- Welcome and goodbye. */

static size_t write_welcome(struct broadcaster *by, struct session *session, const struct publication *from,
                            uint64_t now_us) {
    struct message_welcome welcome = {.instance = from->instance,
                                      .player = session->player,
                                      .tick = from->tick,
                                      .rate = by->rate,
                                      .lane = session->lane,
                                      .now_us = now_us,
                                      .used = from->players[session->player].used};
    memcpy(welcome.session, session->token, sizeof welcome.session);
    memcpy(welcome.device, session->device, sizeof welcome.device);
    memcpy(welcome.name, session->name, sizeof welcome.name);
    memcpy(welcome.room, session->room_name, sizeof welcome.room);
    struct wire_writer writer = wire_writer_init(by->out, sizeof by->out);
    message_write_welcome(&writer, &welcome, from->shapes[session->lane], from->rules);
    CHECK(!writer.full);
    session->greeted = true;
    session->base = session->acknowledged = from->tick;
    session->stated_used = session->sequence = welcome.used;
    session->event_seen = from->event_last;
    session->event_told = 0;
    memset(session->held, 0, session->held_words * sizeof *session->held);
    session->looked = 0;
    return writer.size;
}

size_t broadcaster_bye(enum code code, uint8_t *into, size_t size) {
    struct wire_writer writer = wire_writer_init(into, size);
    message_write_bye(&writer, code, code_retry(code) ? WAIT_MS : 0);
    CHECK(!writer.full);
    return writer.size;
}

static struct broadcast goodbye(struct broadcaster *broadcaster, enum code code) {
    return (struct broadcast){broadcaster->out,
                              broadcaster_bye(code, broadcaster->out, sizeof broadcaster->out), code};
}

static struct broadcast next_seated(struct broadcaster *by, struct session *session, uint64_t now_us) {
    const struct publication *from = board_pin(by->board, by->thread, session->room);
    struct broadcast nothing = {0};
    if (!from || from->instance != session->instance || from->tick < session->seated_tick) return nothing;
    if (!from->lanes[session->lane].active) return nothing;
    if (!session->greeted)
        return (struct broadcast){by->out, write_welcome(by, session, from, now_us), CODE_NONE};
    if (from->tick <= session->base) return nothing;
    if (from->event_lost > session->event_seen) return goodbye(by, CODE_TOO_SLOW);
    if (gate_closed(by, session)) {
        by->held_back++;
        return nothing;
    }
    size_t size = write_frame(by, session, from, now_us);
    return (struct broadcast){by->out, size, CODE_NONE};
}

struct broadcast broadcaster_next(struct broadcaster *broadcaster, struct attachment *attachment,
                                  uint64_t now_us) {
    struct broadcast nothing = {0};
    if (!attachment->session) return nothing;
    struct session *session = session_lock(broadcaster->sessions, attachment);
    if (!session) return goodbye(broadcaster, CODE_REPLACED);
    struct broadcast due = nothing;
    if (session->state == SESSION_ENDING)
        due = goodbye(broadcaster, (enum code)session->end_code);
    else if (session->state == SESSION_SEATED)
        due = next_seated(broadcaster, session, now_us);
    session_unlock(session);
    return due;
}
