#include "tests/load/mix.h"
#include "game/math.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *pass_spaces(const char *at) {
    while (isspace((unsigned char)*at)) at++;
    return at;
}

/* `N% WORD` or `WORD`; returns what follows, or NULL. */
static const char *read_part(struct mix_part *part, const char *at) {
    char *end;
    double number = strtod(at, &end);
    *part = (struct mix_part){.share = 1};
    if (*pass_spaces(end) == '%' && end != at) {
        part->share = number / 100;
        at = pass_spaces(pass_spaces(end) + 1);
    }
    size_t length = strcspn(at, ", \t\r\n");
    if (length == 0 || length >= MIX_WORD || !(part->share >= 0)) return NULL;
    memcpy(part->word, at, length);
    return pass_spaces(at + length);
}

bool mix_read(struct mix *mix, const char *text) {
    const char *at = pass_spaces(text);
    double sum = 0;
    mix->count = 0;
    for (;; at = pass_spaces(at + 1)) {
        if (mix->count == MIX_PARTS || !(at = read_part(&mix->parts[mix->count], at))) return false;
        sum += mix->parts[mix->count++].share;
        if (*at == 0) break;
        if (*at != ',') return false;
    }
    return sum > 0.999 && sum < 1.001;
}

uint32_t mix_part_of(const struct mix *mix, uint64_t seed, uint32_t who) {
    uint64_t dice = dice_seed(seed * UINT64_C(2654435761) + who);
    double left = dice_next(&dice) / 4294967296.0;
    for (uint32_t i = 0; i + 1 < mix->count; i++)
        if ((left -= mix->parts[i].share) < 0) return i;
    return mix->count - 1;
}
