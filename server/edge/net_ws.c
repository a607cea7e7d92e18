/* The game's WebSockets: messages into sessions, frames out when they are published, pings and hang-ups by
 * the wheel, and the way a conversation ends: BYE, closing frame, the peer's answer, the end of the socket.
 */
#include "protocol/wire.h"
#include "server/clock.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <stdlib.h>

enum {
    CONTROL_MAX = 125 /* bytes of a control frame, by RFC 6455 */
};

static const struct config *config_of(const struct connection *connection) {
    return connection->thread->net->outside.config;
}

static struct sessions *sessions_of(const struct connection *connection) {
    return connection->thread->net->outside.sessions;
}

/* ---- Opening and being gone. */

static void put_talker(struct net_thread *thread, uint32_t at, struct connection *connection) {
    thread->talkers[at] = connection;
    connection->talker = at;
}

/* Changes places with who stands at `at`. */
static void change_places(struct connection *connection, uint32_t at) {
    struct net_thread *thread = connection->thread;
    put_talker(thread, connection->talker, thread->talkers[at]);
    put_talker(thread, at, connection);
}

void net_talk(struct connection *connection) {
    struct net_thread *thread = connection->thread;
    CHECK(thread->talker_count < thread->net->connections_max);
    put_talker(thread, thread->talker_count++, connection);
    connection->talking = true;
    atomic_fetch_add(&thread->net->talking, 1);
}

void net_follow(struct connection *connection) {
    struct net_thread *thread = connection->thread;
    if (connection->talker >= thread->follower_count) change_places(connection, thread->follower_count++);
}

/* Changes places with the last follower. While a round lasts that one has had its turn, and would have a
 * second one here: so before that it changes places with the last who has not. (As the server ends all
 * talkers have a turn.) */
static void stop_following(struct connection *connection) {
    struct net_thread *thread = connection->thread;
    if (connection->talker >= thread->follower_count) return;
    if (connection->talker < thread->unlooked && thread->unlooked <= thread->follower_count)
        change_places(connection, --thread->unlooked);
    change_places(connection, --thread->follower_count);
}

static void stop_talking(struct connection *connection) {
    struct net_thread *thread = connection->thread;
    stop_following(connection);
    change_places(connection, --thread->talker_count);
    connection->talking = false;
    atomic_fetch_sub(&thread->net->talking, 1);
}

/* It was a request until now: what belongs to one gives its place to what belongs to a WebSocket. */
static void become_websocket(struct connection *connection) {
    free(connection->exchange);
    connection->message = NULL;
    connection->websocket = true;
}

void net_ws_open(struct connection *connection, enum connection_state state) {
    uint64_t now_us = clock_us();
    become_websocket(connection);
    connection->state = (uint8_t)state;
    connection->echoes = state == CONNECTION_ECHO;
    connection->heard_us = now_us;
    connection->opened_s = (uint32_t)(now_us / 1000000) + 1;
    connection->attachment = (struct attachment){.over = config_of(connection)->plain ? OVER_WS : OVER_WSS,
                                                 .counted = connection->place != 0};
    net_talk(connection);
    uint32_t hello_s = config_of(connection)->hello_s, ping_s = config_of(connection)->ping_s;
    net_due_in(connection, now_us, hello_s < ping_s ? hello_s : ping_s);
}

static void forget_session(struct connection *connection) {
    rests_leave(broadcaster_rests(connection->thread->broadcaster), &connection->attachment);
    connection->attachment = (struct attachment){0};
}

/* A downlink goes, its link stays. */
static void detach(struct connection *connection) {
    if (connection->attachment.session && !connection->attachment.downlink)
        session_detach(sessions_of(connection), &connection->attachment, clock_us());
    forget_session(connection);
}

static void forget_websocket(struct connection *connection) {
    if (connection->echoes) net_echo_free(connection);
    free(connection->message);
    connection->message = NULL;
}

static void forget_request(struct connection *connection) {
    if (connection->state == CONNECTION_NEW) return; /* it has a newcomer there */
    free(connection->exchange);
    connection->exchange = NULL;
}

/* Forgets the conversation; what the library may still do with the socket is its own affair. Any number of
 * times. */
void net_ws_gone(struct connection *connection) {
    if (connection->websocket)
        forget_websocket(connection);
    else
        forget_request(connection);
    if (!connection->talking) return;
    stop_talking(connection);
    detach(connection);
}

/* ---- Ending. */

/* The library has no way to send a closing frame of our own making, but takes whole frames as they are. Code
 * 0: without one. */
static bool write_close(struct connection *connection, unsigned code, const char *text) {
    uint8_t *frame = connection->thread->buffer + LWS_PRE;
    size_t length = strlen(text), most = CONTROL_MAX - 2;
    size_t size = code ? 2 + (length < most ? length : most) : 0;
    frame[0] = 0x88; /* FIN, close */
    frame[1] = (uint8_t)size;
    frame[2] = (uint8_t)(code >> 8);
    frame[3] = (uint8_t)code;
    if (size > 2) memcpy(frame + 4, text, size - 2);
    return net_write(connection, 2 + size, LWS_WRITE_RAW);
}

/* After the closing frame we write nothing more and wait for the peer's. */
static void send_close(struct connection *connection, unsigned code, const char *text) {
    detach(connection);
    connection->state = CONNECTION_TOLD;
    net_due_in(connection, clock_us(), NET_GOODBYE_S);
    write_close(connection, code, text);
}

/* The echo has one more reason than the game. */
static const char *end_text(unsigned code) {
    return code == LWS_CLOSE_STATUS_INVALID_PAYLOAD ? "text that is no UTF-8" : code_text(code);
}

void net_ws_say_goodbye(struct connection *connection) {
    unsigned code = connection->end_code;
    if (!connection->echoes) {
        size_t size = broadcaster_bye((enum code)code, connection->thread->buffer + LWS_PRE, NET_BUFFER);
        if (!net_write(connection, size, LWS_WRITE_BINARY)) return;
    }
    send_close(connection, code, end_text(code));
}

/* Of who left by itself the room tells enough. */
void net_tell_end(const struct connection *connection, unsigned code) {
    metrics_closed(code);
    log_limited(code == CODE_LEFT ? LOG_DEBUG : LOG_INFO, "closed", "code=%u why=\"%s\" from=%s", code,
                end_text(code), net_peer(connection));
}

void net_ws_end(struct connection *connection, unsigned code) {
    if (connection->state != CONNECTION_PLAY && connection->state != CONNECTION_ECHO) return;
    net_tell_end(connection, code);
    connection->state = CONNECTION_ENDING;
    connection->end_code = (uint16_t)code;
    if (!connection->echoes && !lws_partial_buffered(connection->wsi)) {
        net_ws_say_goodbye(connection);
        return;
    }
    net_due_in(connection, clock_us(), NET_ENDING_S); /* an echo may be in the middle of a frame */
    lws_callback_on_writable(connection->wsi);
}

/* Broken rules on the wire, which the session can't know of. */
static void break_off(struct connection *connection, enum code code, uint64_t now_us) {
    if (connection->attachment.session)
        session_break(sessions_of(connection), &connection->attachment, code, now_us);
    forget_session(connection);
    net_ws_end(connection, code);
}

static bool close_code_valid(unsigned code) {
    if (code >= 3000) return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

/* What our closing frame must say in answer to the peer's. */
static unsigned answer_code(const uint8_t *payload, size_t size) {
    unsigned code = size < 2 ? 0 : (unsigned)(payload[0] << 8 | payload[1]);
    if (!close_code_valid(code)) return LWS_CLOSE_STATUS_PROTOCOL_ERR;
    if (!wire_utf8(payload + 2, size - 2)) return LWS_CLOSE_STATUS_INVALID_PAYLOAD;
    return code;
}

/* The library would answer by itself, but with other codes than RFC 6455 wants. So we answer, and −1 makes it
 * end the socket without a word of its own. */
static int peer_closes(struct connection *connection, const uint8_t *payload, size_t size) {
    bool answered = connection->state == CONNECTION_TOLD || connection->state == CONNECTION_GONE;
    net_ws_gone(connection);
    if (!answered) write_close(connection, size ? answer_code(payload, size) : 0, "");
    connection->state = CONNECTION_GONE;
    return -1;
}

/* ---- Looking ahead. */

/* Frames are made in the order of the thread's talkers, from the end. Of thousands none is left in the
 * processor's caches when its turn comes, so what the next ones need is asked from memory meanwhile, step by
 * step: who they are, what the library has of their sockets, and what both point to. These are but hints, and
 * it does no harm that the library's structs are guessed at. */
static void look_ahead(const struct net_thread *thread, uint32_t at) {
    if (at < 3) return;
    struct connection *const *next = &thread->talkers[at - 3];
    net_fetch(next[0], sizeof *next[0]);
    net_fetch_socket(next[1]);
    net_fetch_framing(next[2]);
    broadcaster_expect(thread->broadcaster, &next[2]->attachment);
}

/* On a short way acknowledgements come in the order in which frames went. */
static void look_ahead_if_in_order(const struct connection *connection) {
    struct net_thread *thread = connection->thread;
    if (thread->heard == connection->talker + 1) look_ahead(thread, connection->talker);
    thread->heard = connection->talker;
}

/* ---- What comes in. */

static enum code deliver(struct connection *connection, const uint8_t *bytes, size_t size, uint64_t now_us) {
    connection->thread->messages++;
    connection->thread->message_bytes += size;
    const char *from = connection->attachment.session ? "" : net_peer(connection); /* for HELLO alone */
    enum code code =
        session_receive(sessions_of(connection), &connection->attachment, bytes, size, now_us, from);
    if (code != CODE_NONE) net_ws_end(connection, code);
    if (connection->attachment.session) net_follow(connection);
    return CODE_NONE;
}

/* `ends`: the frame does, with this piece. False: no memory. */
static bool gather(struct connection *connection, const uint8_t *bytes, size_t size, bool ends) {
    struct gathered *message = connection->message;
    if (!message && (message = malloc(sizeof *message))) message->size = message->fragments = 0;
    connection->message = message;
    if (!message) return false;
    if (size) memcpy(message->bytes + message->size, bytes, size);
    message->size = (uint16_t)(message->size + size);
    message->fragments += ends;
    return true;
}

static enum code deliver_gathered(struct connection *connection, uint64_t now_us) {
    struct gathered *message = connection->message;
    connection->message = NULL;
    enum code code = deliver(connection, message->bytes, message->size, now_us);
    free(message);
    return code;
}

/* One piece: a whole message as a rule, or a part of a frame, or a frame of a fragmented message. A frame has
 * ended when none of its payload remains. */
static enum code take_piece(struct connection *connection, const uint8_t *bytes, size_t size,
                            uint64_t now_us) {
    size_t before = connection->message ? connection->message->size : 0;
    size_t remaining = lws_remaining_packet_payload(connection->wsi);
    bool last = lws_is_final_fragment(connection->wsi);
    if (!lws_frame_is_binary(connection->wsi)) return CODE_TEXT;
    if (remaining > LIMIT_MESSAGE_UP || before + size + remaining > LIMIT_MESSAGE_UP) return CODE_TOO_LONG;
    if (last && !connection->message) return deliver(connection, bytes, size, now_us);
    if (!gather(connection, bytes, size, !remaining)) return CODE_BROKEN;
    if (last) return deliver_gathered(connection, now_us);
    return connection->message->fragments >= LIMIT_FRAGMENTS ? CODE_FRAGMENTS : CODE_NONE;
}

/* Everything that a player sends costs a callback at least, however small: counted by the second. */
static bool floods(struct connection *connection, uint64_t now_us) {
    uint32_t second = (uint32_t)(now_us / 1000000);
    if (connection->window_s != second) connection->window_count = 0;
    connection->window_s = second;
    return ++connection->window_count > NET_CALLBACKS_MAX;
}

static uint64_t after(uint64_t from_us, uint32_t seconds) {
    return from_us + seconds * UINT64_C(1000000);
}

/* Its timer fires no later than that. */
static void arm_by(struct connection *connection, uint64_t due_us) {
    if (!connection->timer.from || connection->timer.due_us > due_us)
        wheel_arm(&connection->thread->wheel, &connection->timer, due_us);
}

/* When its timer must fire: for the ping, or the hang-up after one that was not answered. */
static void arm_player(struct connection *connection) {
    const struct config *config = config_of(connection);
    arm_by(connection, after(connection->heard_us, connection->pinged ? config->silence_s : config->ping_s));
    if (!connection->attachment.session)
        arm_by(connection, after(connection->opened_s * UINT64_C(1000000), config->hello_s));
}

/* The peer lives. False: what it sends is not wanted any more. */
static bool hear(struct connection *connection, uint64_t now_us) {
    bool awaited = connection->pinged;
    connection->heard_us = now_us;
    connection->pinged = false;
    if (connection->state != CONNECTION_PLAY) return false;
    if (awaited) arm_player(connection);
    if (!floods(connection, now_us)) return true;
    break_off(connection, CODE_FLOOD, now_us);
    return false;
}

static void receive(struct connection *connection, const uint8_t *bytes, size_t size) {
    uint64_t now_us = clock_us();
    if (!hear(connection, now_us)) return;
    look_ahead_if_in_order(connection);
    enum code code = take_piece(connection, bytes, size, now_us);
    if (code != CODE_NONE) break_off(connection, code, now_us);
}

/* ---- What goes out. */

void net_count_write(struct connection *connection) {
    struct net_thread *thread = connection->thread;
    thread->writes++;
    if (connection->wrote_wake == thread->wakes) metrics_add(METRIC_writes_doubled, 1);
    connection->wrote_wake = thread->wakes;
}

/* It is looked at again from the turn of the wheel before this time on. */
static void rest(struct connection *connection, uint64_t until_us) {
    stop_following(connection);
    arm_by(connection, until_us - NET_TURN_MS * UINT64_C(1000));
}

static void write_next(struct connection *connection, uint64_t now_us) {
    struct net_thread *thread = connection->thread;
    struct broadcast broadcast = broadcaster_next(thread->broadcaster, &connection->attachment, now_us);
    if (broadcast.rests_until_us) rest(connection, broadcast.rests_until_us);
    if (broadcast.size) {
        CHECK(broadcast.size <= NET_BUFFER);
        net_count_write(connection);
        if (broadcast.end == CODE_NONE && net_volley(connection, broadcast.bytes, broadcast.size)) return;
        memcpy(thread->buffer + LWS_PRE, broadcast.bytes, broadcast.size);
        if (!net_write(connection, broadcast.size, LWS_WRITE_BINARY)) return;
    }
    if (broadcast.end == CODE_NONE) return;
    net_tell_end(connection, broadcast.end);
    send_close(connection, broadcast.end, code_text(broadcast.end));
}

/* At once if the socket takes it, which costs one system call; else when it does, and what is written then is
 * made then. Nothing is ever queued behind something else. */
static void wake_one(struct connection *connection, bool stopping, uint64_t now_us) {
    if (connection->state == CONNECTION_HELD) net_down_wake(connection, now_us);
    if (connection->state == CONNECTION_ECHO && stopping) net_ws_end(connection, CODE_SHUTDOWN);
    if (connection->state != CONNECTION_PLAY) return;
    if (!connection->attachment.session) {
        if (stopping) net_ws_end(connection, CODE_SHUTDOWN);
    } else if (!connection->waiting && !lws_partial_buffered(connection->wsi)) {
        write_next(connection, now_us);
    } else {
        connection->thread->held_back++;
        connection->waiting = true;
        lws_callback_on_writable(connection->wsi);
    }
}

/* Those who rest stand behind the followers, among others. */
static void rouse(struct net_thread *thread) {
    struct rests *rests = broadcaster_rests(thread->broadcaster);
    if (!rests_any_stirred(rests)) return;
    for (uint32_t i = thread->follower_count; i < thread->talker_count; i++)
        if (rests_rouse(rests, &thread->talkers[i]->attachment)) net_follow(thread->talkers[i]);
}

static int compare_rooms(const void *a, const void *b) {
    const struct connection *const *one = a, *const *other = b;
    return (*one)->attachment.room - (*other)->attachment.room;
}

/* So that what was published is looked at room by room, and what one is told is at hand for the next. */
void net_ws_group(struct net_thread *thread) {
    if (!thread->mixed) return;
    qsort(thread->talkers, thread->follower_count, sizeof(struct connection *), compare_rooms);
    for (uint32_t i = 0; i < thread->follower_count; i++) thread->talkers[i]->talker = i;
    thread->mixed = false;
}

void net_ws_wake(struct net_thread *thread) {
    rouse(thread);
    if (++thread->wakes == 0) thread->wakes = 1; /* 0: never written */
    thread->unlooked = atomic_load(&thread->net->stopping) ? thread->talker_count : thread->follower_count;
}

/* From the end: so whoever goes can give its place to one who has had a turn. */
void net_ws_look(struct net_thread *thread, uint64_t now_us) {
    uint16_t room = UINT16_MAX;
    bool stopping = atomic_load(&thread->net->stopping);
    uint32_t count = stopping ? thread->talker_count : thread->follower_count;
    if (thread->unlooked > count) thread->unlooked = count;
    uint32_t until = stopping || thread->unlooked < NET_LOOKS ? 0 : thread->unlooked - NET_LOOKS;
    while (thread->unlooked > until) {
        uint32_t i = --thread->unlooked;
        const struct attachment *attachment = &thread->talkers[i]->attachment;
        look_ahead(thread, i);
        thread->mixed = thread->mixed || attachment->room > room;
        room = attachment->room;
        wake_one(thread->talkers[i], stopping, now_us);
    }
    net_volley_fire(thread);
    broadcaster_end(thread->broadcaster);
}

static void writable(struct connection *connection) {
    if (lws_partial_buffered(connection->wsi)) return;
    if (connection->state == CONNECTION_ENDING) {
        net_ws_say_goodbye(connection);
    } else if (connection->state == CONNECTION_PLAY && connection->waiting) {
        connection->waiting = false;
        write_next(connection, clock_us());
        net_volley_fire(connection->thread);
        broadcaster_end(connection->thread->broadcaster);
    }
}

/* ---- The wheel. */

/* At least one byte: the library keeps an empty PONG to itself. */
static void ping(struct connection *connection) {
    if (lws_partial_buffered(connection->wsi)) return; /* what is under way tells as much */
    connection->thread->buffer[LWS_PRE] = 'p';
    connection->pinged = true;
    metrics_add(METRIC_pings, 1);
    net_write(connection, 1, LWS_WRITE_PING);
}

static void hang_up_silent(struct connection *connection) {
    detach(connection); /* silence breaks no rule: the session may be taken up again */
    net_ws_end(connection, CODE_SILENT);
}

/* A timer is not moved with each byte: it finds out here how long the peer was really quiet. Or it fired for
 * the keep-alive of one who rests: so whoever plays is looked at with the next publication. */
static void look_at_player(struct connection *connection, uint64_t now_us) {
    const struct config *config = config_of(connection);
    if (connection->attachment.session) net_follow(connection);
    uint64_t hello_us = after(connection->opened_s * UINT64_C(1000000), config->hello_s);
    if (now_us >= after(connection->heard_us, config->silence_s)) {
        hang_up_silent(connection);
    } else if (!connection->attachment.session && now_us >= hello_us) {
        net_ws_end(connection, CODE_HELLO_LATE);
    } else {
        if (!connection->pinged && now_us >= after(connection->heard_us, config->ping_s)) ping(connection);
        if (connection->state == CONNECTION_PLAY) arm_player(connection);
    }
}

void net_ws_due(struct connection *connection, uint64_t now_us) {
    if (connection->state == CONNECTION_PLAY)
        look_at_player(connection, now_us);
    else if (connection->state == CONNECTION_ECHO && now_us < after(connection->heard_us, 60))
        net_due_in(connection, now_us, 10);
    else
        net_kill(connection);
}

/* The library closes by itself: the socket is gone, or there was a fault of framing, over which it says 1002
 * and then takes the peer's answer for the rest of the broken frame. */
static void leave(struct connection *connection) {
    if (connection->state == CONNECTION_GONE) return;
    if (lws_get_close_length(connection->wsi))
        log_limited(LOG_INFO, "closed", "code=1002 why=\"fault of framing\" from=%s", net_peer(connection));
    net_ws_gone(connection);
    connection->state = CONNECTION_LEAVING;
    net_due_in(connection, clock_us(), NET_LEAVING_S);
}

/* ---- The library's callback. */

int net_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
    struct connection *connection = user;
    (void)wsi;
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        net_ws_open(connection, CONNECTION_PLAY);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        receive(connection, in, size);
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        hear(connection, clock_us());
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writable(connection);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return peer_closes(connection, in, size);
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        leave(connection);
        return 0;
    case LWS_CALLBACK_CLOSED:
        net_ws_gone(connection);
        connection->state = CONNECTION_GONE;
        return 0;
    default:
        return 0;
    }
}
