/* The outline of a frame: its numbers and lists. Lists are flat elements that are encoded already; the frame
 * gives them their array's head. What is in them: protocol/delta.h, and docs/protocol.md. */
#pragma once
#include "protocol/delta.h"

enum frame_list {
    FRAME_CHANGES,
    FRAME_ENTERINGS,
    FRAME_LEAVINGS,
    FRAME_STALE,
    FRAME_EVENTS,
    FRAME_ANSWERS,
    FRAME_LISTS
};

struct frame_slice {
    const uint8_t *bytes;
    size_t size;
    uint32_t elements;
};

struct frame {
    uint32_t advance, used, late;
    struct frame_slice lists[FRAME_LISTS];
    uint64_t hash; /* 0: not stated */
};

/* A frame's number says its advance, and by its lowest bit whether `used` follows. */
static inline uint32_t frame_number(const struct frame *frame) {
    return MESSAGE_FRAME + 2 * frame->advance + (frame->used > 0);
}
static inline uint32_t frame_advance(uint32_t number) {
    return (number - MESSAGE_FRAME) / 2;
}
/* Writes the frame, without the trailing elements that are empty. */
void frame_write(struct wire_writer *writer, const struct frame *frame);
/* Reads the outline; slices point into `bytes`. False if it is no frame, or malformed outside of its lists.
 */
bool frame_read(const uint8_t *bytes, size_t size, struct frame *frame);
