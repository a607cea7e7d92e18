#include "tests/load/http.h"
#include "protocol/limits.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t http_ask(char *into, size_t size, const char *method, const char *host, const char *path,
                size_t body_size) {
    char length[48] = "";
    if (strcmp(method, "POST") == 0) snprintf(length, sizeof length, "Content-Length: %zu\r\n", body_size);
    int written = snprintf(into, size, "%s %s HTTP/1.1\r\nHost: %s\r\n%sUser-Agent: tidewire-bots\r\n\r\n",
                           method, path, host, length);
    return written > 0 && (size_t)written < size ? (size_t)written : 0;
}

/* ---- Heads. */

static void take_line(struct http_answer *answer, const char *line) {
    if (strncasecmp(line, "Content-Length:", 15) == 0) {
        answer->size = strtoul(line + 15, NULL, 10);
        answer->endless = false;
    }
    if (strncasecmp(line, "Connection: close", 17) == 0) answer->closes = true;
    if (strncasecmp(line, "Retry-After:", 12) == 0)
        answer->retry_ms = 1000 * (uint32_t)strtoul(line + 12, NULL, 10);
    if (strncasecmp(line, "Location:", 9) == 0)
        snprintf(answer->link, sizeof answer->link, "%s", line + 9 + strspn(line + 9, " "));
}

size_t http_head(const uint8_t *bytes, size_t size, struct http_answer *answer, bool *broken) {
    char head[HTTP_HEAD_MOST], *rest = head;
    size_t length = size < sizeof head - 1 ? size : sizeof head - 1;
    memcpy(head, bytes, length);
    head[length] = 0;
    char *end = strstr(head, "\r\n\r\n");
    *broken = (length >= 9 && strncmp(head, "HTTP/1.1 ", 9) != 0) || (!end && length == sizeof head - 1);
    if (*broken || !end) return 0;
    *end = 0;
    *answer = (struct http_answer){.status = (unsigned)strtoul(head + 9, NULL, 10), .endless = true};
    while (rest) {
        char *line = strsep(&rest, "\n");
        line[strcspn(line, "\r")] = 0;
        take_line(answer, line);
    }
    if (answer->status == 204 || answer->status == 304) answer->endless = false;
    return (size_t)(end - head) + 4;
}

/* ---- Bodies. */

size_t http_piece(const uint8_t *bytes, size_t size, size_t *message_size, bool *broken) {
    *message_size = 0;
    for (size_t i = 0; i < size; i++) {
        *message_size |= (size_t)(bytes[i] & 0x7F) << (7 * i);
        *broken = i > 2 || *message_size > LIMIT_FRAME;
        if (*broken) return 0;
        if (!(bytes[i] & 0x80)) return size - i - 1 >= *message_size ? i + 1 : 0;
    }
    return 0;
}

static uint32_t six_bits(uint8_t letter) {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26u;
    if (letter >= '0' && letter <= '9') return letter - '0' + 52u;
    return letter == '+' ? 62 : 63;
}

static size_t decode64(const uint8_t *text, size_t length, uint8_t *into) {
    uint32_t held = 0, bits = 0;
    size_t size = 0;
    for (size_t i = 0; i < length && text[i] != '='; i++) {
        held = held << 6 | six_bits(text[i]);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        into[size++] = (uint8_t)(held >> bits);
    }
    return size;
}

size_t http_event(const uint8_t *bytes, size_t size, uint8_t *into, size_t *message_size) {
    const uint8_t *end = memmem(bytes, size, "\n\n", 2);
    *message_size = 0;
    if (!end) return 0;
    const uint8_t *data = memmem(bytes, size, "data: ", 6);
    bool begins = data && data < end && (data == bytes || data[-1] == '\n');
    if (begins) *message_size = decode64(data + 6, (size_t)(end - data - 6), into);
    return (size_t)(end - bytes) + 2;
}
