/* Messages in a row of bytes, as HTTP bodies carry them: each is preceded by its length as an unsigned LEB128
 * number. WebSocket has frames of its own and needs none of this. */
#pragma once
#include "protocol/base.h"
#include "protocol/limits.h"

enum { PIECE_HEAD = 3 /* bytes that a length takes at most: LIMIT_FRAME has 18 bits */ };

/* Writes the length of a message, at most LIMIT_FRAME; returns how many bytes it takes. */
static inline size_t piece_head(uint8_t into[PIECE_HEAD], size_t size) {
    size_t at = 0;
    for (; size >= 0x80; size >>= 7) into[at++] = (uint8_t)(size | 0x80);
    into[at++] = (uint8_t)size;
    return at;
}

struct piece_reader {
    const uint8_t *at, *end;
    bool failed; /* what is left is no message with its length */
};

/* Reads these bytes, which stay the caller's and outlive the reader. */
static inline struct piece_reader piece_reader_init(const uint8_t *bytes, size_t size) {
    return (struct piece_reader){.at = bytes, .end = size ? bytes + size : bytes};
}
/* The next message, which lies within the reader's bytes. False: there is none, or the reader failed. */
bool piece_next(struct piece_reader *reader, const uint8_t **message, size_t *size);
