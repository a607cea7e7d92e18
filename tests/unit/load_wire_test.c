/* What the bots read and write on their connections: WebSocket frames put together from pieces, upgrades,
 * answers and streams of HTTP, URLs. */
#include "protocol/base.h"
#include "tests/check.h"
#include "tests/load/address.h"
#include "tests/load/http.h"
#include "tests/load/websocket.h"
#include <string.h>

/* ---- WebSocket. */

static enum websocket_news next(struct websocket *websocket, const uint8_t *bytes, size_t size,
                                struct websocket_piece *piece, size_t *used) {
    const uint8_t *at = bytes;
    enum websocket_news news = websocket_next(websocket, &at, bytes + size, piece);
    *used = (size_t)(at - bytes);
    return news;
}

static void frames_are_read_once_they_are_whole(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    uint8_t bytes[300] = {0x82, 126, 0, 200};
    size_t used;
    for (size_t size = 0; size < 204; size++)
        EXPECT_EQ(next(&websocket, bytes, size, &piece, &used), WEBSOCKET_MORE);
    EXPECT_EQ(next(&websocket, bytes, sizeof bytes, &piece, &used), WEBSOCKET_MESSAGE);
    EXPECT_EQ(used, 204);
    EXPECT_EQ(piece.size, 200);
}

static void fragments_become_one_message_around_a_ping(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    const uint8_t bytes[] = {0x02, 2, 'a', 'b', 0x89, 1, 'p', 0x00, 1, 'c', 0x80, 1, 'd', 0x82, 1, 'e'};
    const uint8_t *at = bytes, *end = bytes + sizeof bytes;
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_NOTHING);
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_PINGED);
    EXPECT(piece.size == 1 && piece.bytes[0] == 'p');
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_NOTHING);
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_MESSAGE);
    EXPECT(piece.size == 4 && memcmp(piece.bytes, "abcd", 4) == 0);
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_MESSAGE);
    EXPECT(piece.size == 1 && piece.bytes[0] == 'e');
    EXPECT_EQ(websocket_next(&websocket, &at, end, &piece), WEBSOCKET_MORE);
    websocket_free(&websocket);
}

static void broken_frames_are_known(void) {
    static const uint8_t bad[][4] = {
        {0x82, 0x81, 0, 0}, /* masked */
        {0xC2, 0, 0, 0},    /* a reserved bit */
        {0x81, 0, 0, 0},    /* text */
        {0x80, 0, 0, 0},    /* goes on with nothing */
        {0x09, 0, 0, 0},    /* a PING in pieces */
        {0x83, 0, 0, 0},    /* no such frame */
        {0x89, 126, 0, 126} /* a PING too long */
    };
    uint8_t bytes[140] = {0};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct websocket websocket = {0};
        struct websocket_piece piece;
        size_t used;
        memcpy(bytes, bad[i], 4);
        EXPECT_EQ(next(&websocket, bytes, sizeof bytes, &piece, &used), WEBSOCKET_BROKEN);
    }
}

static void too_long_a_message_is_broken(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    const uint8_t huge[] = {0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    size_t used;
    EXPECT_EQ(next(&websocket, huge, sizeof huge, &piece, &used), WEBSOCKET_BROKEN);
}

static void closing_tells_its_code(void) {
    struct websocket websocket = {0};
    struct websocket_piece piece;
    const uint8_t with[] = {0x88, 2, 0x0F, 0xA1}, without[] = {0x88, 0};
    size_t used;
    EXPECT_EQ(next(&websocket, with, sizeof with, &piece, &used), WEBSOCKET_CLOSED);
    EXPECT_EQ(piece.code, 4001);
    EXPECT_EQ(next(&websocket, without, sizeof without, &piece, &used), WEBSOCKET_CLOSED);
    EXPECT_EQ(piece.code, 1005);
}

static void what_is_written_is_masked(void) {
    uint8_t out[200 + WEBSOCKET_HEAD], bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    EXPECT_EQ(websocket_write(out, WEBSOCKET_BINARY, bytes, 100, 0x01020304), 106);
    EXPECT(out[0] == 0x82 && out[1] == (0x80 | 100));
    for (size_t i = 0; i < 100; i++) EXPECT_EQ(out[6 + i] ^ out[2 + i % 4], bytes[i]);
    EXPECT_EQ(websocket_write(out, WEBSOCKET_BINARY, bytes, 200, 7), 208);
    EXPECT(out[1] == (0x80 | 126) && out[2] == 0 && out[3] == 200);
}

/* The example of RFC 6455, section 1.3, is met by the digest; here the whole way round. */
static void an_upgrade_is_judged_by_its_answer(void) {
    struct websocket_upgrade upgrade = {"localhost", "80", "/play", "tidewire.1"};
    char ask[600], accept[32], answer[300], why[200];
    EXPECT(websocket_ask(&upgrade, ask, sizeof ask, accept) < sizeof ask);
    EXPECT_EQ(strlen(accept), 28);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: %s\r\n\r\nxyz", accept);
    EXPECT_EQ(websocket_answer((uint8_t *)answer, 40, accept, why, sizeof why), 0);
    EXPECT_EQ(websocket_answer((uint8_t *)answer, (size_t)size, accept, why, sizeof why), size - 3);
    EXPECT_EQ(why[0], 0);
    EXPECT(websocket_answer((uint8_t *)answer, (size_t)size, "another", why, sizeof why) && why[0]);
    size = snprintf(answer, sizeof answer, "HTTP/1.1 503 Service Unavailable\r\n\r\nRefused: full.\n");
    EXPECT(websocket_answer((uint8_t *)answer, (size_t)size, accept, why, sizeof why) && strstr(why, "503"));
}

/* ---- HTTP. */

static void heads_are_read_once_they_are_whole(void) {
    static const char text[] =
        "HTTP/1.1 201 Created\r\ncontent-length: 7\r\nLocation: /play/abc-1\r\nRetry-After: 3\r\n\r\nbody";
    const uint8_t *bytes = (const uint8_t *)text;
    struct http_answer answer;
    bool broken;
    size_t head = sizeof text - 5;
    for (size_t size = 0; size < head; size++)
        EXPECT(http_head(bytes, size, &answer, &broken) == 0 && !broken);
    EXPECT_EQ(http_head(bytes, sizeof text - 1, &answer, &broken), head);
    EXPECT(answer.status == 201 && answer.size == 7 && !answer.endless && answer.retry_ms == 3000);
    EXPECT(!strcmp(answer.link, "/play/abc-1"));
    EXPECT(!http_head((const uint8_t *)"SSH-2.0-x\r\n\r\n", 13, &answer, &broken) && broken);
    EXPECT(http_head((const uint8_t *)"HTTP/1.1 200 OK\r\n\r\n", 19, &answer, &broken) && answer.endless);
    EXPECT(http_head((const uint8_t *)"HTTP/1.1 204 No Content\r\n\r\n", 27, &answer, &broken) &&
           !answer.endless);
}

static void rows_of_messages_come_apart(void) {
    uint8_t bytes[400] = {0xAC, 0x02};
    size_t size;
    bool broken = false;
    EXPECT(!http_piece(bytes, 1, &size, &broken) && !http_piece(bytes, 301, &size, &broken) && !broken);
    EXPECT(http_piece(bytes, 302, &size, &broken) == 2 && size == 300);
    EXPECT(http_piece((const uint8_t *)"\0", 1, &size, &broken) == 1 && size == 0);
    EXPECT(!http_piece((const uint8_t *)"\xFF\xFF\xFF\x01", 4, &size, &broken) && broken);
}

static void events_are_decoded(void) {
    static const char text[] = "retry: 1000\n\nid: 5.1\ndata: AAECAwQ=\n\n: ping\n\n";
    const uint8_t *bytes = (const uint8_t *)text;
    uint8_t into[64];
    size_t size, at = http_event(bytes, sizeof text - 1, into, &size);
    EXPECT(at == 13 && size == 0);
    EXPECT_EQ(http_event(bytes + at, 20, into, &size), 0);
    at += http_event(bytes + at, sizeof text - 1 - at, into, &size);
    EXPECT(size == 5 && !memcmp(into, "\0\1\2\3\4", 5));
    at += http_event(bytes + at, sizeof text - 1 - at, into, &size);
    EXPECT(size == 0 && at == sizeof text - 1);
}

/* ---- URLs. */

static void addresses_are_taken_apart(void) {
    struct address address;
    char why[200];
    EXPECT(address_read(&address, "wss://localhost:8443/play", why, sizeof why));
    EXPECT(address.secure && !strcmp(address.host, "localhost") && !strcmp(address.port, "8443"));
    EXPECT(address_read(&address, "ws://[::1]:80", why, sizeof why));
    EXPECT(!address.secure && !strcmp(address.host, "::1") && !strcmp(address.path, "/play"));
    EXPECT(address_read(&address, "wss://example.org/other", why, sizeof why));
    EXPECT(!strcmp(address.port, "443") && !strcmp(address.path, "/other"));
    const char *bad[] = {
        "http://localhost", "ws://",       "ws://:80",       "ws://host:",    "ws://[::1",      "",
        "wss:///play",      "ws://host:0", "ws://host:http", "ws://host:8 0", "ws://host:65536"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) EXPECT(!address_read(&address, bad[i], why, sizeof why));
}

int main(void) {
    RUN(frames_are_read_once_they_are_whole);
    RUN(fragments_become_one_message_around_a_ping);
    RUN(broken_frames_are_known);
    RUN(too_long_a_message_is_broken);
    RUN(closing_tells_its_code);
    RUN(what_is_written_is_masked);
    RUN(an_upgrade_is_judged_by_its_answer);
    RUN(heads_are_read_once_they_are_whole);
    RUN(rows_of_messages_come_apart);
    RUN(events_are_decoded);
    RUN(addresses_are_taken_apart);
    return check_done();
}
