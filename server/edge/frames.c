/* The head is read anew until it is all there (and with a control frame its payload, too): so nothing but the
 * frame under way has to be remembered. */
#include "server/edge/frames.h"

enum { FIN = 0x80, RESERVED = 0x70, CONTROL = 0x08, MASKED = 0x80 };

struct head {
    uint64_t size; /* of the payload */
    uint8_t bytes; /* of the head itself; 0: not all there yet */
    uint8_t opcode;
    bool last;
    uint8_t mask[4];
};

/* Lengths take the shortest of three forms, or are a fault. */
static bool read_length(const uint8_t *at, uint8_t form, uint64_t *size) {
    size_t bytes = form == 126 ? 2 : 8;
    *size = form;
    if (form < 126) return true;
    *size = 0;
    for (size_t i = 0; i < bytes; i++) *size = *size << 8 | at[i];
    return bytes == 2 ? *size >= 126 : *size > UINT16_MAX && *size >> 63 == 0;
}

/* False: a fault. */
static bool read_head(const uint8_t *at, size_t have, struct head *head) {
    *head = (struct head){0};
    if (have < 2) return have == 0 || !(at[0] & RESERVED);
    uint8_t form = at[1] & 127, bytes = form < 126 ? 6 : form == 126 ? 8 : FRAMES_HEAD_MAX;
    head->opcode = at[0] & 15;
    head->last = at[0] & FIN;
    if (at[0] & RESERVED || !(at[1] & MASKED)) return false;
    if (head->opcode & CONTROL && (!head->last || form >= 126)) return false;
    if (have < bytes) return true;
    head->bytes = bytes;
    memcpy(head->mask, at + bytes - sizeof head->mask, sizeof head->mask);
    return read_length(at + 2, form, &head->size);
}

/* Eight bytes at a time; leaves the mask turned to what comes next. */
static void unmask(uint8_t mask[4], uint8_t *bytes, size_t size) {
    uint64_t wide, word;
    uint8_t turned[4];
    size_t at = 0;
    memcpy(&wide, mask, 4);
    memcpy((uint8_t *)&wide + 4, mask, 4);
    for (; at + sizeof word <= size; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        word ^= wide;
        memcpy(bytes + at, &word, sizeof word);
    }
    for (; at < size; at++) bytes[at] ^= mask[at & 3];
    for (size_t i = 0; i < 4; i++) turned[i] = mask[(size + i) & 3];
    memcpy(mask, turned, sizeof turned);
}

static enum frames_news take_control(struct head *head, uint8_t **at, uint8_t *end,
                                     struct frames_piece *piece) {
    if (head->opcode > FRAMES_PONG) return FRAMES_BROKEN;
    if ((size_t)(end - *at) < head->bytes + head->size) return FRAMES_MORE;
    *piece = (struct frames_piece){
        .bytes = *at + head->bytes, .size = head->size, .opcode = head->opcode, .last = true};
    unmask(head->mask, piece->bytes, piece->size);
    *at += head->bytes + head->size;
    return FRAMES_CONTROL;
}

/* A new message, or the next frame of the one under way. False: neither. */
static bool begin_frame(struct frames *frames, const struct head *head) {
    bool begins = head->opcode == FRAMES_TEXT || head->opcode == FRAMES_BINARY;
    if (begins ? frames->opcode != 0 : head->opcode != 0 || frames->opcode == 0) return false;
    if (begins) frames->opcode = head->opcode;
    frames->left = head->size;
    memcpy(frames->mask, head->mask, sizeof frames->mask);
    frames->inside = true;
    frames->last = head->last;
    return true;
}

static enum frames_news take_payload(struct frames *frames, uint8_t **at, uint8_t *end,
                                     struct frames_piece *piece) {
    size_t have = (size_t)(end - *at), size = have < frames->left ? have : (size_t)frames->left;
    if (size == 0 && frames->left) return FRAMES_MORE;
    frames->left -= size;
    *piece = (struct frames_piece){.bytes = *at,
                                   .size = size,
                                   .remaining = frames->left,
                                   .opcode = frames->opcode,
                                   .last = frames->last && frames->left == 0};
    unmask(frames->mask, piece->bytes, size);
    *at += size;
    if (frames->left == 0) frames->inside = false;
    if (piece->last) frames->opcode = 0;
    return FRAMES_PIECE;
}

enum frames_news frames_next(struct frames *frames, uint8_t **at, uint8_t *end, struct frames_piece *piece) {
    struct head head;
    if (frames->inside) return take_payload(frames, at, end, piece);
    if (!read_head(*at, (size_t)(end - *at), &head)) return FRAMES_BROKEN;
    if (head.bytes == 0) return FRAMES_MORE;
    if (head.opcode & CONTROL) return take_control(&head, at, end, piece);
    if (!begin_frame(frames, &head)) return FRAMES_BROKEN;
    *at += head.bytes;
    return take_payload(frames, at, end, piece);
}

size_t frames_head(uint8_t *payload, uint8_t opcode, size_t size) {
    size_t wide = size < 126 ? 0 : size <= UINT16_MAX ? 2 : 8;
    uint8_t *head = payload - 2 - wide;
    head[0] = (uint8_t)(FIN | opcode);
    head[1] = (uint8_t)(wide == 0 ? size : wide == 2 ? 126 : 127);
    for (size_t i = 0; i < wide; i++) head[2 + i] = (uint8_t)(size >> (8 * (wide - 1 - i)));
    return 2 + wide;
}
