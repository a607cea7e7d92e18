/* The one user of msgpack-c: its header-only packer, with a sink that cannot overflow. */
#include "protocol/wire.h"
#include <msgpack/pack.h>

static int sink(void *data, const char *bytes, size_t size) {
    struct wire_writer *writer = data;
    wire_copy(writer, (const uint8_t *)bytes, size);
    return writer->full ? -1 : 0;
}

static msgpack_packer packer(struct wire_writer *writer) {
    msgpack_packer made;
    msgpack_packer_init(&made, writer, sink);
    return made;
}

void wire_int_long(struct wire_writer *writer, int64_t value) {
    msgpack_packer to = packer(writer);
    msgpack_pack_int64(&to, value);
}

/* MessagePack writes what is not below zero alike, whatever it was. */
void wire_uint_long(struct wire_writer *writer, uint64_t value) {
    msgpack_packer to = packer(writer);
    if (value <= INT64_MAX)
        wire_int_long(writer, (int64_t)value);
    else
        msgpack_pack_fix_uint64(&to, value);
}

void wire_real(struct wire_writer *writer, float value) {
    msgpack_packer to = packer(writer);
    msgpack_pack_float(&to, value);
}

void wire_text(struct wire_writer *writer, const char *text) {
    size_t size = strlen(text);
    msgpack_packer to = packer(writer);
    msgpack_pack_str(&to, size);
    msgpack_pack_str_body(&to, text, size);
}

void wire_array_long(struct wire_writer *writer, uint32_t count) {
    msgpack_packer to = packer(writer);
    msgpack_pack_array(&to, count);
}

/* ---- Reading. */

static uint64_t fail(struct wire_reader *reader) {
    reader->failed = true;
    return 0;
}

/* `size` big-endian bytes as a number. */
static uint64_t take(struct wire_reader *reader, size_t size) {
    uint64_t value = 0;
    if (reader->failed || (size_t)(reader->end - reader->at) < size) return fail(reader);
    for (size_t i = 0; i < size; i++) value = value << 8 | *reader->at++;
    return value;
}

/* Any integer: its 64 bits, and whether it is below zero. */
static uint64_t take_integer(struct wire_reader *reader, bool *negative) {
    uint8_t head = (uint8_t)take(reader, 1);
    *negative = false;
    if (head < 0x80) return head;
    if (head >= 0xcc && head <= 0xcf) return take(reader, (size_t)1 << (head - 0xcc));
    uint64_t value;
    switch (head) {
    case 0xd0:
        value = (uint64_t)(int64_t)(int8_t)take(reader, 1);
        break;
    case 0xd1:
        value = (uint64_t)(int64_t)(int16_t)take(reader, 2);
        break;
    case 0xd2:
        value = (uint64_t)(int64_t)(int32_t)take(reader, 4);
        break;
    case 0xd3:
        value = take(reader, 8);
        break;
    default:
        if (head < 0xe0) return fail(reader);
        value = (uint64_t)(int64_t)(int8_t)head;
    }
    *negative = (int64_t)value < 0;
    return value;
}

uint64_t wire_read_uint(struct wire_reader *reader, uint64_t max) {
    bool negative;
    uint64_t value = take_integer(reader, &negative);
    return negative || value > max ? fail(reader) : value;
}

int64_t wire_read_int(struct wire_reader *reader, int64_t min, int64_t max) {
    bool negative;
    uint64_t value = take_integer(reader, &negative);
    if (reader->failed || (!negative && value > INT64_MAX)) return (int64_t)fail(reader);
    return (int64_t)value < min || (int64_t)value > max ? (int64_t)fail(reader) : (int64_t)value;
}

float wire_read_real(struct wire_reader *reader) {
    if (take(reader, 1) != 0xca) fail(reader);
    uint32_t bits = (uint32_t)take(reader, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static size_t take_text_size(struct wire_reader *reader) {
    uint8_t head = (uint8_t)take(reader, 1);
    if (head >= 0xa0 && head < 0xc0) return head & 31;
    if (head >= 0xd9 && head <= 0xdb) return (size_t)take(reader, (size_t)1 << (head - 0xd9));
    return (size_t)fail(reader);
}

void wire_read_text(struct wire_reader *reader, char *into, size_t size) {
    size_t length = take_text_size(reader);
    memset(into, 0, size);
    if (reader->failed || length >= size || (size_t)(reader->end - reader->at) < length ||
        memchr(reader->at, 0, length) || !wire_utf8(reader->at, length)) {
        fail(reader);
        return;
    }
    memcpy(into, reader->at, length);
    reader->at += length;
}

uint32_t wire_read_array(struct wire_reader *reader) {
    uint8_t head = (uint8_t)take(reader, 1);
    uint64_t count = 0;
    if (head >= 0x90 && head < 0xa0)
        count = head & 15;
    else if (head == 0xdc || head == 0xdd)
        count = take(reader, head == 0xdc ? 2 : 4);
    else
        fail(reader);
    if (reader->failed || count > (size_t)(reader->end - reader->at)) return (uint32_t)fail(reader);
    return (uint32_t)count;
}

static void skip_flat(struct wire_reader *reader) {
    if (reader->failed || reader->at == reader->end) {
        fail(reader);
        return;
    }
    uint8_t head = *reader->at;
    bool negative;
    if (head == 0xca) {
        wire_read_real(reader);
    } else if ((head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb)) {
        size_t length = take_text_size(reader);
        if (reader->failed || (size_t)(reader->end - reader->at) < length)
            fail(reader);
        else
            reader->at += length;
    } else {
        take_integer(reader, &negative);
    }
}

void wire_skip(struct wire_reader *reader) {
    bool array = !reader->failed && reader->at < reader->end &&
                 ((*reader->at >= 0x90 && *reader->at < 0xa0) || *reader->at == 0xdc || *reader->at == 0xdd);
    if (!array) {
        skip_flat(reader);
        return;
    }
    for (uint32_t left = wire_read_array(reader); left && !reader->failed; left--) skip_flat(reader);
}

/* How many bytes the sequence that `head` opens has; 0: none opens so. `min` is its smallest legal code
 * point. */
static size_t utf8_length(uint8_t head, uint32_t *min) {
    if (head < 0x80) return *min = 0, 1;
    if (head >= 0xc2 && head < 0xe0) return *min = 0x80, 2;
    if (head >= 0xe0 && head < 0xf0) return *min = 0x800, 3;
    if (head >= 0xf0 && head < 0xf5) return *min = 0x10000, 4;
    return 0;
}

bool wire_utf8(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size;) {
        uint32_t min, point;
        size_t length = utf8_length(bytes[i], &min);
        if (length == 0 || length > size - i) return false;
        point = length == 1 ? bytes[i] : bytes[i] & (0x7fu >> length);
        for (size_t k = 1; k < length; k++) {
            if ((bytes[i + k] & 0xc0) != 0x80) return false;
            point = point << 6 | (bytes[i + k] & 0x3fu);
        }
        if (point < min || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
        i += length;
    }
    return true;
}
