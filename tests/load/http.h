/* A client's side of HTTP/1.1 as the transports without WebSocket need it, without I/O: requests, heads of
 * answers, events of an event stream. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_LINK = 96, HTTP_HEAD_MOST = 4096 };

struct http_answer {
    unsigned status;
    size_t size;          /* of the body */
    bool endless, closes; /* the body goes on until the other end closes; no other request may follow */
    char link[HTTP_LINK]; /* Location, or "" */
    uint32_t retry_ms;    /* Retry-After */
};

/* Writes a request; `body_size` only for POST. Returns its length. */
size_t http_ask(char *into, size_t size, const char *method, const char *host, const char *path,
                size_t body_size);
/* Reads the head of an answer: its length; 0: more bytes are needed, or, if `broken`, it is none. */
size_t http_head(const uint8_t *bytes, size_t size, struct http_answer *answer, bool *broken);
/* One message off a row of them: its head's length and its size. 0: more bytes are needed. */
size_t http_piece(const uint8_t *bytes, size_t size, size_t *message_size, bool *broken);
/* One event off an event stream: how many bytes it takes, and its message, decoded into `into` (`bytes` long
 * at least by three quarters); *message_size 0: there was none in it. 0: more bytes are needed. */
size_t http_event(const uint8_t *bytes, size_t size, uint8_t *into, size_t *message_size);
