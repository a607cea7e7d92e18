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
    ECHO_OPCODE_TEXT = 1,
    ECHO_OPCODE_BINARY = 2,
};

struct utf8 {                /* zeroed: at the start of a text */
    uint8_t need, low, high; /* continuation bytes still due; the range of the next one */
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

/* ---- Whether a text is UTF-8 (RFC 3629), told piece by piece: no overlong forms, no surrogates, nothing
 * beyond U+10FFFF. */

static bool utf8_start(struct utf8 *utf8, uint8_t byte) {
    if (byte < 0x80) return true;
    *utf8 = (struct utf8){.low = 0x80, .high = 0xBF};
    if (byte >= 0xC2 && byte <= 0xDF) utf8->need = 1;
    if (byte >= 0xE0 && byte <= 0xEF) utf8->need = 2;
    if (byte >= 0xF0 && byte <= 0xF4) utf8->need = 3;
    if (byte == 0xE0) utf8->low = 0xA0;  /* else it would fit two bytes */
    if (byte == 0xED) utf8->high = 0x9F; /* else a surrogate */
    if (byte == 0xF0) utf8->low = 0x90;  /* else it would fit three */
    if (byte == 0xF4) utf8->high = 0x8F; /* else beyond the last one */
    return utf8->need > 0;
}

static bool utf8_go_on(struct utf8 *utf8, uint8_t byte) {
    bool fine = byte >= utf8->low && byte <= utf8->high;
    *utf8 = (struct utf8){.need = (uint8_t)(utf8->need - 1), .low = 0x80, .high = 0xBF};
    return fine;
}

/* False: this can't be UTF-8 any more. */
static bool utf8_feed(struct utf8 *utf8, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!(utf8->need ? utf8_go_on(utf8, bytes[i]) : utf8_start(utf8, bytes[i]))) return false;
    return true;
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

/* A frame from a server: no mask, one frame whatever the peer's fragments were. Its header goes right before
 * the message. */
static void put_header(struct echo *echo, bool binary) {
    uint8_t head[ECHO_HEAD] = {(uint8_t)(0x80 | (binary ? ECHO_OPCODE_BINARY : ECHO_OPCODE_TEXT))};
    size_t bytes = echo->size < 126 ? 0 : echo->size < 65536 ? 2 : 8;
    head[1] = (uint8_t)(bytes == 0 ? echo->size : bytes == 2 ? 126 : 127);
    for (size_t i = 0; i < bytes; i++) head[2 + i] = (uint8_t)(echo->size >> (8 * (bytes - 1 - i)));
    echo->at = ECHO_HEAD - 2 - bytes;
    echo->end = ECHO_HEAD + echo->size;
    memcpy(echo->bytes + echo->at, head, 2 + bytes);
}

/* 0: fine so far; else the code to close with. */
static unsigned take_piece(struct connection *connection, const uint8_t *bytes, size_t size) {
    struct echo *echo = connection->echo;
    bool text = !lws_frame_is_binary(connection->wsi), last = lws_is_final_fragment(connection->wsi);
    size_t remaining = lws_remaining_packet_payload(connection->wsi);
    if (remaining > ECHO_MAX || echo->size + size + remaining > ECHO_MAX) return CODE_TOO_LONG;
    if (text && (!utf8_feed(&echo->utf8, bytes, size) || (last && echo->utf8.need)))
        return LWS_CLOSE_STATUS_INVALID_PAYLOAD;
    if (!make_room(echo, size ? size : 1)) return CODE_BROKEN;
    if (size) memcpy(echo->bytes + ECHO_HEAD + echo->size, bytes, size);
    echo->size += size;
    if (!last) return 0;
    put_header(echo, !text);
    lws_rx_flow_control(connection->wsi, 0);
    lws_callback_on_writable(connection->wsi); /* not now: a PONG may have to go first */
    return 0;
}

static void receive(struct connection *connection, const uint8_t *bytes, size_t size) {
    connection->heard_us = clock_us();
    if (connection->state != CONNECTION_ECHO) return;
    unsigned code = take_piece(connection, bytes, size);
    if (code) net_ws_end(connection, code);
}

/* ---- Out. */

static void start_anew(struct connection *connection) {
    struct echo *echo = connection->echo;
    free(echo->bytes);
    *echo = (struct echo){0};
    lws_rx_flow_control(connection->wsi, 1);
}

static void send_piece(struct connection *connection) {
    struct echo *echo = connection->echo;
    size_t size = echo->end - echo->at < ECHO_PIECE ? echo->end - echo->at : ECHO_PIECE;
    memcpy(connection->thread->buffer + LWS_PRE, echo->bytes + echo->at, size);
    echo->at += size;
    connection->heard_us = clock_us();
    if (!net_write(connection, size, LWS_WRITE_RAW)) return;
    lws_callback_on_writable(connection->wsi);
}

static void writable(struct connection *connection) {
    struct echo *echo = connection->echo;
    if (lws_partial_buffered(connection->wsi) || !echo) return;
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
    case LWS_CALLBACK_RECEIVE:
        receive(connection, in, size);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        writable(connection);
        return 0;
    default:
        return net_ws_callback(wsi, reason, user, in, size);
    }
}
