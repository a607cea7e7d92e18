/* The bytes of WebSockets. When one is open the library stops reading it and we do, since its way to a
 * message costs more than all else that we do with one: sockets are watched by an epoll set of their own,
 * which the thread's loop watches as one descriptor. What is written goes straight to the socket as well; the
 * rest of a partial write is the library's, which sends it on when there is room. */
#include "server/clock.h"
#include "server/edge/net_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    EVENTS = 256,  /* taken from the kernel at once */
    ROUNDS = 8,    /* of them in one turn of the loop */
    RECORDS = 4096 /* of TLS in one go: more than fit what it reads ahead, however small they are */
};

/* ---- In. */

static bool is_plain(const struct connection *connection) {
    return connection->thread->net->outside.config->plain;
}

/* Bytes read; 0: nothing now; −1: the peer is gone. */
static ssize_t read_some(struct connection *connection, uint8_t *bytes, size_t size) {
    if (!is_plain(connection)) return net_tls_read(lws_get_ssl(connection->wsi), bytes, size);
    ssize_t got = recv(connection->fd, bytes, size, 0);
    if (got > 0) return got;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static void keep(struct kept **kept, const uint8_t *bytes, size_t size) {
    free(*kept);
    *kept = size ? malloc(sizeof **kept + size) : NULL;
    if (!*kept) return;
    (*kept)->size = (uint16_t)size;
    memcpy((*kept)->bytes, bytes, size);
}

/* Gives back what was kept, and forgets it. */
static size_t take_kept(struct kept **kept, uint8_t *into) {
    size_t size = *kept ? (*kept)->size : 0;
    if (size) memcpy(into, (*kept)->bytes, size);
    free(*kept);
    *kept = NULL;
    return size;
}

/* An unfinished head or control frame lies before what comes next. */
static void keep_rest(struct connection *connection, const uint8_t *at, const uint8_t *end) {
    CHECK(connection->deaf || end - at <= FRAMES_REST_MAX);
    keep(&connection->rest, at, (size_t)(end - at));
    if (at != end && !connection->rest) net_kill(connection); /* no memory */
}

static bool reads(const struct connection *connection) {
    return connection->state != CONNECTION_GONE && connection->state != CONNECTION_LEAVING;
}

static void take_bytes(struct connection *connection, uint8_t *at, uint8_t *end) {
    enum frames_news news;
    struct frames_piece piece;
    uint64_t now_us = clock_us();
    connection->heard_us = now_us;
    connection->pinged = false;
    while (reads(connection) && !connection->deaf &&
           (news = frames_next(&connection->frames, &at, end, &piece)) != FRAMES_MORE) {
        if (news == FRAMES_BROKEN)
            net_ws_broken(connection);
        else
            net_ws_take(connection, &piece, now_us);
    }
    if (reads(connection)) keep_rest(connection, at, end);
}

/* False: no more is there. */
static bool read_once(struct connection *connection) {
    uint8_t *inbox = connection->thread->inbox;
    size_t kept = take_kept(&connection->rest, inbox);
    ssize_t got = read_some(connection, inbox + kept, NET_READ_BYTES);
    if (got > 0)
        take_bytes(connection, inbox, inbox + kept + got);
    else if (got == 0)
        keep_rest(connection, inbox, inbox + kept);
    else
        net_kill(connection);
    return got > 0 && !is_plain(connection) && connection->state != CONNECTION_GONE &&
           net_tls_pending(lws_get_ssl(connection->wsi));
}

/* Of what TLS has taken off the socket already no event will tell: so to the end of it. */
static void read_all(struct connection *connection, bool more) {
    for (int i = 0; i < RECORDS && more && !connection->deaf; i++) more = read_once(connection);
    if (more && !connection->deaf) net_kill(connection); /* it sends faster than anybody plays */
}

static void unwatch(const struct connection *connection) {
    epoll_ctl(connection->thread->sockets, EPOLL_CTL_DEL, connection->fd, NULL);
}

static void on_event(struct connection *connection, uint32_t events) {
    if (connection->state == CONNECTION_GONE) {
        unwatch(connection); /* the library will close it, soon */
    } else if (connection->deaf) {
        if (events & (EPOLLHUP | EPOLLERR)) net_kill(connection);
    } else {
        read_all(connection, true);
    }
}

static void on_readable(uv_poll_t *handle, int status, int uv_events) {
    struct net_thread *thread = handle->data;
    struct epoll_event events[EVENTS];
    (void)status, (void)uv_events;
    for (int round = 0; round < ROUNDS; round++) {
        int count = epoll_wait(thread->sockets, events, EVENTS, 0);
        for (int i = 0; i < count; i++) on_event(events[i].data.ptr, events[i].events);
        if (count < EVENTS) break;
    }
    net_finish_round(thread);
}

/* ---- Out. */

/* Bytes that left; −1: the peer is gone. */
static ssize_t write_some(struct connection *connection, const uint8_t *bytes, size_t size) {
    if (!is_plain(connection)) return net_tls_write(lws_get_ssl(connection->wsi), bytes, size);
    ssize_t sent = send(connection->fd, bytes, size, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

bool net_send(struct connection *connection, uint8_t *bytes, size_t size) {
    ssize_t sent = write_some(connection, bytes, size);
    if (sent == (ssize_t)size) return true;
    size_t left = size - (size_t)(sent < 0 ? 0 : sent);
    connection->stuck = true;
    if (sent >= 0 && lws_write(connection->wsi, bytes + sent, left, LWS_WRITE_RAW) >= 0) return true;
    net_kill(connection);
    return false;
}

bool net_send_frame(struct connection *connection, uint8_t opcode, size_t size) {
    uint8_t *payload = connection->thread->buffer + LWS_PRE;
    size_t head = frames_head(payload, opcode, size);
    return net_send(connection, payload - head, head + size);
}

void net_pong(struct connection *connection, const uint8_t *bytes, size_t size) {
    if (connection->stuck) {
        keep(&connection->pong, bytes, size);
        lws_callback_on_writable(connection->wsi);
    } else {
        memcpy(connection->thread->buffer + LWS_PRE, bytes, size);
        net_send_frame(connection, FRAMES_PONG, size);
    }
}

bool net_room(struct connection *connection) {
    if (connection->state == CONNECTION_GONE || lws_partial_buffered(connection->wsi)) return false;
    connection->stuck = false;
    if (!connection->pong) return true;
    size_t size = take_kept(&connection->pong, connection->thread->buffer + LWS_PRE);
    return net_send_frame(connection, FRAMES_PONG, size) && !connection->stuck;
}

/* ---- Taking a socket over. */

static bool watch(const struct connection *connection, int how, bool reading) {
    struct epoll_event event = {.events = reading ? EPOLLIN : 0, .data.ptr = (void *)connection};
    return epoll_ctl(connection->thread->sockets, how, connection->fd, &event) == 0;
}

bool net_socket_take(struct connection *connection) {
    connection->fd = lws_get_socket_fd(connection->wsi);
    connection->stuck = lws_partial_buffered(connection->wsi);
    if (connection->stuck) lws_callback_on_writable(connection->wsi);
    lws_rx_flow_control(connection->wsi, 0);
    if (!is_plain(connection)) net_tls_take(lws_get_ssl(connection->wsi));
    return watch(connection, EPOLL_CTL_ADD, true);
}

void net_socket_listen(struct connection *connection, bool on) {
    uint8_t *inbox = connection->thread->inbox;
    connection->deaf = !on;
    watch(connection, EPOLL_CTL_MOD, on);
    if (!on) return;
    size_t kept = take_kept(&connection->rest, inbox);
    if (kept) take_bytes(connection, inbox, inbox + kept);
    read_all(connection, !is_plain(connection));
}

bool net_sockets_start(struct net_thread *thread) {
    thread->sockets = epoll_create1(EPOLL_CLOEXEC);
    if (thread->sockets < 0) return false;
    uv_poll_init(&thread->loop, &thread->reading, thread->sockets);
    thread->reading.data = thread;
    uv_poll_start(&thread->reading, UV_READABLE, on_readable);
    return true;
}

void net_sockets_stop(struct net_thread *thread) {
    if (thread->sockets < 0 || uv_is_closing((uv_handle_t *)&thread->reading)) return;
    uv_poll_stop(&thread->reading);
    uv_close((uv_handle_t *)&thread->reading, NULL);
}
