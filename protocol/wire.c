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

/* What is not below zero MessagePack writes alike, signed or not. */
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
    CHECK(size <= UINT8_MAX); /* BYE's are the longest; nothing longer is ever taken */
    msgpack_packer to = packer(writer);
    msgpack_pack_str(&to, size);
    msgpack_pack_str_body(&to, text, size);
}

void wire_array_long(struct wire_writer *writer, uint32_t count) {
    msgpack_packer to = packer(writer);
    msgpack_pack_array(&to, count);
}

/* ---- Reading. */

enum { HEAD_NONE = 0xc1, HEAD_UINT64 = 0xcf }; /* first bytes: opens nothing; an unsigned number of 64 bits */

static uint64_t fail(struct wire_reader *reader) {
    reader->failed = true;
    return 0;
}

/* The first byte of what comes next. */
INLINE uint8_t peek(const struct wire_reader *reader) {
    return reader->failed || reader->at == reader->end ? HEAD_NONE : *reader->at;
}

/* A number of one byte: −32 … 127. */
INLINE bool is_small(uint8_t head) {
    return (int8_t)head >= -32;
}

/* `size` big-endian bytes as a number. */
static uint64_t take(struct wire_reader *reader, size_t size) {
    uint64_t value = 0;
    if (reader->failed || (size_t)(reader->end - reader->at) < size) return fail(reader);
    for (size_t i = 0; i < size; i++) value = value << 8 | *reader->at++;
    return value;
}

/* An integer of 1, 2, 4 or 8 bytes after its head: 0xcc … 0xcf without a sign, 0xd0 … 0xd3 with. (Rare: not
 * worth a copy in each reader.) */
static __attribute__((noinline)) int64_t take_long(struct wire_reader *reader, uint8_t head) {
    if (head < 0xcc || head > 0xd3) return (int64_t)fail(reader);
    int unused = 64 - (8 << (head & 3));
    reader->at++;
    uint64_t value = take(reader, (size_t)1 << (head & 3));
    return head <= HEAD_UINT64 ? (int64_t)value : (int64_t)(value << unused) >> unused;
}

/* Any integer: its 64 bits. Only behind HEAD_UINT64 they may be above INT64_MAX. */
INLINE int64_t take_integer(struct wire_reader *reader, uint8_t head) {
    if (!is_small(head)) return take_long(reader, head);
    reader->at++;
    return (int8_t)head;
}

uint64_t wire_read_uint(struct wire_reader *reader, uint64_t max) {
    uint8_t head = peek(reader);
    int64_t value = take_integer(reader, head);
    return (value < 0 && head != HEAD_UINT64) || (uint64_t)value > max ? fail(reader) : (uint64_t)value;
}

uint32_t wire_read_u32(struct wire_reader *reader) {
    return (uint32_t)wire_read_uint(reader, UINT32_MAX);
}

int64_t wire_read_int(struct wire_reader *reader, int64_t min, int64_t max) {
    uint8_t head = peek(reader);
    int64_t value = take_integer(reader, head);
    bool above = value < 0 && head == HEAD_UINT64;
    return above || value < min || value > max ? (int64_t)fail(reader) : value;
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

static void skip_text(struct wire_reader *reader) {
    size_t length = take_text_size(reader);
    if (reader->failed || (size_t)(reader->end - reader->at) < length)
        fail(reader);
    else
        reader->at += length;
}

static void skip_flat(struct wire_reader *reader) {
    uint8_t head = peek(reader);
    if (head == 0xca)
        wire_read_real(reader);
    else if ((head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb))
        skip_text(reader);
    else
        take_integer(reader, head);
}

void wire_skip(struct wire_reader *reader) {
    uint8_t head = peek(reader);
    bool array = (head >= 0x90 && head < 0xa0) || head == 0xdc || head == 0xdd;
    if (is_small(head))
        reader->at++;
    else if (!array)
        skip_flat(reader);
    else
        for (uint32_t left = wire_read_array(reader); left && !reader->failed; left--) skip_flat(reader);
}

/* How many of eight bytes are numbers of one byte, up to the first that is none: of each the first bit is 0,
 * or the first three are 1. (The lowest byte comes first, as texts in cells count on, too.) */
static uint32_t small_of_eight(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    uint64_t large = word & ~(word << 1 & word << 2) & UINT64_C(0x8080808080808080);
    return large ? (uint32_t)__builtin_ctzll(large) / 8 : 8;
}

void wire_skip_many(struct wire_reader *reader, uint32_t count) {
    while (count && !reader->failed) {
        uint32_t small = count >= 8 && reader->end - reader->at >= 8 ? small_of_eight(reader->at) : 0;
        reader->at += small;
        count -= small;
        if (small == 8) continue;
        wire_skip(reader);
        count--;
    }
}

/* Where the character that begins at `at` ends; NULL if it is none. */
static const uint8_t *utf8_next(const uint8_t *at, const uint8_t *end) {
    if (*at < 0x80) return at + 1;
    int length = __builtin_clz(~((uint32_t)*at << 24)); /* as many leading ones */
    if (length == 1 || length > 4 || end - at < length) return NULL;
    uint32_t point = *at & (0x7fu >> length);
    for (int i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) return NULL;
        point = point << 6 | (at[i] & 0x3fu);
    }
    uint32_t least = length == 2 ? 0x80 : 1u << (5 * length - 4); /* fewer bytes would do below it */
    bool surrogate = point >= 0xd800 && point < 0xe000;
    return point < least || point > 0x10ffff || surrogate ? NULL : at + length;
}

bool wire_utf8(const uint8_t *bytes, size_t size) {
    const uint8_t *end = bytes + size;
    while (bytes && bytes < end) bytes = utf8_next(bytes, end);
    return bytes;
}
