/* A server's reading of WebSocket frames (RFC 6455) out of bytes as they come: control frames whole, messages
 * in pieces. Pure; unmasks in place. No extensions: reserved bits break a connection, and so does a frame
 * without a mask. */
#pragma once
#include "protocol/base.h"

enum {
    FRAMES_TEXT = 1,
    FRAMES_BINARY = 2,
    FRAMES_CLOSE = 8,
    FRAMES_PING = 9,
    FRAMES_PONG = 10,
    FRAMES_CONTROL_MAX = 125, /* bytes of a control frame's payload, by RFC 6455 */
    FRAMES_HEAD_MAX = 14,     /* bytes before a client's payload */
    FRAMES_REST_MAX = FRAMES_HEAD_MAX + FRAMES_CONTROL_MAX - 1 /* what FRAMES_MORE may leave over */
};

struct frames {      /* of one connection; zeroed at its start */
    uint64_t left;   /* bytes of payload that the frame under way still has to come */
    uint8_t mask[4]; /* of that payload, beginning with the next byte */
    uint8_t opcode;  /* of the message under way; 0: none */
    bool inside;     /* a frame of it is under way, */
    bool last;       /* and the message ends with it */
};

enum frames_news {
    FRAMES_MORE,    /* nothing whole is left: keep what is between *at and the end for the next time */
    FRAMES_PIECE,   /* of a message */
    FRAMES_CONTROL, /* a whole control frame */
    FRAMES_BROKEN   /* a fault of framing: this stream can't be read any further */
};
struct frames_piece { /* valid as long as the bytes that it was read from */
    uint8_t *bytes;
    size_t size;
    uint64_t remaining; /* of this frame's payload */
    uint8_t opcode;     /* FRAMES_TEXT, FRAMES_BINARY; of a control frame its own */
    bool last;          /* the message is whole with it */
};

/* Takes the next piece off the front of *at … end, and moves *at behind it. */
enum frames_news frames_next(struct frames *frames, uint8_t **at, uint8_t *end, struct frames_piece *piece);
/* Writes a server's frame head right before `payload` and returns how many bytes it takes: 2, 4 or 10. */
size_t frames_head(uint8_t *payload, uint8_t opcode, size_t size);
