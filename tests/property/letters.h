/* Letters under way in one direction, on a way with weather: they arrive in order, each after its own delay.
 */
#pragma once
#include "game/math.h"
#include "protocol/base.h"
#include <string.h>

enum { LETTERS = 512 /* under way at once */, LETTER_BYTES = 2048 };

struct weather {
    uint32_t delay_us, jitter_us, stall_us; /* stalls come seldom: once in a thousand letters */
};
struct letter {
    uint64_t due_us;
    size_t size;
    uint8_t bytes[LETTER_BYTES];
};
struct letters {
    struct letter all[LETTERS];
    uint32_t first, count;
};

static inline void letters_post(struct letters *letters, const struct weather *weather, uint64_t *dice,
                                uint64_t now_us, const uint8_t *bytes, size_t size) {
    CHECK(letters->count < LETTERS && size <= LETTER_BYTES);
    uint32_t next = letters->first + letters->count;
    struct letter *letter = &letters->all[next % LETTERS];
    uint64_t before_us = letters->count ? letters->all[(next - 1) % LETTERS].due_us : 0;
    uint64_t due_us = now_us + weather->delay_us + dice_below(dice, weather->jitter_us + 1);
    if (weather->stall_us && dice_below(dice, 1000) == 0) due_us += weather->stall_us;
    letter->due_us = due_us > before_us ? due_us : before_us;
    letter->size = size;
    memcpy(letter->bytes, bytes, size);
    letters->count++;
}

/* The next that has arrived, or NULL; valid until another is posted. */
static inline const struct letter *letters_arrived(struct letters *letters, uint64_t now_us) {
    const struct letter *letter = &letters->all[letters->first];
    if (letters->count == 0 || letter->due_us > now_us) return NULL;
    letters->first = (letters->first + 1) % LETTERS;
    letters->count--;
    return letter;
}
