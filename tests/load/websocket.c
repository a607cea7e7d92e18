#include "tests/load/websocket.h"
#include "protocol/limits.h"
#include "tests/load/tls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Not secret: masks are there for proxies, and the key only shows that the answer was made for us. */
static const char KEY[] = "dGlkZXdpcmUtYm90cy0wMQ==", GUID[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/* ---- Frames that come. */

struct head {
    uint8_t opcode;
    bool last, sound;
    size_t at, size; /* of the payload */
};

/* False: more bytes are needed. */
static bool read_head(const uint8_t *bytes, size_t have, struct head *head) {
    if (have < 2) return false;
    size_t extra = (bytes[1] & 127) == 126 ? 2 : (bytes[1] & 127) == 127 ? 8 : 0;
    if (have < 2 + extra) return false;
    head->opcode = bytes[0] & 15;
    head->last = bytes[0] & 128;
    head->sound = !(bytes[0] & 0x70) && !(bytes[1] & 128);
    head->at = 2 + extra;
    head->size = extra ? 0 : bytes[1] & 127;
    for (size_t i = 0; i < extra; i++) head->size = head->size << 8 | bytes[2 + i];
    if (head->size > LIMIT_FRAME) head->sound = false;
    return !head->sound || have - head->at >= head->size;
}

static void forget_message(struct websocket *websocket) {
    if (websocket->fragmented || !websocket->message) return;
    free(websocket->message);
    websocket->message = NULL;
    websocket->message_size = 0;
}

static enum websocket_news add_fragment(struct websocket *websocket, struct websocket_piece *piece,
                                        bool last) {
    size_t size = websocket->message_size + piece->size;
    uint8_t *more = size <= LIMIT_FRAME ? realloc(websocket->message, size ? size : 1) : NULL;
    if (!more) return WEBSOCKET_BROKEN;
    if (piece->size) memcpy(more + websocket->message_size, piece->bytes, piece->size);
    websocket->message = more;
    websocket->message_size = size;
    websocket->fragmented = !last;
    if (!last) return WEBSOCKET_NOTHING;
    piece->bytes = more;
    piece->size = size;
    return WEBSOCKET_MESSAGE;
}

static enum websocket_news take_close(struct websocket_piece *piece) {
    piece->code = piece->size >= 2 ? (unsigned)(piece->bytes[0] << 8 | piece->bytes[1]) : 1005;
    return WEBSOCKET_CLOSED;
}

static enum websocket_news take(struct websocket *websocket, const struct head *head,
                                struct websocket_piece *piece) {
    bool control = head->opcode >= 8;
    if (control && (!head->last || piece->size > 125)) return WEBSOCKET_BROKEN;
    if (!control && websocket->fragmented != (head->opcode == 0)) return WEBSOCKET_BROKEN;
    switch (head->opcode) {
    case 0:
        return add_fragment(websocket, piece, head->last);
    case WEBSOCKET_BINARY:
        return head->last ? WEBSOCKET_MESSAGE : add_fragment(websocket, piece, false);
    case WEBSOCKET_CLOSE:
        return take_close(piece);
    case 9:
        return WEBSOCKET_PINGED;
    case WEBSOCKET_PONG:
        return WEBSOCKET_NOTHING;
    default:
        return WEBSOCKET_BROKEN;
    }
}

enum websocket_news websocket_next(struct websocket *websocket, const uint8_t **at, const uint8_t *end,
                                   struct websocket_piece *piece) {
    struct head head;
    forget_message(websocket);
    if (!read_head(*at, (size_t)(end - *at), &head)) return WEBSOCKET_MORE;
    if (!head.sound) return WEBSOCKET_BROKEN;
    *piece = (struct websocket_piece){.bytes = *at + head.at, .size = head.size};
    *at += head.at + head.size;
    return take(websocket, &head, piece);
}

void websocket_free(struct websocket *websocket) {
    websocket->fragmented = false;
    forget_message(websocket);
}

/* ---- Frames that go. */

size_t websocket_write(uint8_t *into, uint8_t opcode, const uint8_t *bytes, size_t size, uint32_t mask) {
    size_t at = 2;
    uint8_t key[4];
    memcpy(key, &mask, sizeof key);
    into[0] = (uint8_t)(0x80 | opcode);
    into[1] = (uint8_t)(0x80 | (size < 126 ? size : 126));
    if (size >= 126) {
        into[at++] = (uint8_t)(size >> 8);
        into[at++] = (uint8_t)size;
    }
    memcpy(into + at, key, sizeof key);
    at += sizeof key;
    for (size_t i = 0; i < size; i++) into[at + i] = bytes[i] ^ key[i & 3];
    return at + size;
}

/* ---- The upgrade. */

size_t websocket_ask(const struct websocket_upgrade *upgrade, char *into, size_t size, char accept[32]) {
    char text[sizeof KEY + sizeof GUID], protocol[64] = "";
    bool six = strchr(upgrade->host, ':');
    if (upgrade->protocol)
        snprintf(protocol, sizeof protocol, "Sec-WebSocket-Protocol: %s\r\n", upgrade->protocol);
    snprintf(text, sizeof text, "%s%s", KEY, GUID);
    tls_digest(text, accept);
    return (size_t)snprintf(
        into, size,
        "GET %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s"
        "User-Agent: tidewire-bots\r\n\r\n",
        upgrade->path, six ? "[" : "", upgrade->host, six ? "]" : "", upgrade->port, KEY, protocol);
}

/* The value of a header within a zero-ended answer, up to its line's end; or NULL. */
static const char *header(const char *answer, const char *name, size_t *length) {
    size_t size = strlen(name);
    for (const char *line = strstr(answer, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, size) != 0 || line[2 + size] != ':') continue;
        const char *value = line + 3 + size;
        value += strspn(value, " ");
        *length = strcspn(value, "\r");
        return value;
    }
    return NULL;
}

static void judge(const char *answer, const char *body, const char *accept, char *why, size_t why_size) {
    size_t length = 0;
    const char *value = header(answer, "Sec-WebSocket-Accept", &length);
    why[0] = 0;
    if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
        snprintf(why, why_size, "the upgrade was answered %.*s: %.*s", (int)strcspn(answer, "\r"), answer,
                 (int)strcspn(body, "\r\n"), body);
    else if (!value || length != strlen(accept) || strncmp(value, accept, length) != 0)
        snprintf(why, why_size, "the upgrade was answered with a wrong Sec-WebSocket-Accept");
}

size_t websocket_answer(const uint8_t *bytes, size_t size, const char *accept, char *why, size_t why_size) {
    char answer[2048];
    size_t length = size < sizeof answer ? size : sizeof answer - 1;
    memcpy(answer, bytes, length);
    answer[length] = 0;
    char *end = strstr(answer, "\r\n\r\n");
    if (!end && size < sizeof answer) return 0;
    judge(answer, end ? end + 4 : "", accept, why, why_size);
    return end ? (size_t)(end + 4 - answer) : size;
}
