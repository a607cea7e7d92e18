#include "protocol/frame.h"

enum { ELEMENTS_MAX = 11, FIRST_LIST = 4 }; /* type, advance, used, late, six lists, hash */

static uint32_t elements_needed(const struct frame *frame) {
    if (frame->hash) return ELEMENTS_MAX;
    for (int i = FRAME_LISTS - 1; i >= 0; i--)
        if (frame->lists[i].elements) return (uint32_t)(FIRST_LIST + 1 + i);
    return frame->late ? 4 : frame->used ? 3 : 2;
}

void frame_write(struct wire_writer *writer, const struct frame *frame) {
    uint32_t elements = elements_needed(frame);
    wire_array(writer, elements);
    wire_uint(writer, MESSAGE_FRAME);
    wire_uint(writer, frame->advance);
    if (elements > 2) wire_uint(writer, frame->used);
    if (elements > 3) wire_uint(writer, frame->late);
    for (uint32_t i = 0; i < FRAME_LISTS && FIRST_LIST + i < elements; i++) {
        wire_array(writer, frame->lists[i].elements);
        if (frame->lists[i].size) wire_copy(writer, frame->lists[i].bytes, frame->lists[i].size);
    }
    if (elements == ELEMENTS_MAX) wire_uint(writer, frame->hash);
}

static struct frame_slice read_list(struct wire_reader *reader) {
    struct frame_slice slice = {.elements = wire_read_array(reader)};
    slice.bytes = reader->at;
    wire_skip_many(reader, slice.elements);
    slice.size = (size_t)(reader->at - slice.bytes);
    return slice;
}

bool frame_read(const uint8_t *bytes, size_t size, struct frame *frame) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    uint32_t elements = wire_read_array(&reader);
    *frame = (struct frame){0};
    if (elements < 1 || elements > ELEMENTS_MAX || wire_read_u32(&reader) != MESSAGE_FRAME) return false;
    if (elements > 1) frame->advance = (uint32_t)wire_read_uint(&reader, LIMIT_ADVANCE);
    if (elements > 2) frame->used = wire_read_u32(&reader);
    if (elements > 3) frame->late = wire_read_u32(&reader);
    for (uint32_t i = 0; i < FRAME_LISTS && FIRST_LIST + i < elements; i++)
        frame->lists[i] = read_list(&reader);
    if (elements == ELEMENTS_MAX) frame->hash = wire_read_uint(&reader, UINT64_MAX);
    return wire_read_all(&reader) && (frame->used || !frame->late);
}
