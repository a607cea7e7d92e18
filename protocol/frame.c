#include "protocol/frame.h"

enum { HASH_ELEMENTS = FRAME_LISTS + 1 };

/* Type and advance, which says whether used follows, which says whether late does. */
static uint32_t elements_before_lists(const struct frame *frame) {
    return frame->late ? 4 : frame->used ? 3 : 2;
}

static uint32_t elements_from_lists(const struct frame *frame) {
    if (frame->hash) return HASH_ELEMENTS;
    for (uint32_t i = FRAME_LISTS; i > 0; i--)
        if (frame->lists[i - 1].elements) return i;
    return 0;
}

/* Below zero, −1 − number, if there is more to say. */
static void write_head(struct wire_writer *writer, uint32_t number, bool more) {
    wire_int(writer, more ? -1 - (int64_t)number : number);
}

static uint32_t read_head(struct wire_reader *reader, uint32_t most, bool *more) {
    int64_t head = wire_read_int(reader, -1 - (int64_t)most, most);
    *more = head < 0;
    return (uint32_t)(head < 0 ? -1 - head : head);
}

void frame_write(struct wire_writer *writer, const struct frame *frame) {
    uint32_t elements = elements_from_lists(frame);
    wire_array(writer, elements_before_lists(frame) + elements);
    wire_uint(writer, MESSAGE_FRAME);
    write_head(writer, frame->advance, frame->used);
    if (frame->used) write_head(writer, frame->used, frame->late);
    if (frame->late) wire_uint(writer, frame->late);
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

/* False if there was no more to say after all. */
static bool read_heads(struct wire_reader *reader, struct frame *frame) {
    bool used, late = false;
    frame->advance = read_head(reader, LIMIT_ADVANCE, &used);
    if (used) frame->used = read_head(reader, UINT32_MAX, &late);
    if (late) frame->late = wire_read_u32(reader);
    return used == (frame->used > 0) && late == (frame->late > 0);
}

bool frame_read(const uint8_t *bytes, size_t size, struct frame *frame) {
    struct wire_reader reader = wire_reader_init(bytes, size);
    uint32_t elements = wire_read_array(&reader);
    *frame = (struct frame){0};
    if (elements < 1 || wire_read_u32(&reader) != MESSAGE_FRAME) return false;
    if (elements == 1) return wire_read_all(&reader);
    if (!read_heads(&reader, frame) || elements < elements_before_lists(frame)) return false;
    elements -= elements_before_lists(frame);
    if (elements > HASH_ELEMENTS) return false;
    for (uint32_t i = 0; i < FRAME_LISTS && i < elements; i++) frame->lists[i] = read_list(&reader);
    if (elements == HASH_ELEMENTS) frame->hash = wire_read_uint(&reader, UINT64_MAX);
    return wire_read_all(&reader);
}
