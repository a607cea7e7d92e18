/* The WebSocket subprotocol `echo`: returns each message as it came, up to 16 MiB, so that conformance suites
 * for RFC 6455 can judge the edge. Offered only in builds with -Decho=true. While a message goes back nothing
 * is read: one message a connection is all that is ever kept. */
#include "server/clock.h"
#include "server/edge/net_internal.h"
#include <stdlib.h>

enum {
    ECHO_MAX = 16 << 20,    /* bytes of a message */
    ECHO_HEAD = 10,         /* bytes of the longest frame header from a server */
    ECHO_PIECE = 64 * 1024, /* written at once: what the library may have to keep of it is bounded */
};

struct echo {
    uint8_t *bytes;        /* ECHO_HEAD bytes of room, then the message */
    size_t size, capacity; /* of the message */
    size_t at, end;        /* of what is being sent; end 0: nothing is */
    struct utf8 utf8;
};

void net_echo_free(struct connection *connection) {
    if (connection->echo) free(connection->echo->bytes);
    free(connection->echo);
    connection->echo = NULL;
}

static int open_echo(struct connection *connection) {
    net_ws_open(connection, CONNECTION_ECHO);
    connection->echo = calloc(1, sizeof *connection->echo);
    if (!connection->echo) net_kill(connection);
    return 0;
}

/* ---- In. */

static bool make_room(struct echo *echo, size_t more) {
    size_t needed = echo->size + more, capacity = echo->capacity ? echo->capacity : 1024;
    if (needed <= echo->capacity) return true;
    while (capacity < needed) capacity *= 2;
    uint8_t *bytes = realloc(echo->bytes, ECHO_HEAD + capacity);
    if (!bytes) return false;
    echo->bytes = bytes;
    echo->capacity = capacity;
    return true;
}

/* One frame whatever the peer's fragments were. Its head goes right before the message. */
static void put_head(struct echo *echo, uint8_t opcode) {
    echo->at = ECHO_HEAD - frames_head(echo->bytes + ECHO_HEAD, opcode, echo->size);
    echo->end = ECHO_HEAD + echo->size;
}

unsigned net_echo_take(struct connection *connection, const struct frames_piece *piece) {
    struct echo *echo = connection->echo;
    bool text = piece->opcode == FRAMES_TEXT;
    if (piece->remaining > ECHO_MAX || echo->size + piece->size + piece->remaining > ECHO_MAX)
        return CODE_TOO_LONG;
    if (text && (!utf8_feed(&echo->utf8, piece->bytes, piece->size) || (piece->last && echo->utf8.need)))
        return LWS_CLOSE_STATUS_INVALID_PAYLOAD;
    if (!make_room(echo, piece->size ? piece->size : 1)) return CODE_BROKEN;
    if (piece->size) memcpy(echo->bytes + ECHO_HEAD + echo->size, piece->bytes, piece->size);
    echo->size += piece->size;
    if (!piece->last) return CODE_NONE;
    put_head(echo, piece->opcode);
    net_socket_listen(connection, false);
    lws_callback_on_writable(connection->wsi);
    return CODE_NONE;
}

/* ---- Out. */

static void start_anew(struct connection *connection) {
    struct echo *echo = connection->echo;
    free(echo->bytes);
    *echo = (struct echo){0};
    net_socket_listen(connection, true);
}

static void send_piece(struct connection *connection) {
    struct echo *echo = connection->echo;
    size_t size = echo->end - echo->at < ECHO_PIECE ? echo->end - echo->at : ECHO_PIECE;
    uint8_t *piece = echo->bytes + echo->at;
    echo->at += size;
    connection->heard_us = clock_us();
    if (!net_send(connection, piece, size)) return;
    lws_callback_on_writable(connection->wsi);
}

static void writable(struct connection *connection) {
    struct echo *echo = connection->echo;
    if (!net_room(connection) || !echo) return;
    bool under_way = echo->at < echo->end;
    if (under_way && connection->state != CONNECTION_GONE)
        send_piece(connection); /* even when ending: a frame that was begun is finished first */
    else if (connection->state == CONNECTION_ENDING)
        net_ws_say_goodbye(connection);
    else if (echo->end)
        start_anew(connection);
}

int net_echo_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
    struct connection *connection = user;
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return open_echo(connection);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writable(connection);
        return 0;
    default:
        return net_ws_callback(wsi, reason, user, in, size);
    }
}
