/* Whether bytes are UTF-8 (RFC 3629), told piece by piece: no overlong forms, no surrogates, nothing beyond
 * U+10FFFF. For texts of the echo and the reasons of closing frames. */
#include "server/edge/net_internal.h"

static bool start(struct utf8 *utf8, uint8_t byte) {
    if (byte < 0x80) return true;
    *utf8 = (struct utf8){.low = 0x80, .high = 0xBF};
    if (byte >= 0xC2 && byte <= 0xDF) utf8->need = 1;
    if (byte >= 0xE0 && byte <= 0xEF) utf8->need = 2;
    if (byte >= 0xF0 && byte <= 0xF4) utf8->need = 3;
    if (byte == 0xE0) utf8->low = 0xA0;  /* else it would fit two bytes */
    if (byte == 0xED) utf8->high = 0x9F; /* else a surrogate */
    if (byte == 0xF0) utf8->low = 0x90;  /* else it would fit three */
    if (byte == 0xF4) utf8->high = 0x8F; /* else beyond the last one */
    return utf8->need > 0;
}

static bool go_on(struct utf8 *utf8, uint8_t byte) {
    bool fine = byte >= utf8->low && byte <= utf8->high;
    *utf8 = (struct utf8){.need = (uint8_t)(utf8->need - 1), .low = 0x80, .high = 0xBF};
    return fine;
}

bool utf8_feed(struct utf8 *utf8, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!(utf8->need ? go_on(utf8, bytes[i]) : start(utf8, bytes[i]))) return false;
    return true;
}
