/* A client's side of RFC 6455, without I/O: the upgrade, frames both ways, fragments put together. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEBSOCKET_HEAD = 14, WEBSOCKET_BINARY = 2, WEBSOCKET_CLOSE = 8, WEBSOCKET_PONG = 10 };
enum websocket_news {
    WEBSOCKET_MORE,    /* no whole frame is there: bring more bytes */
    WEBSOCKET_NOTHING, /* a frame that needs nothing done: a fragment, a PONG */
    WEBSOCKET_MESSAGE, /* a whole binary message */
    WEBSOCKET_PINGED,  /* answer with a PONG of the same bytes */
    WEBSOCKET_CLOSED,  /* `code` says why; 1005: it did not say */
    WEBSOCKET_BROKEN   /* this is no WebSocket of ours */
};

struct websocket {    /* zeroed at its start */
    uint8_t *message; /* fragments so far, or the last message made of them */
    size_t message_size;
    bool fragmented;
};
struct websocket_piece {
    const uint8_t *bytes; /* valid until the next call */
    size_t size;
    unsigned code;
};

/* Takes one frame off the front of *at … end and moves *at behind it. */
enum websocket_news websocket_next(struct websocket *websocket, const uint8_t **at, const uint8_t *end,
                                   struct websocket_piece *piece);
void websocket_free(struct websocket *websocket);
/* Writes one whole, masked frame into size + WEBSOCKET_HEAD bytes; returns its length. */
size_t websocket_write(uint8_t *into, uint8_t opcode, const uint8_t *bytes, size_t size, uint32_t mask);

struct websocket_upgrade {
    const char *host, *port, *path, *protocol; /* protocol NULL: none */
};
/* Writes the request; returns its length, and in `accept` the answer that it must get. */
size_t websocket_ask(const struct websocket_upgrade *upgrade, char *into, size_t size, char accept[32]);
/* Reads the answer: its length, 0 if more bytes are needed. Words in `why` if it is a refusal, else "". */
size_t websocket_answer(const uint8_t *bytes, size_t size, const char *accept, char *why, size_t why_size);
