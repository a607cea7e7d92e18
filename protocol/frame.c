#include "protocol/frame.h"

enum { HASH_ELEMENTS = FRAME_LISTS + 1 };

/* The number, which says whether used follows, which says whether late does. */
static uint32_t elements_before_lists(const struct frame *frame) {
    return frame->late ? 3 : frame->used ? 2 : 1;
}

static uint32_t elements_from_lists(const struct frame *frame) {
    if (frame->hash) return HASH_ELEMENTS;
    for (uint32_t i = FRAME_LISTS; i > 0; i--)
        if (frame->lists[i - 1].elements) return i;
    return 0;
}

static void write_head(struct wire_writer *writer, const struct frame *frame) {
    wire_uint(writer, frame_number(frame));
    if (frame->used) wire_int(writer, frame->late ? -1 - (int64_t)frame->used : frame->used);
    if (frame->late) wire_uint(writer, frame->late);
}

void frame_write(struct wire_writer *writer, const struct frame *frame) {
    uint32_t elements = elements_from_lists(frame);
    wire_array(writer, elements_before_lists(frame) + elements);
    write_head(writer, frame);
    for (uint32_t i = 0; i < FRAME_LISTS && i < elements; i++) {
        wire_array(writer, frame->lists[i].elements);
        if (frame->lists[i].size) wire_copy(writer, frame->lists[i].bytes, frame->lists[i].size);
    }
    if (elements == HASH_ELEMENTS) wire_uint(writer, frame->hash);
}

static struct frame_slice read_list(struct wire_reader *reader) {
    struct frame_slice slice = {.elements = wire_read_array(reader)};
    slice.bytes = reader->at;
    wire_skip_many(reader, slice.elements);
    slice.size = (size_t)(reader->at - slice.bytes);
    return slice;
}

/* False if it is no frame, or if there is nothing to say of inputs after all. */
static bool read_head(struct wire_reader *reader, struct frame *frame) {
    uint32_t number = (uint32_t)wire_read_uint(reader, MESSAGE_FRAME + 2 * LIMIT_ADVANCE + 1);
    if (number < MESSAGE_FRAME) return false;
    frame->advance = frame_advance(number);
    if (number % 2 == 0) return true;
    int64_t used = wire_read_int(reader, -1 - (int64_t)UINT32_MAX, UINT32_MAX);
    frame->used = (uint32_t)(used < 0 ? -1 - used : used);
    if (used < 0) frame->late = wire_read_u32(reader);
    return frame->used && (used > 0 || frame->late);
}

bool frame_read(const uint8_t *bytes, size_t size, struct frame *frame) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    uint32_t elements = wire_read_array(&reader);
    *frame = (struct frame){0};
    if (!read_head(&reader, frame) || elements < elements_before_lists(frame)) return false;
    elements -= elements_before_lists(frame);
    if (elements > HASH_ELEMENTS) return false;
    for (uint32_t i = 0; i < FRAME_LISTS && i < elements; i++) frame->lists[i] = read_list(&reader);
    if (elements == HASH_ELEMENTS) frame->hash = wire_read_uint(&reader, UINT64_MAX);
    return wire_read_all(&reader);
}
