/* MessagePack, bounded on both sides. Writing goes through msgpack-c's packer into a buffer of the caller's;
 * reading is our own cursor, because msgpack-c allocates what a stranger's header claims (upstream issue
 * 1013). Both remember their first failure, to be looked at once at the end. */
#pragma once
#include "protocol/base.h"

struct wire_writer {
    uint8_t *bytes;
    size_t size, capacity; /* size: written so far; stays within capacity */
    bool full;             /* something did not fit; what is written by then is worthless */
};

static inline struct wire_writer wire_writer_init(uint8_t *bytes, size_t capacity) {
    return (struct wire_writer){.bytes = bytes, .capacity = capacity};
}
/* Numbers take the fewest bytes that hold them. */
void wire_uint_long(struct wire_writer *writer, uint64_t value);
void wire_int_long(struct wire_writer *writer, int64_t value);
void wire_real(struct wire_writer *writer, float value);
/* `text` ends with a zero. */
void wire_text(struct wire_writer *writer, const char *text);
/* Bytes that are encoded already. */
static inline void wire_copy(struct wire_writer *writer, const uint8_t *bytes, size_t size) {
    if (writer->capacity - writer->size < size) {
        writer->full = true;
        return;
    }
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}
/* One byte without a call for the usual case: gaps and small differences. */
static inline void wire_uint(struct wire_writer *writer, uint64_t value) {
    if (value < 128 && writer->size < writer->capacity)
        writer->bytes[writer->size++] = (uint8_t)value;
    else
        wire_uint_long(writer, value);
}
static inline void wire_int(struct wire_writer *writer, int64_t value) {
    if (value >= -32 && value < 128 && writer->size < writer->capacity)
        writer->bytes[writer->size++] = (uint8_t)value;
    else
        wire_int_long(writer, value);
}

/* The head of an array of `count` elements; they follow. */
void wire_array_long(struct wire_writer *writer, uint32_t count);
static inline void wire_array(struct wire_writer *writer, uint32_t count) {
    if (count < 16 && writer->size < writer->capacity)
        writer->bytes[writer->size++] = (uint8_t)(0x90 | count);
    else
        wire_array_long(writer, count);
}

struct wire_reader {
    const uint8_t *at, *end;
    bool failed; /* from now on every read gives 0 and moves nothing */
};

/* Reads these bytes, which stay the caller's and outlive the reader. */
static inline struct wire_reader wire_reader_init(const uint8_t *bytes, size_t size) {
    return (struct wire_reader){.at = bytes, .end = size ? bytes + size : bytes};
}
/* An integer of any width within the bounds, both included; else the reader fails. */
uint64_t wire_read_uint(struct wire_reader *reader, uint64_t max);
uint32_t wire_read_u32(struct wire_reader *reader); /* of 32 bits at most */
int64_t wire_read_int(struct wire_reader *reader, int64_t min, int64_t max);
float wire_read_real(struct wire_reader *reader);
/* A string shorter than `size`, without zero bytes, of valid UTF-8; copied with its end, the rest of `into`
 * zeroed. */
void wire_read_text(struct wire_reader *reader, char *into, size_t size);
/* The head of an array; fails if it claims more elements than bytes remain. */
uint32_t wire_read_array(struct wire_reader *reader);
/* Passes over one element: a number, text, or an array of such (one level, no deeper). */
void wire_skip(struct wire_reader *reader);
/* Passes over `count` of them: a frame's list may have thousands. */
void wire_skip_many(struct wire_reader *reader, uint32_t count);
/* Whether all was read without a failure. */
static inline bool wire_read_all(const struct wire_reader *reader) {
    return !reader->failed && reader->at == reader->end;
}
/* Whether these bytes are UTF-8 (RFC 3629: shortest forms, no surrogates). */
bool wire_utf8(const uint8_t *bytes, size_t size);
