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

/* Writes the frame, without the trailing elements that are empty. */
void frame_write(struct wire_writer *writer, const struct frame *frame);
/* Reads the outline; slices point into `bytes`. False if it is no frame, or malformed outside of its lists.
 */
bool frame_read(const uint8_t *bytes, size_t size, struct frame *frame);
