#include "protocol/piece.h"

/* False: it doesn't end within the bytes, or within as many as a length may take. */
static bool read_head(struct piece_reader *reader, size_t *size) {
    *size = 0;
    for (unsigned i = 0; i < PIECE_HEAD && reader->at < reader->end; i++) {
        uint8_t byte = *reader->at++;
        *size |= (size_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) return true;
    }
    return false;
}

bool piece_next(struct piece_reader *reader, const uint8_t **message, size_t *size) {
    if (reader->failed || reader->at == reader->end) return false;
    reader->failed = !read_head(reader, size) || *size > (size_t)(reader->end - reader->at);
    if (reader->failed) return false;
    *message = reader->at;
    reader->at += *size;
    return true;
}
