/* What the server says over HTTP: requests that are held until there is something to say (a HELLO, a long
 * poll), or whose answer never ends (a stream, an event stream). As with WebSockets, what is written is made
 * when it can leave, one write a tick. */
#include "server/clock.h"
#include "protocol/piece.h"
#include "server/metrics.h"
#include "server/edge/net_internal.h"
#include <poll.h>
#include <stdio.h>

static const struct config *config_of(const struct connection *connection) {
    return connection->thread->net->outside.config;
}

static uint64_t seconds(uint32_t count) {
    return count * UINT64_C(1000000);
}

/* Who polls is heard of with each poll: so none is held until that counts as silence. */
static uint64_t held_us_max(const struct config *config) {
    uint32_t most_s = config->silence_s / 2;
    return seconds(config->poll_s < most_s ? config->poll_s : most_s);
}

static bool is_endless(const struct exchange *exchange) {
    return exchange->way == LINK_STREAM || exchange->way == LINK_SSE;
}

/* ---- Ending. */

/* The library closes well only from a callback of its own: so it is asked for one. */
static int end_answer(struct connection *connection) {
    lws_rx_flow_control(connection->wsi, 1);
    net_ws_gone(connection);
    connection->state = CONNECTION_ENDED;
    net_due_in(connection, clock_us(), NET_ENDING_S);
    lws_callback_on_writable(connection->wsi);
    return 0;
}

/* The conversation is over, and its client is being told so. */
static void conclude(struct connection *connection, enum code code) {
    struct sessions *sessions = connection->thread->net->outside.sessions;
    net_tell_end(connection, code);
    if (connection->attachment.downlink)
        link_tell(sessions, &connection->attachment, clock_us());
    else
        session_detach(sessions, &connection->attachment, clock_us());
}

/* ---- Writing. */

/* What the socket did not take the library writes when it can, but only while it may read. */
static void after_write(struct connection *connection) {
    connection->exchange->wrote_us = clock_us();
    if (!lws_partial_buffered(connection->wsi)) return;
    lws_rx_flow_control(connection->wsi, 1);
    net_due_in(connection, connection->exchange->wrote_us, 1);
}

static size_t put_piece(uint8_t *into, const struct broadcast *broadcast) {
    size_t head = piece_head(into, broadcast->size);
    memcpy(into + head, broadcast->bytes, broadcast->size);
    return head + broadcast->size;
}

static size_t put_event(uint8_t *into, const struct broadcast *broadcast) {
    size_t size = 0;
    if (broadcast->placed)
        size = (size_t)sprintf((char *)into, "id: %u.%u\n", broadcast->tick, broadcast->event);
    size += (size_t)sprintf((char *)into + size, "data: ");
    int encoded = lws_b64_encode_string((const char *)broadcast->bytes, (int)broadcast->size,
                                        (char *)into + size, (int)(NET_BUFFER - size));
    CHECK(encoded >= 0);
    size += (size_t)encoded;
    memcpy(into + size, "\n\n", 2);
    return size + 2;
}

/* Into the middle of an answer that never ends. */
static int write_message(struct connection *connection, const struct broadcast *broadcast) {
    uint8_t *into = connection->thread->buffer + LWS_PRE;
    bool events = connection->exchange->way == LINK_SSE;
    size_t size = events ? put_event(into, broadcast) : put_piece(into, broadcast);
    net_count_write(connection);
    if (!net_write(connection, size, LWS_WRITE_HTTP)) return -1;
    after_write(connection);
    if (broadcast->end == CODE_NONE) return 0;
    conclude(connection, broadcast->end);
    return end_answer(connection);
}

/* As the whole answer. */
static int answer_message(struct connection *connection, unsigned status, const char *more,
                          const struct broadcast *broadcast) {
    struct net_reply answer = {.status = status,
                               .headers = more,
                               .body = broadcast->bytes,
                               .size = broadcast->size,
                               .piece = broadcast->size > 0};
    if (answer.piece) net_count_write(connection);
    connection->attachment = (struct attachment){0};
    return net_link_answer(connection, &answer);
}

static int answer_hello(struct connection *connection, const struct broadcast *broadcast) {
    struct link_name name;
    char more[128];
    if (broadcast->end != CODE_NONE) {
        conclude(connection, broadcast->end);
        return net_link_answer_bye(connection, net_link_status(broadcast->end), broadcast->end);
    }
    if (!link_name(connection->thread->net->outside.sessions, &connection->attachment, clock_us(), &name))
        return net_link_answer_bye(connection, 409, CODE_REPLACED);
    snprintf(more, sizeof more, "Location: /play/%s-%u\r\n", name.token, name.epoch);
    return answer_message(connection, 201, more, broadcast);
}

static int answer_poll(struct connection *connection, const struct broadcast *broadcast) {
    if (broadcast->end != CODE_NONE) conclude(connection, broadcast->end);
    metrics_add(broadcast->size ? METRIC_polls : METRIC_polls_empty, 1);
    return answer_message(connection, broadcast->size ? 200 : 204, NULL, broadcast);
}

static int say(struct connection *connection, const struct broadcast *broadcast) {
    switch (connection->exchange->way) {
    case LINK_BEGIN:
        return answer_hello(connection, broadcast);
    case LINK_POLL:
        return answer_poll(connection, broadcast);
    default:
        return write_message(connection, broadcast);
    }
}

/* Says what is due. */
static int say_next(struct connection *connection, uint64_t now_us) {
    struct broadcast nothing = {0};
    struct net_thread *thread = connection->thread;
    struct broadcast due = broadcaster_next(thread->broadcaster, &connection->attachment, now_us);
    if (due.size) return say(connection, &due);
    if (!due.followed) return 0;
    return is_endless(connection->exchange) ? end_answer(connection) : answer_poll(connection, &nothing);
}

/* ---- Opening. */

static bool write_head(struct connection *connection) {
    static const char retry[] = "retry: 1000\n\n";
    const struct exchange *exchange = connection->exchange;
    bool events = exchange->way == LINK_SSE;
    char headers[NET_ORIGIN + 512];
    net_link_headers(exchange, "X-Accel-Buffering: no\r\n", headers, sizeof headers);
    struct net_reply reply = {.status = 200,
                              .type = events ? "text/event-stream" : "application/octet-stream",
                              .headers = headers,
                              .body = retry,
                              .size = events ? sizeof retry - 1 : 0,
                              .endless = true};
    return net_reply_begin(connection, &reply);
}

/* A request is held without a timer of the library's, which knows 5 s only; without its headers' memory; and
 * without reading: what comes meanwhile, or that the client has gone, would make the library's loop spin. */
static void hold(struct connection *connection) {
    lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
    lws_http_headers_detach(connection->wsi);
    if (!lws_partial_buffered(connection->wsi)) lws_rx_flow_control(connection->wsi, 0);
    net_talk(connection);
    net_follow(connection);
    net_due_in(connection, connection->exchange->held_us, 1);
}

int net_down_open(struct connection *connection) {
    uint64_t now_us = clock_us();
    connection->state = CONNECTION_HELD;
    connection->wrote_wake = 0;
    connection->waiting = false;
    connection->exchange->held_us = connection->exchange->wrote_us = now_us;
    if (is_endless(connection->exchange) && !write_head(connection)) return -1;
    int result = lws_partial_buffered(connection->wsi) ? 0 : say_next(connection, now_us);
    broadcaster_end(connection->thread->broadcaster);
    if (connection->state == CONNECTION_HELD) hold(connection);
    return result;
}

/* ---- Pulls. */

/* Held for nothing: what there is now is the answer. */
int net_down_state(struct connection *connection, const char *known) {
    struct net_thread *thread = connection->thread;
    uint64_t mix = 0;
    char etag[24], more[64];
    struct broadcast state =
        broadcaster_state(thread->broadcaster, &connection->attachment, clock_us(), &mix);
    broadcaster_end(thread->broadcaster);
    connection->attachment = (struct attachment){0};
    metrics_add(METRIC_pulls, 1);
    if (!state.size) return net_link_answer_empty(connection, 204, NULL);
    snprintf(etag, sizeof etag, "\"%016llx\"", (unsigned long long)mix);
    snprintf(more, sizeof more, "ETag: %s\r\n", etag);
    bool same = strstr(known, etag) != NULL;
    struct net_reply answer = {
        .status = same ? 304 : 200, .headers = more, .body = state.bytes, .size = state.size, .head = same};
    return net_link_answer(connection, &answer);
}

/* ---- Later. */

void net_down_wake(struct connection *connection, uint64_t now_us) {
    if (lws_partial_buffered(connection->wsi)) {
        connection->thread->held_back++;
        connection->waiting = true;
    } else if (say_next(connection, now_us) < 0 && connection->state != CONNECTION_GONE) {
        end_answer(connection);
    }
}

int net_down_writable(struct connection *connection) {
    if (lws_partial_buffered(connection->wsi)) return 0;
    lws_rx_flow_control(connection->wsi, 0);
    if (!connection->waiting) return 0;
    connection->waiting = false;
    int result = say_next(connection, clock_us());
    broadcaster_end(connection->thread->broadcaster);
    return result;
}

static bool has_gone(const struct connection *connection, bool stalled) {
    struct pollfd look = {.fd = lws_get_socket_fd(connection->wsi),
                          .events = (short)(stalled ? POLLIN | POLLRDHUP : POLLRDHUP)};
    return poll(&look, 1, 0) > 0;
}

/* Nothing but a sign that the line stands: so that proxies keep it, and we notice if it does not. */
static void write_sign(struct connection *connection) {
    static const char comment[] = ":\n\n", nothing[] = {0};
    bool events = connection->exchange->way == LINK_SSE;
    size_t size = events ? sizeof comment - 1 : sizeof nothing;
    memcpy(connection->thread->buffer + LWS_PRE, events ? comment : nothing, size);
    if (net_write(connection, size, LWS_WRITE_HTTP)) after_write(connection);
}

static void look_at_held(struct connection *connection, uint64_t now_us) {
    const struct config *config = config_of(connection);
    struct exchange *exchange = connection->exchange;
    struct broadcast nothing = {0};
    bool stalled = lws_partial_buffered(connection->wsi);
    bool long_held = now_us >= exchange->held_us + held_us_max(config);
    bool long_quiet = now_us >= exchange->wrote_us + seconds(config->ping_s);
    net_due_in(connection, now_us, stalled ? 1 : NET_LOOK_S);
    if (has_gone(connection, stalled) ||
        (stalled && now_us >= exchange->wrote_us + seconds(config->silence_s)))
        net_kill(connection);
    else if (is_endless(exchange) && long_quiet && !stalled)
        write_sign(connection);
    else if (!is_endless(exchange) && long_held && say(connection, &nothing) < 0)
        end_answer(connection);
}

void net_down_due(struct connection *connection, uint64_t now_us) {
    if (connection->state == CONNECTION_HELD)
        look_at_held(connection, now_us);
    else
        net_kill(connection);
}
