/* A stated mix: `90% fibre, 8% 4g, 2% tunnel`. Words with their shares, given out by seeded chance. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MIX_PARTS = 8, MIX_WORD = 24 };

struct mix {
    struct mix_part {
        char word[MIX_WORD];
        double share; /* of 1 */
    } parts[MIX_PARTS];
    uint32_t count;
};

/* Reads it; one word alone has everything. False: malformed, or the shares are not 100 % together. */
bool mix_read(struct mix *mix, const char *text);
/* Which part falls to number `who`: the same for the same seed. */
uint32_t mix_part_of(const struct mix *mix, uint64_t seed, uint32_t who);
